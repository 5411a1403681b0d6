"""Does it hold? Objectives against estimates: PASS, FAIL or UNDECIDED each; together GO, NO-GO or UNDECIDED.

Pure functions of what was observed. An objective is decided when its interval lies on one side of the limit.
"""

from collections.abc import Container, Iterable, Sequence
from math import nan
from typing import Annotated, Literal

from simulator.economics.accounts import COST_BASES, Accounts, Basis, total_cost, unit_cost
from simulator.metrics.dimensions import REGION, Selection
from simulator.metrics.registry import INDICATORS, MONTHLY_COST
from simulator.results.collapse import Collapse, collapse_of
from simulator.results.estimates import estimate
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario, Slo, Stage
from simulator.studies.common.two_futures import Futures, broken_value, in_either, unseen
from simulator.studies.record import Estimated, Number, if_known
from simulator.theory.estimate import Estimate
from simulator.theory.verdict import Verdict, verdict
from simulator.units import percentile_key

BUDGET = "monthly budget"  # name of the objective that `economics.budget` is
Decision = Literal["GO", "NO-GO", "UNDECIDED"]
Subject = tuple[str, str | None]  # an objective, and the region of the users it is judged for


class SloVerdict(Estimated):
    """One objective: what was asked, what was measured, and whether it holds.

    Attributes
    ----------
    metric : with its statistic, as documents have it
    workload : None: over all
    region : of the users whose verdict this is; None: all
    slack : signed distance to the limit, see `slack_of`; nan: nothing was observed
    contingency : under which it was measured; None: nothing went wrong
    futures : some runs collapsed; None: none did. If they miss it, the slack is theirs
    """

    slo: str
    metric: str
    workload: str | None
    region: str | None
    op: str
    limit: float
    slack: Number
    verdict: Verdict
    contingency: Annotated[str | None, if_known] = None
    futures: Annotated[Futures | None, if_known] = None

    @property
    def is_cost(self) -> bool:
        """Whether it is an objective on cost."""
        return self.metric in (*COST_BASES, MONTHLY_COST)

    @property
    def subject(self) -> Subject:
        """The objective, and whose it is."""
        return self.slo, self.region


def metric_name(slo: Slo) -> str:
    """Statistic and indicator as documents have them; see `simulator.metrics.registry.label_of` for people."""
    statistic = percentile_key(slo.objective.statistic)
    return slo.indicator if statistic is None else f"{statistic} {slo.indicator}"


def slack_of(indicator: str, op: str, limit: float, value: float) -> float:
    """Signed distance of a value to its limit: positive holds, zero is on it, negative misses.

    Relative to the limit; of a share with a lower limit, the part of the error budget that is left:
    (value - limit) / (1 - limit), so that 99.9 % against 99.5 % is as comfortable as it is.
    """
    if op in (">", ">="):
        scale = (
            1.0 - limit
            if indicator in INDICATORS and INDICATORS[indicator].is_share and limit < 1.0
            else abs(limit)
        )
        return (value - limit) / (scale or 1.0)
    return (limit - value) / (abs(limit) or 1.0)


def judge(slo: Slo, found: Estimate | None, region: str | None = None) -> SloVerdict:
    """Hold one estimate, of the users of a region or of all, against one objective."""
    op, limit = slo.objective.op, slo.objective.limit
    decided: Verdict = "UNDECIDED" if found is None else verdict(found, op, limit)
    return SloVerdict(
        estimate=found,
        slo=slo.name,
        metric=metric_name(slo),
        workload=slo.workload,
        region=region,
        op=op,
        limit=limit,
        slack=nan if found is None else slack_of(slo.indicator, op, limit, found.value),
        verdict=decided,
    )


def evaluate_slos(
    scenario: Scenario,
    results: Sequence[RunResult],
    of: Accounts | None = None,
    region: str | None = None,
) -> tuple[SloVerdict, ...]:
    """Hold every objective of a scenario against replications of one window.

    Parameters
    ----------
    results : replications
    of : accounts of the window or the month that objectives on cost are held against
    region : only the users of this region; None: all

    Returns
    -------
    A verdict per objective, in the scenario's order, and of those `per: region` one per region. Left out: objectives on
    what nobody asked for in these runs, and those on cost where no accounts are given.
    """
    asked = {
        (stream.workload, stream.region)
        for run in results
        for stream, counts in zip(run.streams, run.counts.sum(axis=0), strict=True)
        if counts.any()
    }
    collapse = collapse_of(results)
    verdicts = []
    for slo in scenario.slos:
        for part in _parts(scenario, slo, region):
            if not any(
                part.workload in (None, name) and part.region in (None, place) for name, place in asked
            ):
                continue
            if slo.indicator not in COST_BASES:
                verdicts.append(_judged(slo, results, part, collapse))
            elif of is not None:
                verdicts.append(judge(slo, unit_cost(of, COST_BASES[slo.indicator], part), part.region))
    return tuple(verdicts)


def _parts(scenario: Scenario, slo: Slo, region: str | None = None) -> list[Selection]:
    """Whose actions an objective is held for: the users of a region that is asked for, of each, or of all."""
    regions: Iterable[str | None] = [region]
    if region is None and slo.per == REGION.name:
        regions = scenario.regions
    return [Selection(workload=slo.workload, region=one) for one in regions]


def _judged(
    slo: Slo, results: Sequence[RunResult], selection: Selection, collapse: Collapse | None
) -> SloVerdict:
    """Hold replications against an objective; if it is missed in those that collapsed, it is missed, else undecided."""

    def measured(runs: Sequence[RunResult]) -> Estimate | None:
        return estimate(runs, slo.indicator, slo.objective.statistic, selection)

    found = judge(slo, measured(results), selection.region)
    futures = None if collapse is None else in_either(collapse, measured)
    value = broken_value(futures, found.op, found.limit)
    if value is None:
        return found.model_copy(update={"verdict": unseen(found.verdict, futures), "futures": futures})
    slack = slack_of(slo.indicator, found.op, found.limit, value)
    return found.model_copy(update={"verdict": "FAIL", "slack": slack, "futures": futures})


def evaluate_costs(scenario: Scenario, of: Accounts) -> tuple[SloVerdict, ...]:
    """Hold the objectives on cost, and the budget, against a month of 730 h; left out: those on what did not happen."""
    verdicts = [
        judge(slo, unit_cost(of, COST_BASES[slo.indicator], part), part.region)
        for slo in scenario.slos
        if slo.indicator in COST_BASES
        for part in _parts(scenario, slo)
        if of.numbers(Basis.ACTION, part).any()
    ]
    budget = scenario.economics.budget
    return tuple(verdicts) if budget is None else (*verdicts, _of_budget(budget.monthly, total_cost(of)))


def _of_budget(limit_usd: float, month: Estimate) -> SloVerdict:
    """Whether a month stays within its budget."""
    return SloVerdict(
        estimate=month,
        slo=BUDGET,
        metric=MONTHLY_COST,
        workload=None,
        region=None,
        op="<=",
        limit=limit_usd,
        slack=slack_of(MONTHLY_COST, "<=", limit_usd, month.value),
        verdict=verdict(month, "<=", limit_usd),
    )


def decide(verdicts: Sequence[SloVerdict]) -> Decision:
    """GO if every objective holds, NO-GO if one is missed, else UNDECIDED.

    Also where nothing says what must hold for users: a budget alone does not.
    """
    if any(found.verdict == "FAIL" for found in verdicts):
        return "NO-GO"
    is_for_users = any(found.slo != BUDGET for found in verdicts)
    if is_for_users and all(found.verdict == "PASS" for found in verdicts):
        return "GO"
    return "UNDECIDED"


def with_unobserved(slos: Sequence[Slo], verdicts: Sequence[SloVerdict]) -> tuple[SloVerdict, ...]:
    """The verdicts in the order of the objectives, and UNDECIDED for each objective that nothing was observed of.

    Parameters
    ----------
    slos : that were to be observed
    """
    judged = {found.slo for found in verdicts}
    missing = [judge(slo, None) for slo in slos if slo.name not in judged]
    names = [slo.name for slo in slos]
    every = [*verdicts, *missing]
    return tuple(
        sorted(every, key=lambda found: names.index(found.slo) if found.slo in names else len(names))
    )


def slos_at(scenario: Scenario, stage: Stage | None) -> list[Slo]:
    """The objectives that a stage includes: on all its workloads together, or on one that is in it; None: all."""
    included = None if stage is None else stage.workloads
    return [
        slo for slo in scenario.slos if included is None or slo.workload is None or slo.workload in included
    ]


def tightest(verdicts: Sequence[SloVerdict]) -> SloVerdict | None:
    """The objective with the least slack, those without data last; None: no objectives."""
    return min(verdicts, key=lambda found: (found.estimate is None, found.slack), default=None)


def worst(verdicts: Iterable[SloVerdict], apart: Container[str] = ()) -> tuple[SloVerdict, ...]:
    """Of the verdicts on each objective (at several peaks, for several regions) the one that decides.

    Parameters
    ----------
    apart : objectives of which there is one for each region
    """
    by_slo: dict[tuple[str, str, str | None, str | None], SloVerdict] = {}
    for found in verdicts:
        key = (found.slo, found.metric, found.workload, found.region if found.slo in apart else None)
        if key not in by_slo or _rank(found) < _rank(by_slo[key]):
            by_slo[key] = found
    return tuple(by_slo.values())


def _rank(found: SloVerdict) -> tuple[int, float]:
    slack = float("inf") if found.estimate is None else found.slack
    return ("FAIL", "UNDECIDED", "PASS").index(found.verdict), slack
