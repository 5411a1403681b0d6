"""Budgets of workloads: a process looks at what was spent, and alerts, throttles, asks other models, or stops.

What is metered is what the ledger bills by use: tokens that provisioned units do not carry, at the prices of their
models, calls of services, and data that leaves its user's region; on request the hours of provisioned units, too. As at
a gateway that keeps budgets, the spend is looked at from time to time, so it can be exceeded by what is spent between two
looks.
"""

from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from simulator.compiler.blueprint import Blueprint
from simulator.control.environment import Environment, Process
from simulator.control.spend_meter import SpendMeter
from simulator.mechanisms.codes import BudgetEvent
from simulator.mechanisms.local_time import DAY_S, LocalClock, seconds_of
from simulator.mechanisms.traffic.config import GenerateStep, Workload, WorkloadBudget


@dataclass
class BudgetWatch:
    """Says when a budget is exceeded, and when a new period begins; knows nothing of what is done about it.

    Attributes
    ----------
    age_s : time since the scenario's first midnight, of the budget's clock, when the run begins
    clock, midnight_s : that clock, and the instant of that midnight
    """

    budget: WorkloadBudget
    age_s: float
    clock: LocalClock = field(default_factory=LocalClock)
    midnight_s: float = 0.0
    is_exceeded: bool = False
    _period: int | None = None
    _before_usd: float = 0.0  # spent when the period began

    def look(self, now_s: float, total_usd: float) -> tuple[str, float] | None:
        """What has happened since the last look, and the spend of the period; None: nothing.

        Parameters
        ----------
        total_usd : spent since the start of the run
        """
        period = self._period_at(now_s)
        if self._period is None:
            self._period = self._period_at(0.0)
            self._before_usd = -self.budget.spent
        spent_usd = total_usd - self._before_usd
        if period > self._period:
            self._period, self._before_usd = period, total_usd
            if self.is_exceeded:
                self.is_exceeded = False
                return "renewed", spent_usd
            return None
        if not self.is_exceeded and spent_usd >= self.budget.max_budget:
            self.is_exceeded = True
            return "exceeded", spent_usd
        return None

    def _period_at(self, now_s: float) -> int:
        """Number of the period; those of whole days begin at midnight, whatever the clock does."""
        passed_s = self.age_s + now_s
        if self.budget.budget_duration % DAY_S == 0.0:
            ends_s = np.array([self.midnight_s, self.midnight_s + passed_s])
            from_s, to_s = self.clock.local_s(ends_s)
            passed_s = float(to_s - from_s)
        return int(passed_s // self.budget.budget_duration)


@dataclass
class Budgets:
    """The budgets of a run, and what became of them."""

    events: list[BudgetEvent] = field(default_factory=list)

    def start(self, env: Environment, blueprint: Blueprint) -> None:
        """Start a process for every workload, and every tenant of one, with a budget."""
        scenario = blueprint.scenario
        begin_s = seconds_of(blueprint.window.start) - blueprint.window.warmup_s
        for workload in scenario.workloads:
            for whose, tenant, budget in workload.budgets():
                measures = _Measures(env, blueprint, workload, budget, tenant)
                midnight_s = seconds_of(datetime.combine(scenario.start, time(), ZoneInfo(budget.timezone)))
                watch = BudgetWatch(budget, begin_s - midnight_s, LocalClock(budget.timezone), midnight_s)
                env.process(self._keep(env, whose, watch, measures))

    def _keep(self, env: Environment, name: str, watch: BudgetWatch, measures: "_Measures") -> Process:
        while True:
            yield env.look(watch.budget.check_every)
            found = watch.look(env.now, measures.spent_usd())
            if found is None:
                continue
            kind, spent_usd = found
            self.events.append(BudgetEvent(name, kind, env.now, spent_usd))
            if kind == "exceeded":
                measures.take()
            else:
                measures.end()


class _Measures:
    """Meters one workload, or one tenant of it, and does what its budget says."""

    def __init__(
        self,
        env: Environment,
        blueprint: Blueprint,
        workload: Workload,
        budget: WorkloadBudget,
        tenant: str | None,
    ) -> None:
        self._env = env
        self._budget = budget
        self._streams, self._recorded = (
            [
                number
                for number, stream in enumerate(streams)
                if stream.workload == workload.name and tenant in (None, stream.tenant)
            ]
            for streams in (
                blueprint.streams,
                blueprint.recorded,
            )  # where limits are kept, and use is written down
        )
        self._meter = SpendMeter(env.plane, blueprint, workload, bills_hours=budget.provisioned)
        self._limits = env.plane.world.traffic.streams.copy()
        self._targets: dict[int, int] = {}  # choice → target, of the routes of the workload
        self._others: dict[int, int] = {}
        if budget.models:
            target_of = blueprint.targets.target_of
            other = {target_of[name]: target_of[used] for name, used in budget.models.items()}
            for choice in _choices_of(blueprint, workload):
                target = int(env.plane.world.routing.choices["target"][choice])
                if target in other:
                    self._targets[choice], self._others[choice] = target, other[target]

    def spent_usd(self) -> float:
        """Spent since the start of the run."""
        return self._meter.spent_usd(self._recorded, self._env.now)

    def take(self) -> None:
        """Do what the budget says when it is exceeded."""
        for choice, target in self._others.items():
            self._env.plane.set_choice(choice, target)
        if self._budget.on_exceed == "stop":
            for stream in self._streams:
                self._env.plane.set_stream(stream, parallel_limit=0)
        elif self._budget.rpm is not None:
            for stream in self._streams:
                depth = min(float(self._budget.rpm), float(self._limits["request_depth"][stream]))
                self._fill(stream, {"request_rate_per_s": depth / 60.0, "request_depth": depth})

    def end(self) -> None:
        """Let everything be as it was before."""
        for choice, target in self._targets.items():
            self._env.plane.set_choice(choice, target)
        for stream in self._streams:
            names = ("request_rate_per_s", "request_depth", "parallel_limit")
            self._fill(stream, {name: self._limits[name][stream] for name in names})

    def _fill(self, stream: int, values: dict[str, Any]) -> None:
        """Change the limit of turns; its bucket starts full, that of tokens is brought up to now."""
        row = self._env.plane.world.traffic.streams[stream]
        level = float(row.token_level)
        if np.isfinite(row.token_rate_per_s):
            span_s = self._env.now - float(row.bucket_s)
            level = min(float(row.token_depth), level + span_s * float(row.token_rate_per_s))
        filled = {"request_level": values["request_depth"], "token_level": level, "bucket_s": self._env.now}
        self._env.plane.set_stream(stream, **values, **filled)


def _choices_of(blueprint: Blueprint, workload: Workload) -> list[int]:
    """Choices of all routes that a workload generates with."""
    routes = blueprint.targets.routing.routes
    found: list[int] = []
    for name in (step.generate for step in workload.steps if isinstance(step, GenerateStep)):
        route = routes[blueprint.targets.route_of[name]]
        found += range(int(route.first_choice), int(route.first_choice + route.n_choices))
    return list(dict.fromkeys(found))
