"""How the wait before a retry is jittered, and the states of a circuit breaker."""

from enum import IntEnum


class Jitter(IntEnum):
    NONE = 0
    FULL = 1
    EQUAL = 2


class Breaker(IntEnum):
    CLOSED = 0
    OPEN = 1
    HALF_OPEN = 2
