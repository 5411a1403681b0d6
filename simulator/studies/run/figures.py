"""Figures of a run: latency by whatever tells actions apart."""

from plotly.graph_objects import Bar, Figure

from simulator.metrics.dimensions import OF_ACTIONS
from simulator.render.error_bars import error_bars
from simulator.studies.common.verdicts.criterion_text import FULL_EXPOSURE
from simulator.studies.run.report import RunReport

_STATISTICS = ("p50", "p95", "p99")


def latency_figure(report: RunReport) -> Figure:
    """Percentiles of latency with their intervals, of everything and of each part."""
    parts = [("all", report.metrics)]
    by = dict(report.by.items())
    for one in OF_ACTIONS:
        parts += [(name, part.metrics) for name, part in by[one.name].items()]
    figure = Figure()
    for statistic in _STATISTICS:
        found = [(name, metrics.latency.statistics[statistic]) for name, metrics in parts]
        known = [(name, estimate) for name, estimate in found if estimate is not None]
        figure.add_trace(
            Bar(
                name=statistic,
                x=[name for name, _ in known],
                y=[estimate.value for _, estimate in known],
                error_y=error_bars([estimate for _, estimate in known]),
            )
        )
    title = f"{report.scenario}, {report.stage or FULL_EXPOSURE}: latency"
    return figure.update_layout(title=title, yaxis_title="s", barmode="group")
