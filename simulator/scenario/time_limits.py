"""How long may a user of a workload be without an answer? What the scenario says of time, in one number."""

from collections.abc import Iterator
from math import nan

import numpy as np
from numpy.typing import NDArray

from simulator.mechanisms.traffic.config import Workload
from simulator.metrics.registry import ACTIONS
from simulator.scenario.model import Scenario
from simulator.scenario.thresholds import AbortingThreshold, parse_threshold_name
from simulator.units import Objective


def waiting_limits_s(scenario: Scenario) -> NDArray[np.float64]:
    """When a question counts as unanswered, without an answer and with people, float64[2, workload]; nan: never."""
    limits_s = [
        [of(scenario, workload) for workload in scenario.workloads]
        for of in (overdue_after_s, overdue_with_people_s)
    ]
    return np.array(limits_s)


def overdue_after_s(scenario: Scenario, workload: Workload) -> float:
    """When a question without an answer counts as unanswered: the workload's timeout, else its largest time objective.

    nan: neither is there.
    """
    if workload.timeout is not None:
        return workload.timeout
    return max(_objectives_s(scenario, workload), default=nan)


def overdue_with_people_s(scenario: Scenario, workload: Workload) -> float:
    """When a question that people took over counts as unanswered: its largest resolution objective, else as any other."""
    of_resolution = [
        slo.objective.limit
        for slo in scenario.slos
        if slo.indicator == "resolution" and slo.workload in (None, workload.name)
    ]
    return max(of_resolution, default=overdue_after_s(scenario, workload))


def longest_limit_s(scenario: Scenario, workload: Workload) -> float:
    """The largest time that the scenario speaks of for a workload, which whoever is not answered exceeds; nan: none."""
    limits_s = [*_objectives_s(scenario, workload), *_conditions_s(scenario)]
    return max(limits_s if workload.timeout is None else [*limits_s, workload.timeout], default=nan)


def _objectives_s(scenario: Scenario, workload: Workload) -> Iterator[float]:
    for slo in scenario.slos:
        if slo.workload in (None, workload.name):
            yield from _time_s(slo.indicator, slo.objective)


def _conditions_s(scenario: Scenario) -> Iterator[float]:
    """Limits on times of thresholds and gates, whatever part of a run they are of."""
    for text, entries in scenario.thresholds.items():
        for entry in entries:
            objective = entry.threshold if isinstance(entry, AbortingThreshold) else entry
            yield from _time_s(parse_threshold_name(text).metric, objective)
    for stage in scenario.stages:
        for conditions in () if stage.gates is None else (stage.gates.entry, stage.gates.exit):
            for text, objectives in conditions.items():
                for objective in objectives:
                    yield from _time_s(parse_threshold_name(text).metric, objective)


def _time_s(metric: str, objective: Objective) -> Iterator[float]:
    if metric in ACTIONS and ACTIONS[metric].unit == "s" and objective.op in ("<", "<="):
        yield objective.limit
