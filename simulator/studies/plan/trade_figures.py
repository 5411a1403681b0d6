"""Figures of what more or less capacity would do: cost of a month against latency and availability at the busiest hour."""

from collections.abc import Callable, Sequence
from functools import partial

from plotly.graph_objects import Figure, Scatter

from simulator.render.palette import PALETTE
from simulator.render.sections import Figure as FigureSection
from simulator.studies.plan.findings import TradePoint
from simulator.studies.plan.report import StagePlan
from simulator.studies.plan.stage_tables import amounts_text

_LAYOUT = {"template": "plotly_white", "height": 380, "margin": {"t": 30, "l": 70, "r": 20}}

Place = tuple[float, float]  # cost of a month, and the measure


def trade_figures(stages: Sequence[StagePlan]) -> list[FigureSection]:
    """Figures of the fronts; a stage is there if it has something to choose from."""
    fronts: dict[str, tuple[str, Callable[[TradePoint], float | None]]] = {
        "Cost against latency": ("p95 latency at the peak, seconds", _latency_s),
        "Cost against availability": ("availability at the peak, %", _availability_percent),
    }
    return [
        FigureSection(title, partial(_figure, stages, axis, of))
        for title, (axis, of) in fronts.items()
        if any(len(_on_front(stage, of)) > 1 for stage in stages)
    ]


def _latency_s(point: TradePoint) -> float | None:
    """The measure of a point on the front of cost and latency; None: it is not on it."""
    return point.latency_p95.value if point.on_latency_front and point.latency_p95 else None


def _availability_percent(point: TradePoint) -> float | None:
    """That of a point on the front of cost and availability."""
    return 100.0 * point.availability.value if point.on_availability_front and point.availability else None


def _on_front(stage: StagePlan, of: Callable[[TradePoint], float | None]) -> list[tuple[TradePoint, float]]:
    return [(point, value) for point in stage.trade_off if (value := of(point)) is not None]


def _figure(stages: Sequence[StagePlan], axis: str, of: Callable[[TradePoint], float | None]) -> Figure:
    """A line per stage with something to choose from."""
    figure = Figure()
    for place, stage in enumerate(stages):
        points = _on_front(stage, of)
        if len(points) < 2:
            continue
        is_planned = [point.is_planned for point, _ in points]
        figure.add_trace(
            Scatter(
                x=[point.cost.month for point, _ in points],
                y=[value for _, value in points],
                mode="lines+markers",
                name=stage.name,
                line={"color": PALETTE[place % len(PALETTE)], "shape": "hv"},
                marker={
                    "size": [14 if planned else 7 for planned in is_planned],
                    "symbol": ["star" if planned else "circle" for planned in is_planned],
                },
                hovertext=[_amounts(point) for point, _ in points],
            )
        )
    if all(cost > 0.0 for trace in figure.data for cost in trace.x):
        figure.update_xaxes(type="log")  # a pilot costs a hundredth of what everybody does
    return figure.update_layout(
        **_LAYOUT, xaxis_title="US dollars in a month of 730 h (star: planned)", yaxis_title=axis
    )


def _amounts(point: TradePoint) -> str:
    return ", ".join(f"{path} {amounts_text(by_region)}" for path, by_region in point.capacity.items())
