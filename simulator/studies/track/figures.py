"""Figures of what came: cost by month against the forecast, and the causes of the last difference."""

from plotly.graph_objects import Bar, Figure, Waterfall

from simulator.render.palette import PALETTE
from simulator.studies.track.report import TrackReport

_BLUE, _GREEN, _RED, _GRAY = PALETTE[0], PALETTE[2], PALETTE[5], PALETTE[6]


def months_figure(report: TrackReport) -> Figure:
    """Cost of each month, as it was forecast and as it came."""
    names = [month.month for month in report.months]
    figure = Figure(
        [
            Bar(x=names, y=[month.forecast for month in report.months], name="forecast", marker_color=_GRAY),
            Bar(x=names, y=[month.actual for month in report.months], name="came", marker_color=_BLUE),
        ]
    )
    figure.update_xaxes(type="category")
    figure.update_yaxes(title=report.currency, rangemode="tozero")
    return figure.update_layout(barmode="group")


def causes_figure(report: TrackReport) -> Figure:
    """From the forecast of the last month to what came, cause by cause."""
    month = report.months[-1]
    return Figure(
        Waterfall(
            y=["forecast", *(part.cause for part in month.parts), "came"],
            x=[month.forecast, *(part.amount for part in month.parts), None],
            measure=["absolute", *("relative" for _ in month.parts), "total"],
            orientation="h",
            increasing={"marker": {"color": _RED}},
            decreasing={"marker": {"color": _GREEN}},
            totals={"marker": {"color": _BLUE}},
            connector={"line": {"color": _GRAY, "width": 1}},
            hovertemplate="%{y}: %{delta:+,.2f}, then %{x:,.2f}<extra></extra>",
        )
    ).update_layout(
        xaxis_title=f"{report.currency} in {month.month}",
        yaxis={"autorange": "reversed"},
        showlegend=False,
    )
