"""What `rollout run` reports: counts, metrics, costs and objectives of one window, of everything and of each part.

The same text is kept in the store (`summary.json`) and read back from there.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar

from simulator.metrics.counts import Counts
from simulator.metrics.definition import Definition, Spread, definitions
from simulator.metrics.dimensions import TARGET
from simulator.metrics.targets import TargetCosts, TargetMetrics
from simulator.studies.common.backlogs import Backlog
from simulator.studies.common.priced import PricedReport
from simulator.studies.common.step_times import StepTimesSource
from simulator.studies.common.summaries import Parts, PricedMetrics, PricedPart, PricedTarget
from simulator.studies.common.two_futures import CollapsedRuns
from simulator.studies.common.verdicts.objectives import SloVerdict
from simulator.studies.record import (
    Moment,
    OptionalInterval,
    Record,
    if_any,
    if_known,
    json_key,
    of_intervals,
)
from simulator.theory.estimate import Estimate

if TYPE_CHECKING:
    import pandas as pd

_OF_ACTIONS = definitions(PricedMetrics)
_OF_TARGETS = {**definitions(TargetMetrics), **definitions(TargetCosts)}
_EVERYTHING = "all"


class WindowCost(Record):
    """What the window cost, USD.

    Attributes
    ----------
    wasted : part of the total that bought nothing
    """

    total: OptionalInterval
    wasted: OptionalInterval
    by_category: Mapping[str, OptionalInterval]


class BudgetSpent(Record):
    """A budget was exceeded, or a new period of it began.

    Attributes
    ----------
    seed : of the replication
    workload : or the tenant of one, `acme of chat`
    kind : `exceeded` or `renewed`
    time_s : since the start of the run, warm-up included
    spent_usd : of the period that is looked at
    """

    seed: int
    workload: str
    kind: str
    time_s: float
    spent_usd: float


class RunReport(PricedReport):
    """What was measured in one window.

    Attributes
    ----------
    stage : whose demand was simulated; None: full exposure
    window_s : measured span, behind the warm-up
    by : parts of the same
    objectives : of the scenario, and whether they hold
    warnings : limits that are offered more than they let through, spans that are too short, and budgets that were exceeded
    budgets : what became of them
    collapse : some replications collapsed and others did not; None: they are alike
    backlogs : targets to which more work comes than they do
    from_store : key of the stored run that this was read from
    """

    view: ClassVar[str] = "simulator.studies.run.view"

    stage: str | None
    window: str
    start: Moment
    window_s: float
    warmup_s: float
    seed: int
    replications: int
    counts: Counts
    metrics: Annotated[PricedMetrics, of_intervals]
    by: Annotated[Parts[PricedPart, PricedTarget], of_intervals]
    cost: WindowCost
    objectives: Annotated[tuple[SloVerdict, ...], json_key("verdicts")]
    warnings: tuple[str, ...]
    budgets: tuple[BudgetSpent, ...]
    profiles: Mapping[str, StepTimesSource]
    collapse: Annotated[CollapsedRuns | None, if_known] = None
    backlogs: Annotated[tuple[Backlog, ...], if_any] = ()
    from_store: Annotated[str | None, if_known] = None

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The verdict on each objective."""
        return tuple(found.verdict for found in self.objectives)

    @property
    def verdicts(self) -> Mapping[str, str]:
        """PASS, FAIL or UNDECIDED by name of the SLO."""
        return {found.slo: found.verdict for found in self.objectives}

    def metric(self, name: str, statistic: str = "mean", **part: str) -> Estimate | None:
        """Return one number with its 95 % interval; None: nothing was observed.

        Parameters
        ----------
        name : e.g. `latency`, `availability`, `cost_per_action`; of a target `utilization`
        statistic : of a time: `mean`, `p50`, `p95` or `p99`, also written `p(95)`
        part : at most one of workload, region, tenant, language, complexity, stage or target, by name

        Raises
        ------
        KeyError
            If there is no such metric, statistic or part.
        """
        of = self._part(part)
        known = _estimated(of)
        if name not in known:
            raise KeyError(f"no metric {name!r}; there are: {', '.join(known)}")
        found: Spread | Estimate | None = getattr(of, name)
        return (
            found.statistics[statistic.replace("(", "").replace(")", "")]
            if isinstance(found, Spread)
            else found
        )

    def to_frame(self) -> "pd.DataFrame":
        """A row per part, metric and statistic, with `value`, `low` and `high`."""
        import pandas as pd

        rows = [
            (part, name, metric, statistic, found.value, found.low, found.high)
            for part, name, of in self._parts()
            for metric, statistic, found in _numbers(of)
        ]
        return pd.DataFrame(rows, columns=["part", "name", "metric", "statistic", "value", "low", "high"])

    def _part(self, part: Mapping[str, str]) -> PricedMetrics | PricedTarget:
        if not part:
            return self.metrics
        [(dimension, name)] = part.items()
        if dimension == TARGET.name:
            return self.by.target[name]
        named = dict(self.by.items())[dimension]
        return named[name].metrics

    def _parts(self) -> Iterator[tuple[str, str, PricedMetrics | PricedTarget]]:
        """Dimension, name and metrics of everything, and of each part."""
        yield _EVERYTHING, "", self.metrics
        for dimension, named in self.by.items():
            yield from ((dimension, name, part.metrics) for name, part in named.items())
        yield from ((TARGET.name, name, target) for name, target in self.by.target.items())


def _estimated(of: PricedMetrics | PricedTarget) -> dict[str, Definition]:
    """Metrics that are estimates, by name."""
    found = _OF_ACTIONS if isinstance(of, PricedMetrics) else _OF_TARGETS
    return {name: one for name, one in found.items() if one.kind in ("spread", "estimate")}


def _numbers(of: PricedMetrics | PricedTarget) -> Iterator[tuple[str, str, Estimate]]:
    """Key, statistic and estimate of every metric of which something was observed."""
    for name, one in _estimated(of).items():
        value = getattr(of, name)
        found = value.statistics if isinstance(value, Spread) else {"": value}
        yield from ((one.key, statistic, number) for statistic, number in found.items() if number is not None)
