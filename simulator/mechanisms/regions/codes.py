"""Policies that say which region serves an attempt."""

from enum import IntEnum


class Policy(IntEnum):
    NEAREST = 0
    WEIGHTED = 1
    LEAST_LOADED = 2
    SPILL_OVER = 3
    FAILOVER = 4
