"""Kinds of targets, what a station is called, and the ways an attempt at one can end."""

from enum import IntEnum
from math import inf
from typing import NamedTuple


class TargetKind(IntEnum):
    SERVICE = 0
    MODEL = 1
    TEAM = 2


class Result(IntEnum):
    """How an attempt ended; the values are bits, so that a route can say which of them it retries."""

    OK = 0
    ERROR = 1
    RATE_LIMITED = 2
    TIMEOUT = 4
    OVERLOAD = 8
    ABANDONED = 16
    CANCELLED = 32  # another try of the same step was answered first


class Station(NamedTuple):
    """A target in one region."""

    kind: str  # "service", "model" or "team"; of offered load also "quota"
    target: str
    region: str
    replica_power_w: float = 0.0  # pools: what the GPUs of one replica are rated for; 0: not known
    patience_s: float = inf  # mean time after which who waits leaves; infinite: nobody does


class BudgetEvent(NamedTuple):
    """A budget was exceeded, or a new period of it began."""

    workload: str  # or the tenant of one, `acme of chat`
    kind: str  # "exceeded" or "renewed"
    time_s: float  # since the start of the run, warm-up included
    spent_usd: float  # of the period that is looked at
