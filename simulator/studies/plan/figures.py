"""Figures of a plan: demand, capacity and orders on the calendar; latency, correct answers and cost by stage."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from plotly.graph_objects import Bar, Figure, Scatter
from plotly.subplots import make_subplots

from simulator.metrics.registry import label_of
from simulator.render.error_bars import error_bars
from simulator.render.palette import PALETTE, VERDICT_COLORS
from simulator.render.sections import Figure as FigureSection
from simulator.studies.common.accuracy_by_class import Accuracy, accuracies
from simulator.studies.common.slack_figure import slack_figure
from simulator.studies.common.verdicts.criterion_text import subject_text
from simulator.studies.plan.findings import GateCondition
from simulator.studies.plan.ranges.figures import fan_figure, tornado_figure
from simulator.studies.plan.report import PlanReport, StagePlan
from simulator.studies.plan.trade_figures import trade_figures
from simulator.theory.estimate import Estimate

_LAYOUT = {"template": "plotly_white", "height": 380, "margin": {"t": 30, "l": 70, "r": 20}}
_MONTH_USD = "US dollars in a month of 730 h"
_SYMBOLS = {"complexity": "circle", "language": "diamond", "target": "square"}
_HEIGHT_PX, _HEIGHT_PER_ROW_PX = 160, 28

Stages = Sequence[StagePlan]


def plan_figures(report: PlanReport) -> list[FigureSection]:
    """Every figure of a plan that has something to show."""
    return [*stage_figures(report), *trade_figures(report.stages)]


def stage_figures(report: PlanReport) -> Iterator[FigureSection]:
    """What is planned and measured, by stage."""
    stages = report.stages
    if not stages:
        return
    yield FigureSection("Demand on the calendar", partial(demand_figure, stages))
    if any(stage.capacity for stage in stages):
        yield FigureSection("Capacity on the calendar", partial(capacity_figure, stages))
    if any(verdict.metric.endswith("latency") for stage in stages for verdict in stage.verdicts):
        yield FigureSection("Latency against its objectives", partial(latency_figure, stages))
    if answered := accuracies([stage.by for stage in stages]):
        names = [stage.name for stage in stages]
        title = "Correct answers by complexity, language and model"
        yield FigureSection(title, partial(accuracy_figure, names, answered))
    yield FigureSection("Cost of a month", partial(cost_figure, stages))
    drawn = [stage for stage in stages if stage.ranges is not None]
    if drawn:
        yield FigureSection("Cost of a month under uncertain inputs", partial(fan_figure, drawn))
        last = drawn[-1]
        if last.ranges is not None and last.ranges.sensitivity.month_usd:
            yield FigureSection(f"What moves the cost of {last.name}", partial(tornado_figure, last))


def cost_and_latency(report: PlanReport) -> Figure:
    """Cost of the month, and p95 latency at the peak, by stage."""
    names = [stage.name for stage in report.stages]
    colors = [VERDICT_COLORS[stage.decision] for stage in report.stages]
    figure = make_subplots(rows=1, cols=2, subplot_titles=("cost per month, $", "p95 latency at the peak, s"))
    costs = [stage.cost.month.estimate for stage in report.stages]
    latencies = [stage.metrics.latency.p95 for stage in report.stages]
    figure.add_trace(_bars("cost per month", names, costs, marker_color=colors), 1, 1)
    figure.add_trace(_bars("p95 latency", names, latencies, marker_color=colors), 1, 2)
    return figure.update_layout(title=f"{report.scenario}: {report.decision}", showlegend=False)


def timeline_figure(stages: Stages) -> Figure:
    """Stages on the calendar in the colour of their decision, and the last days to order."""
    figure = Figure()
    for word in ("GO", "UNDECIDED", "NO-GO"):
        found = [stage for stage in stages if stage.decision == word]
        figure.add_trace(
            Bar(
                name=word,
                y=[stage.name for stage in found],
                x=[1000.0 * (stage.end - stage.start).total_seconds() for stage in found],
                base=[stage.start.isoformat() for stage in found],
                orientation="h",
                marker_color=VERDICT_COLORS[word],
                hovertemplate="%{y} from %{base|%Y-%m-%d}<extra></extra>",
            )
        )
    orders = [(stage.name, path, day) for stage in stages for path, day in stage.order_by.items()]
    line = {"width": 1, "color": "white"}
    figure.add_trace(
        Scatter(
            name="order by",
            x=[day.isoformat() for _, _, day in orders],
            y=[name for name, _, _ in orders],
            text=[path for _, path, _ in orders],
            mode="markers",
            marker={"symbol": "diamond", "size": 11, "color": PALETTE[0], "line": line},
            hovertemplate="%{text} by %{x|%Y-%m-%d}<extra></extra>",
        )
    )
    return figure.update_layout(
        xaxis_type="date",
        xaxis_title="date",
        yaxis={"categoryorder": "array", "categoryarray": [stage.name for stage in reversed(stages)]},
        margin={"t": 10, "b": 40},
        height=_HEIGHT_PX + _HEIGHT_PER_ROW_PX * len(stages),
    )


def gate_figure(stages: Stages) -> Figure:
    """How far the conditions of gates are from their limits: to the right holds, to the left misses."""
    return slack_figure([(_condition(gate, stage), gate) for stage in stages for gate in stage.gates])


def _condition(gate: GateCondition, stage: StagePlan) -> str:
    """Exit of the stage that was measured, or entry of the one behind it, and what is asked."""
    whose = gate.measured_at if gate.gate == "exit" else stage.name
    return f"{gate.gate} of {whose}: {subject_text(gate)} {gate.threshold}"


def demand_figure(stages: Stages) -> Figure:
    """Peak demand by region of the users."""
    figure = Figure()
    for place, region in enumerate(stages[0].demand.by_region):
        times, levels = _steps(stages, [stage.demand.by_region.get(region, 0.0) for stage in stages])
        line = {"color": PALETTE[place % len(PALETTE)]}
        figure.add_trace(
            Scatter(x=times, y=levels, name=region, mode="lines", line=line, stackgroup="demand")
        )
    return figure.update_layout(
        **_LAYOUT, xaxis_title="date", yaxis_title="peak demand, actions per second", legend_title="users in"
    )


def capacity_figure(stages: Stages) -> Figure:
    """Each capacity as a share of the most that the plan asks for, all regions together."""
    figure = Figure()
    paths = list(dict.fromkeys(path for stage in stages for path in stage.capacity))
    for place, path in enumerate(paths):
        totals = [sum(stage.capacity.get(path, {}).values()) for stage in stages]
        most = max(totals) or 1.0
        times, levels = _steps(stages, [100.0 * total / most for total in totals])
        figure.add_trace(
            Scatter(
                x=times,
                y=levels,
                name=f"{path} (100 % is {most:,.0f})",
                mode="lines",
                line={"color": PALETTE[place % len(PALETTE)], "shape": "hv"},
            )
        )
    layout = _LAYOUT | {"legend": {"orientation": "h", "y": -0.25}}
    return figure.update_layout(**layout, xaxis_title="date", yaxis_title="capacity, % of the most needed")


def latency_figure(stages: Stages) -> Figure:
    """p95 at the peak, with its interval, and the limits of the objectives on latency."""
    names = [stage.name for stage in stages]
    found = [stage.metrics.latency.p95 for stage in stages]
    figure = Figure(_bars("p95 latency, all workloads", names, found, marker_color=PALETTE[0]))
    limits = {
        (verdict.slo, verdict.metric, verdict.limit)
        for stage in stages
        for verdict in stage.verdicts
        if verdict.metric.endswith(" latency")
    }
    for slo, metric, limit in sorted(limits):
        text = f"{slo}: {label_of(metric)}"
        figure.add_hline(y=limit, line_dash="dash", line_color=PALETTE[5], annotation_text=text)
    return figure.update_layout(**_LAYOUT, xaxis_title="stage", yaxis_title="seconds")


def accuracy_figure(names: Sequence[str], shares: Sequence[Accuracy]) -> Figure:
    """Share of correct answers of each class, language and model at the peak, with its interval."""
    figure = Figure()
    for place, one in enumerate(shares):
        figure.add_trace(
            Scatter(
                **_points(names, one.estimates, 100.0),
                name=one.label,
                mode="lines+markers",
                marker={
                    "symbol": _SYMBOLS[one.dimension],
                    "size": 9,
                    "color": PALETTE[place % len(PALETTE)],
                },
                line={"width": 1},
            )
        )
    return figure.update_layout(**_LAYOUT, xaxis_title="stage", yaxis_title="correct at the peak, %")


def cost_figure(stages: Stages) -> Figure:
    """Cost of a month by category."""
    figure = Figure()
    categories = list(dict.fromkeys(name for stage in stages for name in stage.cost.by_category))
    for place, category in enumerate(categories):
        found = [stage.cost.by_category.get(category) for stage in stages]
        figure.add_trace(
            Bar(
                x=[stage.name for stage in stages],
                y=[0.0 if one is None else one.value for one in found],
                name=category.replace("_", " "),
                marker_color=PALETTE[place % len(PALETTE)],
            )
        )
    return figure.update_layout(**_LAYOUT, barmode="stack", xaxis_title="stage", yaxis_title=_MONTH_USD)


def _steps(stages: Stages, values: Sequence[float]) -> tuple[list[str], list[float]]:
    """A step per stage on the calendar."""
    times, levels = [], []
    for stage, value in zip(stages, values, strict=True):
        times += [stage.start.date().isoformat(), stage.end.date().isoformat()]
        levels += [value, value]
    return times, levels


def _bars(
    name: str, names: Sequence[str], found: Sequence[Estimate | None], *, marker_color: str | list[str]
) -> Bar:
    return Bar(name=name, **_points(names, found), marker_color=marker_color)


def _points(names: Sequence[str], found: Sequence[Estimate | None], scale: float = 1.0) -> dict[str, Any]:
    """Coordinates of what is known, times `scale`, with their intervals."""
    known = [(name, one) for name, one in zip(names, found, strict=True) if one is not None]
    return {
        "x": [name for name, _ in known],
        "y": [scale * one.value for _, one in known],
        "error_y": error_bars([one for _, one in known], scale),
    }
