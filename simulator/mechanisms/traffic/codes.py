"""Priorities of workloads: the order in which a queue serves."""

from enum import IntEnum


class Priority(IntEnum):
    INTERACTIVE = 0
    BATCH = 1
