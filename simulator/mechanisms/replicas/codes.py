"""How a pool picks a replica, what a replica may do, and in what it counts memory."""

from enum import IntEnum

BLOCK_TOKENS = 16  # of the KV cache, as in vLLM


class Balancing(IntEnum):
    """Which replica takes the next request."""

    ROUND_ROBIN = 0
    LEAST_OUTSTANDING = 1
    PREFIX_AFFINITY = 2


class ReplicaState(IntEnum):
    OFF = 0  # not started, drained to the end, or lost
    SERVING = 1
    DRAINING = 2  # takes nothing new, ends what runs
