"""Budgets of workloads, kept by hand: add up what was spent at every look, and change doors and routes."""

import math
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from simulator.mechanisms.providers.config import Model
from simulator.mechanisms.queueing.config import Service
from simulator.mechanisms.traffic.config import GenerateStep, Workload
from tests.reference.action import Waiting
from tests.reference.clock import Kind
from tests.reference.stations import TokenBucket

if TYPE_CHECKING:
    from tests.reference.pipeline import Door, Pipeline

_CALLS = ("SUCCEEDED", "TIMED_OUT", "CANCELLED")


def keep_budget(pipeline: "Pipeline", workload: Workload) -> Waiting:
    """Look at the spend again and again."""
    budget = workload.budget
    assert budget is not None
    first_midnight = datetime.combine(pipeline.scenario.start, time(), UTC)
    begin = pipeline.window.start - timedelta(seconds=pipeline.window.warmup_s)
    age_s = (begin - first_midnight).total_seconds()
    period, before, is_over = age_s // budget.budget_duration, -budget.spent, False
    chosen = _first_choices(pipeline, workload)
    while True:
        yield pipeline.env.timeout(budget.check_every, Kind.LOOK)
        spent = _spent(pipeline, workload)
        now = (age_s + pipeline.env.now) // budget.budget_duration
        if now != period:
            period, before = now, spent
            if is_over:
                is_over = False
                pipeline.budget_events.append((workload.name, "renewed", pipeline.env.now))
                _let_in(pipeline, workload, None, closed=False)
                _ask(chosen, {})
        elif not is_over and spent - before >= budget.max_budget:
            is_over = True
            pipeline.budget_events.append((workload.name, "exceeded", pipeline.env.now))
            if budget.on_exceed == "stop":
                _let_in(pipeline, workload, None, closed=True)
            elif budget.on_exceed == "throttle":
                _let_in(pipeline, workload, budget.rpm, closed=False)
            _ask(chosen, budget.models)


def _spent(pipeline: "Pipeline", workload: Workload) -> float:
    total = 0.0
    for _, (name, *_), (target, _), what, amount in pipeline.ledger.uses:
        served = pipeline.deployment.targets[target]
        if name != workload.name:
            continue
        if isinstance(served, Service) and what in _CALLS:
            total += amount * served.cost
        if isinstance(served, Model) and served.prices is not None:
            prices = {"INPUT_TOKENS": served.prices.input, "OUTPUT_TOKENS": served.prices.output}
            total += amount * (prices.get(what) or 0.0) / 1e6
    return total


def _let_in(pipeline: "Pipeline", workload: Workload, rpm: int | None, *, closed: bool) -> None:
    for region in pipeline.scenario.regions:
        door: Door = pipeline.door_of((workload.name, region), workload)
        limits = workload.limits
        most = None if limits is None else limits.max_parallel_requests
        usual = None if limits is None else limits.rpm
        door.most = 0 if closed else math.inf if most is None else most
        if closed:
            continue
        allowed = [one for one in (rpm, usual) if one is not None]
        door.turns = TokenBucket(min(allowed) / 60.0, min(allowed)) if allowed else None


def _first_choices(
    pipeline: "Pipeline", workload: Workload
) -> list[tuple[dict[str, str] | list[str], list[str]]]:
    """What the routes of a workload choose among, to be changed in place, and what stood there."""
    names = [step.generate for step in workload.steps if isinstance(step, GenerateStep)]
    routes = [pipeline.scenario.routes[name] for name in names if name in pipeline.scenario.routes]
    return [
        (route.choose, list(route.choose.values() if isinstance(route.choose, dict) else route.choose))
        for route in routes
    ]


def _ask(chosen: list[tuple[dict[str, str] | list[str], list[str]]], other: dict[str, str]) -> None:
    for choose, usual in chosen:
        for place, key in enumerate(list(choose) if isinstance(choose, dict) else range(len(choose))):
            choose[key] = other.get(usual[place], usual[place])  # type: ignore[index]
