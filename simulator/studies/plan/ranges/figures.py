"""Figures of uncertain inputs in a plan: the range of a month's cost by stage, and what each input alone does to it."""

from collections.abc import Sequence

from plotly.graph_objects import Bar, Figure, Scatter

from simulator.render.palette import PALETTE
from simulator.studies.plan.ranges.view import input_text
from simulator.studies.plan.report import StagePlan

_LAYOUT = {"template": "plotly_white", "height": 380}
_MONTH_USD = "US dollars in a month of 730 h"


def fan_figure(stages: Sequence[StagePlan]) -> Figure:
    """P10 to P90 of a month's cost, and what the plan says of it."""
    bands = [(stage.name, stage.ranges.figures.month_usd) for stage in stages if stage.ranges is not None]
    known = [
        (name, band.p10, band.p50, band.p90)
        for name, band in bands
        if band.p10 is not None and band.p50 is not None and band.p90 is not None
    ]
    figure = Figure(
        Scatter(
            x=[name for name, *_ in known],
            y=[p50 for _, _, p50, _ in known],
            mode="markers",
            name="P50, with P10 and P90",
            marker={"color": PALETTE[0], "size": 10},
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [p90 - p50 for _, _, p50, p90 in known],
                "arrayminus": [p50 - p10 for _, p10, p50, _ in known],
            },
        )
    )
    names = [stage.name for stage in stages]
    planned = [stage.cost.month.value for stage in stages]
    mark = {"color": PALETTE[5], "size": 10, "symbol": "x"}
    figure.add_trace(Scatter(x=names, y=planned, mode="markers", name="inputs as stated", marker=mark))
    return figure.update_layout(
        **_LAYOUT, xaxis_title="stage", yaxis_title=_MONTH_USD, yaxis_rangemode="tozero"
    )


def tornado_figure(stage: StagePlan) -> Figure:
    """What each input does alone, the strongest on top: a bar from its P10 to its P90."""
    rows = () if stage.ranges is None else stage.ranges.sensitivity.month_usd
    found = [
        (row, row.low, row.high) for row in reversed(rows) if row.low is not None and row.high is not None
    ]
    figure = Figure(
        Bar(
            y=[input_text(row) for row, _, _ in found],
            base=[min(low, high) for _, low, high in found],
            x=[row.width for row, _, _ in found],
            orientation="h",
            marker_color=PALETTE[0],
            text=[f"× {row.low_factor:.2f} to × {row.high_factor:.2f}" for row, _, _ in found],
        )
    )
    figure.add_vline(x=stage.cost.month.value, line_dash="dash", line_color=PALETTE[5])
    layout = _LAYOUT | {"margin": {"t": 30, "l": 120, "r": 20}}
    return figure.update_layout(**layout, xaxis_title=_MONTH_USD, yaxis_title="input alone, P10 to P90")
