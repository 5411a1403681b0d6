"""Figures of costs: from the happy path to the full cost, by stage and month, by uncertain input, between two forecasts.

Amounts are in the currency of the document, which every axis names. Beside a forecast stand the P10 and P90 of its
uncertain inputs.
"""

from collections.abc import Sequence
from typing import Any

from plotly.graph_objects import Bar, Figure, Scatter, Waterfall

from simulator.render.palette import PALETTE
from simulator.render.terminal_tables import Document

_BLUE, _ORANGE, _GREEN, _RED, _GRAY = PALETTE[0], PALETTE[1], PALETTE[2], PALETTE[5], PALETTE[6]
_HEIGHT_PER_ROW = 34


def waterfall_figure(document: Document) -> Figure:
    """Cost of a successful action, from the happy path on, part by part."""
    rows = [row for row in document["waterfall"] if row["per_action"]]
    labels = [row["part"] for row in rows]
    figure = Figure(
        Waterfall(
            x=[*(row["per_action"] for row in rows), None],
            y=[*labels, "per successful action"],
            measure=[*("relative" for _ in rows), "total"],
            orientation="h",
            increasing={"marker": {"color": _ORANGE}},
            decreasing={"marker": {"color": _GREEN}},
            totals={"marker": {"color": _BLUE}},
            connector={"line": {"color": _GRAY, "width": 1}},
            hovertemplate="%{y}: %{delta:.4f}<extra></extra>",
        )
    )
    return figure.update_layout(
        height=140 + _HEIGHT_PER_ROW * len(labels),
        xaxis_title=f"{document['currency']} per action, added up",
        yaxis={"autorange": "reversed"},
        showlegend=False,
    )


def stage_cost_figure(document: Document) -> Figure:
    """What a successful action costs in each stage, with P10 and P90 of the uncertain inputs."""
    found = [
        (stage["stage"], stage["per_successful_action"])
        for stage in document["stages"]
        if stage["per_successful_action"] is not None
    ]
    figure = Figure(
        _with_band([name for name, _ in found], [one for _, one in found], "expected, P10 to P90")
    )
    return figure.update_layout(
        height=380,
        xaxis_title="stage",
        yaxis_title=f"{document['currency']} per successful action",
        yaxis_rangemode="tozero",
        showlegend=True,
    )


def month_cost_figure(document: Document) -> Figure:
    """Cost of every calendar month, with P10 and P90, and the budget if there is one."""
    months = [month["month"] for month in document["months"]]
    figure = Figure(
        _with_band(months, [month["cost"] for month in document["months"]], "expected, P10 to P90")
    )
    if document["budget"] is not None:
        figure.add_hline(
            y=document["budget"], line_dash="dash", line_color=_RED, annotation_text="monthly budget"
        )
    figure.update_xaxes(type="category")
    return figure.update_layout(
        height=380,
        xaxis_title="month",
        yaxis_title=f"{document['currency']} in the month",
        yaxis_rangemode="tozero",
        showlegend=True,
    )


def tornado_figure(document: Document) -> Figure:
    """What each uncertain input does to the total by itself, from its P10 to its P90; the strongest at the top."""
    rows, total = document["sensitivity"], document["total"]["value"]
    names = [
        f"{row['input'].replace('_', ' ')}, × {row['low_factor']:.3g} to × {row['high_factor']:.3g}"
        for row in rows
    ]
    figure = Figure()
    for level, key, color in (("P10", "low", _BLUE), ("P90", "high", _ORANGE)):
        figure.add_trace(
            Bar(
                name=f"input at its {level}",
                y=names,
                x=[row[key] - total for row in rows],
                base=[total] * len(rows),
                orientation="h",
                marker_color=color,
                hovertemplate="%{y}: %{base:,.0f} %{x:+,.0f}<extra></extra>",
            )
        )
    figure.add_vline(x=total, line_dash="dot")
    return figure.update_layout(
        height=170 + _HEIGHT_PER_ROW * len(rows),
        barmode="overlay",
        xaxis_title=f"{document['currency']}, the rollout in all",
        yaxis={"autorange": "reversed"},
    )


def saving_figure(document: Document) -> Figure:
    """What the rollout saved up to each month against the process of today, the investment paid first."""
    case = document["case"]
    running, levels = -case["investment"], []
    for month in case["months"]:
        running += month["saving"]
        levels.append(running)
    figure = Figure(
        [
            Bar(
                name="saving of the month",
                x=[month["month"] for month in case["months"]],
                y=[month["saving"] for month in case["months"]],
                marker_color=_GREEN,
            ),
            Scatter(
                name="in all, less the investment",
                x=[month["month"] for month in case["months"]],
                y=levels,
                mode="lines+markers",
                line={"color": _BLUE},
            ),
        ]
    )
    figure.add_hline(y=0.0, line_dash="dot")
    figure.update_xaxes(type="category")
    return figure.update_layout(
        height=380, xaxis_title="month", yaxis_title=f"{document['currency']}, not discounted"
    )


def bridge_figure(document: Document) -> Figure:
    """From the cost of one forecast to that of another, driver by driver, with intervals over the pairs."""
    before, after = document["sides"]
    rows = [row for row in document["drivers"] if row["value"]]
    names = ["A", *(row["driver"] for row in rows), "B"]
    figure = Figure(
        Waterfall(
            y=names,
            x=[before["cost"], *(row["value"] for row in rows), None],
            measure=["absolute", *("relative" for _ in rows), "total"],
            orientation="h",
            increasing={"marker": {"color": _RED}},
            decreasing={"marker": {"color": _GREEN}},
            totals={"marker": {"color": _BLUE}},
            connector={"line": {"color": _GRAY, "width": 1}},
            hovertemplate="%{y}: %{delta:+,.0f}, then %{x:,.0f}<extra></extra>",
        )
    )
    moves = [before["cost"], after["cost"]]
    running = before["cost"]
    for row in rows:
        running += row["value"]
        moves.append(running)
    spread = max(max(moves) - min(moves), 0.02 * max(moves))
    figure.update_xaxes(range=[max(0.0, min(moves) - 0.6 * spread), max(moves) + 0.15 * spread])
    return figure.update_layout(
        height=140 + _HEIGHT_PER_ROW * len(names),
        xaxis_title=f"{document['currency']}, the rollout in all; the axis need not begin at zero",
        yaxis={"autorange": "reversed"},
        showlegend=False,
    )


def _with_band(labels: Sequence[str], figures: Sequence[Document], name: str) -> Bar:
    """Expected values, with whiskers from P10 to P90."""
    values = [one["value"] for one in figures]

    def distance(level: str, sign: float) -> list[float]:
        return [max(0.0, sign * (one[level] - one["value"])) for one in figures]

    error: dict[str, Any] = {
        "type": "data",
        "symmetric": False,
        "array": distance("p90", 1.0),
        "arrayminus": distance("p10", -1.0),
        "color": _GRAY,
    }
    return Bar(name=name, x=list(labels), y=values, error_y=error, marker_color=_BLUE)
