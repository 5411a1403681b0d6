"""Policies that say which region serves an attempt, and how much of the past they know."""

from enum import IntEnum

N_CHANGES = 16  # of health that are remembered of a station; enough while `ttl` is within `longest_ttl_s`


class Policy(IntEnum):
    NEAREST = 0
    WEIGHTED = 1
    LEAST_LOADED = 2
    SPILL_OVER = 3
    FAILOVER = 4
