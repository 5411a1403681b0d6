"""Priorities of workloads: the order in which a queue serves; and how token lengths of a trace are chosen."""

from enum import IntEnum


class Priority(IntEnum):
    INTERACTIVE = 0
    BATCH = 1


class LengthOrder(IntEnum):
    DRAWN = 0  # any row
    ROWS = 1  # of first turns, a row for each arrival
    SESSIONS = 2  # all calls of a session for each arrival
