"""How the wait before a retry is jittered."""

from enum import IntEnum


class Jitter(IntEnum):
    NONE = 0
    FULL = 1
    EQUAL = 2
