"""Routing strategies, the entries of a route that are not targets, jitter, and the states of a circuit breaker."""

from enum import IntEnum


class Strategy(IntEnum):
    SIMPLE_SHUFFLE = 0
    LEAST_BUSY = 1
    POWER_OF_TWO = 2
    USAGE_BASED = 3
    LATENCY_BASED = 4
    COST_BASED = 5
    CASCADE = 6
    COMPLEXITY = 7


def strategy_of(name: str) -> Strategy:
    """The code of a strategy by its name in a scenario, e.g. `usage-based-routing`."""
    return Strategy[name.removesuffix("-routing").replace("-", "_").upper()]


class FallbackKind(IntEnum):
    """Fallbacks that are not targets (targets are their non-negative identifiers)."""

    CACHED_ANSWER = -2
    HUMAN = -3


class Jitter(IntEnum):
    """How the wait before a retry is jittered."""

    NONE = 0
    FULL = 1
    EQUAL = 2


class Breaker(IntEnum):
    """States of a circuit breaker."""

    CLOSED = 0
    OPEN = 1
    HALF_OPEN = 2
