"""A run for people: times, rates and cost of everything and by part, outcomes, targets, cost, objectives."""

from collections.abc import Mapping, Sequence
from functools import partial

from simulator.metrics.counts import Counts
from simulator.metrics.definition import STATISTICS, Spread
from simulator.metrics.dimensions import OF_ACTIONS
from simulator.metrics.registry import ACTIONS, COSTS, TARGET_COSTS, TARGETS
from simulator.render.metric_columns import MetricColumn, metric_columns
from simulator.render.numbers import quantity
from simulator.render.sections import Figure, Heading, Notes, Quantity, Row, Section, Table, table_of
from simulator.studies.common.backlogs import Backlog
from simulator.studies.common.priced import basis_line
from simulator.studies.common.summaries import PricedMetrics, PricedTarget
from simulator.studies.common.verdicts.criterion_text import FULL_EXPOSURE
from simulator.studies.common.verdicts.verdict_view import collapse_notes, open_notes, verdict_table
from simulator.studies.footer import footer
from simulator.studies.run.figures import latency_figure
from simulator.studies.run.report import RunReport, WindowCost

LATENCY = "Latency by workload and region"
_OF_ACTIONS = metric_columns([*ACTIONS.values(), *COSTS.values()])
_OF_TARGETS = metric_columns([*TARGETS.values(), *TARGET_COSTS.values()])
_ENDS = ("succeeded", "degraded", "failed", "rejected", "abandoned")


def sections(report: RunReport) -> list[Section]:
    """Everything `rollout run` shows."""
    return [
        _heading(report),
        _times(report.metrics),
        _breakdown(report),
        _outcomes(report.counts, report.replications),
        _table("targets", [report.by.target], _OF_TARGETS),
        _cost(report.cost, report.backlogs),
        verdict_table(report.objectives),
        Notes(
            [
                *collapse_notes(report.collapse, report.objectives),
                *open_notes(report.objectives),
                *(found.message for found in report.backlogs),
                *report.warnings,
            ]
        ),
        Figure(LATENCY, partial(latency_figure, report), "p50, p95 and p99 of latency with 95 % intervals"),
        footer(
            report,
            basis_line(report.seed, report.replications, report.interval_level),
            *report.price_lines,
            profiles=report.profiles,
        ),
    ]


def stage_text(report: RunReport) -> str:
    """Whose demand was simulated."""
    return FULL_EXPOSURE if report.stage is None else f"stage {report.stage}"


def _heading(report: RunReport) -> Heading:
    span = quantity(report.window_s, "time")
    return Heading(
        f"{report.scenario}  {stage_text(report)}, {report.window} window: {span} from "
        f"{report.start:%a %Y-%m-%d %H:%M} UTC",
        remark="interrupted" if report.interrupted else "",
    )


def _times(metrics: PricedMetrics) -> Table:
    rows = []
    for metric in ACTIONS.values():
        spread = getattr(metrics, metric.name)
        if isinstance(spread, Spread) and spread.mean is not None:
            rows.append(Row(metric.label, [Quantity(one, "time") for one in spread.statistics.values()]))
    return table_of("", "times", tuple(STATISTICS), rows)


def _breakdown(report: RunReport) -> Table:
    """A row for everything, and one for each part by which there are several."""
    groups: list[Mapping[str, PricedMetrics]] = [{"all": report.metrics}]
    by = dict(report.by.items())
    for dimension in (one.name for one in OF_ACTIONS):
        named = by[dimension]
        if len(named) > 1:
            groups.append({f"{dimension} {name}": part.metrics for name, part in named.items()})
    return _table("rates and cost", groups, _OF_ACTIONS)


def _table(
    corner: str,
    groups: Sequence[Mapping[str, PricedMetrics] | Mapping[str, PricedTarget]],
    known: Sequence[MetricColumn],
) -> Table:
    """A row per part, a column per metric that says something."""
    parts = [part for group in groups for part in group.values()]
    columns = [column for column in known if column.says_something(parts)]
    rows = [
        [Row(label, [column.cell(part) for column in columns]) for label, part in group.items()]
        for group in groups
    ]
    return Table([column.heading for column in columns], rows, corner)


def _outcomes(counts: Counts, n_runs: int) -> Table:
    rows = []
    for name in ("arrived", *_ENDS, "in_flight"):
        number = getattr(counts, name)
        share = number / counts.ended if name in _ENDS and counts.ended else None
        if number or name == "arrived":
            cells = [Quantity(number, "count"), Quantity(share, "share", nothing="")]
            rows.append(Row(name.replace("_", " "), cells))
    actions = "actions" if n_runs == 1 else f"actions in {n_runs} runs"
    return table_of("", "outcomes", (actions, "of ended"), rows)


def _cost(cost: WindowCost, backlogs: Sequence[Backlog]) -> Table:
    total = None if cost.total is None else cost.total.value
    rows = [
        Row(
            category.replace("_", " "),
            [
                Quantity(amount, "money"),
                Quantity(amount.value / total if total and amount is not None else None, "share"),
            ],
        )
        for category, amount in cost.by_category.items()
    ]
    last = [Row("total", [Quantity(cost.total, "money"), ""])] if rows else []
    left = [
        Row(f"not in it: work left at {found.target}, {found.region}", [Quantity(found.cost, "money"), ""])
        for found in backlogs
    ]
    return Table(("USD", "share"), [rows, last, left], "cost of the window")
