"""What an incident can change, one word per number in the data plane's tables."""

from enum import IntEnum
from typing import NamedTuple


class Aspect(IntEnum):
    """What is changed, the place it is changed at, and how several changes at once compose."""

    DOWN = 0  # (station,): outages count; attempts fail at once, those in flight are lost
    LOST = 1  # (station,): replicas that are gone add up
    LOST_REPLICA = 2  # (station, number of the replica): counts
    SHORTAGE = 3  # (station of a team,): shares 1 - Π(1 - p)
    SLOWNESS = 4  # (station,): factors multiply
    TTFT = 5  # (station,): factors multiply, on top of SLOWNESS
    ERROR = 6  # (station,): shares 1 - Π(1 - p), with the station's own error rate
    REFUSED = 7  # (station,): shares 1 - Π(1 - p)
    QUOTA = 8  # (station,): factors multiply
    WAY_FACTOR = 9  # (region, station): factors on the one-way time multiply
    WAY_EXTRA = 10  # (region, station): seconds one way add up, after the factors
    WAY_LOSS = 11  # (region, station): shares 1 - Π(1 - p)
    DEMAND = 12  # (stream,): factors multiply
    SUCCESS_OF_TARGET = 13  # (target,): shares add up
    SUCCESS_OF_WORKLOAD = 14  # (workload,): shares add up
    OUTPUT = 15  # (workload,): factors multiply
    REJECT = 16  # (workload,): shares 1 - Π(1 - p), with the contract's own
    CACHE_DOWN = 17  # (instance,): counts; empty from the start of the first
    FLUSH = 18  # (instance,): emptied at the start
    SHARED_QUOTA = 19  # (first limit, number of limits): factors multiply
    OVERLOADED = 20  # (station,): shares 1 - Π(1 - p)


class Effect(NamedTuple):
    """One number that an incident changes while it lasts."""

    aspect: Aspect
    place: tuple[int, ...]
    value: float
