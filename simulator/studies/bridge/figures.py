"""The figure of a bridge: from the cost of one forecast to that of another, driver by driver."""

from plotly.graph_objects import Figure, Waterfall

from simulator.render.palette import PALETTE
from simulator.studies.bridge.report import BridgeReport

_BLUE, _GREEN, _RED, _GRAY = PALETTE[0], PALETTE[2], PALETTE[5], PALETTE[6]
_HEIGHT_PER_ROW = 34


def bridge_figure(report: BridgeReport) -> Figure:
    """From the cost of one forecast to that of another, driver by driver, with intervals over the pairs."""
    before, after = report.sides
    rows = [row for row in report.drivers if row.estimate.value]
    names = ["A", *(row.driver for row in rows), "B"]
    figure = Figure(
        Waterfall(
            y=names,
            x=[before.cost, *(row.estimate.value for row in rows), None],
            measure=["absolute", *("relative" for _ in rows), "total"],
            orientation="h",
            increasing={"marker": {"color": _RED}},
            decreasing={"marker": {"color": _GREEN}},
            totals={"marker": {"color": _BLUE}},
            connector={"line": {"color": _GRAY, "width": 1}},
            hovertemplate="%{y}: %{delta:+,.0f}, then %{x:,.0f}<extra></extra>",
        )
    )
    moves = [before.cost, after.cost]
    running = before.cost
    for row in rows:
        running += row.estimate.value
        moves.append(running)
    spread = max(max(moves) - min(moves), 0.02 * max(moves))
    figure.update_xaxes(range=[max(0.0, min(moves) - 0.6 * spread), max(moves) + 0.15 * spread])
    return figure.update_layout(
        height=140 + _HEIGHT_PER_ROW * len(names),
        xaxis_title=f"{report.currency}, the rollout in all; the axis need not begin at zero",
        yaxis={"autorange": "reversed"},
        showlegend=False,
    )
