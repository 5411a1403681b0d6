"""Routing strategies and the entries of a route that are not targets."""

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


class FallbackKind(IntEnum):
    """Fallbacks that are not targets (targets are their non-negative identifiers)."""

    CACHED_ANSWER = -2
    HUMAN = -3
