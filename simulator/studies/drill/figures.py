"""The figure of drills: goodput through each incident, and the alerts that fire."""

from math import isfinite

from plotly.graph_objects import Figure, Scatter
from plotly.subplots import make_subplots

from simulator.render.palette import PALETTE, VERDICT_COLORS
from simulator.studies.alerts.report import Detection
from simulator.studies.alerts.view import alert_label
from simulator.studies.drill.report import DrillReport, DrillResult
from simulator.theory.estimate import Estimate

_ALERT_SYMBOLS = ("diamond", "star", "hexagon", "cross")


def drill_figure(report: DrillReport) -> Figure:
    """Goodput over time with each incident and without, a panel each; the shade is the incident, diamonds are alerts."""
    drills = report.drills
    figure = make_subplots(rows=len(drills), cols=1, subplot_titles=[drill.name for drill in drills])
    for row, drill in enumerate(drills, 1):
        series = drill.series
        minutes = [bucket * series.bucket_s / 60.0 for bucket in range(len(series.goodput_rps))]
        for name, rates_rps, color in (
            ("without", series.goodput_without_rps, VERDICT_COLORS["PASS"]),
            ("with", series.goodput_rps, VERDICT_COLORS["FAIL"]),
        ):
            figure.add_trace(
                Scatter(x=minutes, y=rates_rps, name=name, line={"color": color}, showlegend=row == 1), row, 1
            )
        begin, end = drill.begins_s / 60.0, (drill.begins_s + drill.duration_s) / 60.0
        figure.add_vrect(
            x0=begin, x1=max(end, begin + 0.2), opacity=0.15, line_width=0, fillcolor="gray", row=row, col=1
        )
        figure.update_yaxes(title_text="good answers/s", rangemode="tozero", row=row, col=1)
    _add_alerts(figure, report)
    figure.update_xaxes(title_text="minutes", row=len(drills), col=1)
    title = f"{report.scenario}, {report.stage or 'full exposure'}: goodput through incidents"
    return figure.update_layout(title=title, height=120 + 180 * len(drills))


def _add_alerts(figure: Figure, report: DrillReport) -> None:
    """When each alert fires, on the curve of its drill, with the interval of that time."""
    names = list(dict.fromkeys(found.alert for drill in report.drills for found in drill.alerts))
    symbols = {name: _ALERT_SYMBOLS[place % len(_ALERT_SYMBOLS)] for place, name in enumerate(names)}
    in_legend: set[str] = set()
    for row, drill in enumerate(report.drills, 1):
        for found in drill.alerts:
            if found.after_s is not None:
                mark = _mark(drill, found, found.after_s, symbols[found.alert])
                mark.showlegend = mark.name not in in_legend
                figure.add_trace(mark, row, 1)
                in_legend.add(mark.name)


def _mark(drill: DrillResult, found: Detection, after_s: Estimate, symbol: str) -> Scatter:
    """Where an alert fires on the curve of goodput."""
    series = drill.series
    at_s = drill.begins_s + after_s.value
    bucket = min(int(at_s / series.bucket_s), len(series.goodput_rps) - 1)
    name = alert_label(found)
    return Scatter(
        x=[at_s / 60.0],
        y=[series.goodput_rps[bucket]],
        name=name,
        legendgroup=name,
        mode="markers",
        error_x=_minutes_around(after_s),
        marker={
            "symbol": symbol,
            "size": 12,
            "color": PALETTE[0],
            "line": {"width": 1, "color": "white"},
        },
    )


def _minutes_around(after_s: Estimate) -> dict[str, object]:
    """Error bars of a time in minutes; none where there is no interval."""
    is_known = isfinite(after_s.low) and isfinite(after_s.high)
    return {
        "type": "data",
        "symmetric": False,
        "array": [(after_s.high - after_s.value) / 60.0 if is_known else 0.0],
        "arrayminus": [(after_s.value - after_s.low) / 60.0 if is_known else 0.0],
    }
