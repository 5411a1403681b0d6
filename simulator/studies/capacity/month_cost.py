"""What does a month cost with a setting of the knobs? Simulated over the windows that stand for the month.

The search for the cheapest capacity asks for what is paid by use (tokens, calls, hours of what scales itself), because the
held part is known without a simulation. Settings meet the same users with the same luck, so that their bills differ by
what the settings do, not by chance.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from simulator.economics.accounts import Accounts
from simulator.economics.categories import Category
from simulator.economics.month import WeightedWindow, month_accounts
from simulator.economics.price_book import PriceBook
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario, Stage
from simulator.studies.capacity.knobs import Axis, with_setting
from simulator.studies.capacity.search import BudgetError, Setting
from simulator.studies.common.replicator import Replicator, first_runs, measured_actions
from simulator.studies.common.windows import month_window_s, month_windows

Told = Callable[[str, int], None]  # what is simulated, and the number of settings so far
MAX_MONTH_COSTS = 80  # settings whose month is simulated for one stage
_HELD = {
    Category.GPU_HOURS,
    Category.GPU_IDLE_HOURS,
    Category.SPOT_GPU_HOURS,
    Category.SPOT_GPU_IDLE_HOURS,
    Category.SERVICE_HOURS,
    Category.SERVICE_IDLE_HOURS,
    Category.HUMAN_HOURS,
    Category.HUMAN_IDLE_HOURS,
}


class StageMonth:
    """The month at a stage's end with one capacity, replicated as often as asked.

    Parameters
    ----------
    demand_factor : on everything that arrives
    """

    def __init__(
        self,
        replicator: Replicator,
        scenario: Scenario,
        stage: Stage,
        warmup_s: float,
        demand_factor: float = 1.0,
    ) -> None:
        self._replicator = replicator
        self._scenario = scenario
        windows = month_windows(scenario, stage, replicator.runner, month_window_s(warmup_s), warmup_s)
        self._windows = [replace(window, rate_rps=demand_factor * window.rate_rps) for window in windows]
        self.n_runs = first_runs(
            sum(measured_actions(window) for window in self._windows), replicator.min_runs
        )
        self._results: list[list[RunResult]] = [
            replicator.runs(scenario, window, 0, self.n_runs) for window in self._windows
        ]

    def extend(self, n_runs: int) -> None:
        """Simulate until every window has so many replications."""
        for window, runs in zip(self._windows, self._results, strict=True):
            runs += self._replicator.runs(self._scenario, window, self.n_runs, n_runs)
        self.n_runs = n_runs

    @property
    def windows(self) -> list[WeightedWindow]:
        """Hours of the month that each window stands for, what is asked in it, and its replications."""
        return [
            WeightedWindow.of(window, runs) for window, runs in zip(self._windows, self._results, strict=True)
        ]

    def accounts(self, book: PriceBook) -> Accounts:
        """Money and actions of the month."""
        return month_accounts(self.windows, book)


@dataclass(frozen=True)
class Billing:
    """What it takes to simulate a stage's month.

    Attributes
    ----------
    book : prices of the scenario
    warmup_s : of every window
    demand_factor : on everything that arrives
    """

    stage: Stage
    book: PriceBook
    warmup_s: float
    demand_factor: float = 1.0
    _last: list[tuple[Scenario, StageMonth]] = field(default_factory=list, repr=False, compare=False)

    def month(self, replicator: Replicator, scenario: Scenario) -> StageMonth:
        """The stage's month with one capacity; that of the scenario asked for last is remembered."""
        if not self._last or self._last[0][0] is not scenario:
            month = StageMonth(replicator, scenario, self.stage, self.warmup_s, self.demand_factor)
            self._last[:] = [(scenario, month)]
        return self._last[0][1]


class MonthCosts:
    """Costs of one stage's month with settings of the knobs, in US dollars; each is simulated once."""

    def __init__(
        self,
        replicator: Replicator,
        scenario: Scenario,
        axes: Sequence[Axis],
        billing: Billing,
        told: Told | None = None,
    ) -> None:
        self._replicator = replicator
        self._scenario = scenario
        self._axes = axes
        self._billing = billing
        self._told = told
        self._known: dict[Setting, tuple[float, float]] = {}  # by use, and in all

    @property
    def n_settings(self) -> int:
        """Settings simulated so far."""
        return len(self._known)

    def by_use_usd(self, setting: Setting) -> float:
        """Everything but the hours of what the knobs hold; raises BudgetError at the end of the budget."""
        return self._bill(setting)[0]

    def total_usd(self, setting: Setting) -> float:
        """Cost of the month as the ledger has it; raises BudgetError at the end of the budget."""
        return self._bill(setting)[1]

    def _bill(self, setting: Setting) -> tuple[float, float]:
        if setting not in self._known:
            if len(self._known) >= MAX_MONTH_COSTS:
                raise BudgetError
            planned = with_setting(self._scenario, self._axes, setting)
            found = self._billing.month(self._replicator, planned).accounts(self._billing.book)
            self._known[setting] = self._by_use(found), float(found.money().mean())
            if self._told is not None:
                self._told("month", self.n_settings)
        return self._known[setting]

    def _by_use(self, month: Accounts) -> float:
        held = {(axis.target, axis.region) for axis in self._axes}
        is_by_use = [
            line.station is None
            or line.category not in _HELD
            or (line.station.target, line.station.region) not in held
            for line in month.lines
        ]
        per_seed = month.cost_usd[:, :, np.array(is_by_use, dtype=np.bool_)].sum(axis=(1, 2))
        return float(per_seed.mean())
