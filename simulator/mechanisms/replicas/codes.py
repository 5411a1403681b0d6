"""How a pool picks a replica, and what a replica may do."""

from enum import IntEnum


class Balancing(IntEnum):
    """Which replica takes the next request."""

    ROUND_ROBIN = 0
    LEAST_OUTSTANDING = 1
    PREFIX_AFFINITY = 2


class ReplicaState(IntEnum):
    OFF = 0  # not started, drained to the end, or lost
    SERVING = 1
    DRAINING = 2  # takes nothing new, ends what runs
