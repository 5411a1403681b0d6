"""Figures of costs: from the happy path to the full cost, by stage and month, by uncertain input, against the baseline.

Amounts are in the currency of the report, which every axis names. Beside a forecast stand the P10 and P90 of its
uncertain inputs.
"""

from collections.abc import Sequence
from typing import Any

from plotly.graph_objects import Bar, Figure, Scatter, Waterfall

from simulator.render.palette import PALETTE
from simulator.studies.cost.case_report import BaselineComparison
from simulator.studies.cost.report import Amount, CostReport

_BLUE, _ORANGE, _GREEN, _RED, _GRAY = PALETTE[0], PALETTE[1], PALETTE[2], PALETTE[5], PALETTE[6]
_HEIGHT_PER_ROW = 34


def waterfall_figure(report: CostReport) -> Figure:
    """Cost of a successful action, from the happy path on, part by part."""
    rows = [row for row in report.waterfall if row.per_action]
    labels = [row.part for row in rows]
    figure = Figure(
        Waterfall(
            x=[*(row.per_action for row in rows), None],
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
        xaxis_title=f"{report.currency} per action, added up",
        yaxis={"autorange": "reversed"},
        showlegend=False,
    )


def stage_cost_figure(report: CostReport) -> Figure:
    """What a successful action costs in each stage, with P10 and P90 of the uncertain inputs."""
    found = [
        (stage.stage, stage.per_successful_action)
        for stage in report.stages
        if stage.per_successful_action is not None
    ]
    figure = Figure(_with_band([name for name, _ in found], [one for _, one in found], _band_name(report)))
    return figure.update_layout(
        height=380,
        xaxis_title="stage",
        yaxis_title=f"{report.currency} per successful action",
        yaxis_rangemode="tozero",
        showlegend=True,
    )


def month_cost_figure(report: CostReport) -> Figure:
    """Cost of every calendar month, with P10 and P90, and the budget if there is one."""
    months = [month.month for month in report.months]
    figure = Figure(_with_band(months, [month.cost for month in report.months], _band_name(report)))
    if report.budget is not None:
        figure.add_hline(y=report.budget, line_dash="dash", line_color=_RED, annotation_text="monthly budget")
    figure.update_xaxes(type="category")
    return figure.update_layout(
        height=380,
        xaxis_title="month",
        yaxis_title=f"{report.currency} in the month",
        yaxis_rangemode="tozero",
        showlegend=True,
    )


def _band_name(report: CostReport) -> str:
    """What a mark with its band shows."""
    return f"as stated, {report.percentile_columns[0]} to P90"


def tornado_figure(report: CostReport) -> Figure:
    """What each uncertain input does to the total by itself, from its P10 to its P90; the strongest at the top."""
    rows, total = report.sensitivity, report.total.value
    names = [
        f"{row.input.replace('_', ' ')}, × {row.low_factor:.3g} to × {row.high_factor:.3g}" for row in rows
    ]
    figure = Figure()
    for level, costs, color in (
        ("P10", [row.low for row in rows], _BLUE),
        ("P90", [row.high for row in rows], _ORANGE),
    ):
        figure.add_trace(
            Bar(
                name=f"input at its {level}",
                y=names,
                x=[cost - total for cost in costs],
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
        xaxis_title=f"{report.currency}, the rollout in all",
        yaxis={"autorange": "reversed"},
    )


def saving_figure(case: BaselineComparison, currency: str) -> Figure:
    """What the rollout saved up to each month against the process of today, less what was invested until then."""
    running, levels = 0.0, []
    for month in case.months:
        invested = sum(one.amount for one in case.investments if one.month == month.month)
        running += month.saving - invested
        levels.append(running)
    figure = Figure(
        [
            Bar(
                name="saving of the month",
                x=[month.month for month in case.months],
                y=[month.saving for month in case.months],
                marker_color=_GREEN,
            ),
            Scatter(
                name="in all, less what was invested",
                x=[month.month for month in case.months],
                y=levels,
                mode="lines+markers",
                line={"color": _BLUE},
            ),
        ]
    )
    figure.add_hline(y=0.0, line_dash="dot")
    figure.update_xaxes(type="category")
    return figure.update_layout(height=380, xaxis_title="month", yaxis_title=f"{currency}, not discounted")


def _with_band(labels: Sequence[str], amounts: Sequence[Amount], name: str) -> Bar:
    """Expected values, with whiskers from P10 to P90."""
    bands = [(amount.value, *_known(amount)) for amount in amounts]
    error: dict[str, Any] = {
        "type": "data",
        "symmetric": False,
        "array": [max(0.0, high - value) for value, _, high in bands],
        "arrayminus": [max(0.0, value - low) for value, low, _ in bands],
        "color": _GRAY,
    }
    values = [amount.value for amount in amounts]
    return Bar(name=name, x=list(labels), y=values, error_y=error, marker_color=_BLUE)


def _known(amount: Amount) -> tuple[float, float]:
    """P10 and P90; where they are infinite, no whisker."""
    low, _, high = amount.percentiles
    return (amount.value if low is None else low), (amount.value if high is None else high)
