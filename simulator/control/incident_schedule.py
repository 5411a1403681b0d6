"""When an incident happens: at its scheduled time, or when its own luck says.

A drawn time depends on the seed and the names it is for, and on nothing else: another incident, another capacity, or
another order of events moves none. The processes are stationary, so that a window may begin in the midst of an
incident: Poisson starts are drawn from one duration before the run on, and a component is down at its start with the
probability `mttr` / (`mtbf` + `mttr`).
"""

from collections.abc import Iterator
from itertools import count
from typing import NamedTuple

import numpy as np

from simulator.mechanisms.incidents.base import Lasting, Recurring
from simulator.mechanisms.keys import name_key
from simulator.numerics.draws import derive, exponential, uniform


class IncidentSpan(NamedTuple):
    """An occurrence, in seconds since the start of the run; it may have begun before."""

    begin_s: float
    end_s: float


def incident_spans(
    incident: Recurring, seed: int, warmup_s: float, *component: str | int
) -> Iterator[IncidentSpan]:
    """Occurrences of an incident, in the order of their start; without end where they are drawn.

    Parameters
    ----------
    seed : of the run
    warmup_s : when the measured window begins; scheduled times count from there
    component : names of one of several that fail by themselves
    """
    key = name_key(seed, "incident", incident.name, *component)
    duration_s = incident.lasts_s
    if isinstance(incident, Lasting) and incident.mtbf is not None and incident.mttr is not None:
        yield from _alternating(incident.mtbf, incident.mttr, key)
    elif incident.start is not None and duration_s is not None:
        begin_s = warmup_s + incident.start
        yield IncidentSpan(begin_s, begin_s + duration_s)
    elif incident.every is not None and duration_s is not None:
        yield from _poisson(incident.every, duration_s, key)


def _poisson(every_s: float, duration_s: float, key: np.uint64) -> Iterator[IncidentSpan]:
    begin_s = -duration_s
    for number in count():
        begin_s += every_s * _exponential(key, number)
        yield IncidentSpan(begin_s, begin_s + duration_s)


def _alternating(mtbf_s: float, mttr_s: float, key: np.uint64) -> Iterator[IncidentSpan]:
    is_down = float(uniform(np.uint64(derive(key, np.uint64(0))))) < mttr_s / (mtbf_s + mttr_s)
    time_s = 0.0
    for number in count(1, 2):
        if number > 1 or not is_down:
            time_s += mtbf_s * _exponential(key, number)
        begin_s = time_s
        time_s += mttr_s * _exponential(key, number + 1)
        yield IncidentSpan(begin_s, time_s)


def _exponential(key: np.uint64, number: int) -> float:
    return float(exponential(np.uint64(derive(key, np.uint64(number)))))
