"""Figures of a back-test: requests by bucket of time, as they came and as they were forecast."""

from plotly.graph_objects import Figure, Scatter

from simulator.render.palette import PALETTE
from simulator.studies.backtest.report import BacktestReport


def buckets_figure(report: BacktestReport) -> Figure:
    """What came, the forecast with its 80 % band, and the naive forecast."""
    at = [one.at for one in report.buckets]
    figure = Figure()
    band = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    figure.add_trace(Scatter(x=at, y=[one.high for one in report.buckets], showlegend=False, **band))
    figure.add_trace(
        Scatter(
            x=at,
            y=[one.low for one in report.buckets],
            name="80 % band",
            fill="tonexty",
            fillcolor="rgba(120,120,120,0.2)",
            **band,
        )
    )
    for name, values, color, dash in (
        ("came", [one.actual for one in report.buckets], PALETTE[0], "solid"),
        ("forecast", [one.forecast for one in report.buckets], PALETTE[5], "solid"),
        ("naive", [one.naive for one in report.buckets], PALETTE[2], "dot"),
    ):
        figure.add_trace(
            Scatter(x=at, y=values, name=name, mode="lines", line={"color": color, "dash": dash})
        )
    figure.update_yaxes(title="requests per bucket", rangemode="tozero")
    return figure
