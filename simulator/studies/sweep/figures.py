"""Figures of a sweep: the trade-off of its goals, parallel coordinates, what moves what, all points, one response."""

from collections.abc import Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from simulator.studies.sweep.report import Setting, SweepPoint, SweepReport
from simulator.theory.estimate import Estimate

_ON, _OFF = "#c2410c", "#64748b"
_TEMPLATE = "plotly_white"


def trade_off(report: SweepReport) -> go.Figure:
    """The first two goals against each other; of one goal, it against the first path. With 95 % intervals."""
    goals = report.seen_goals
    x, y = (goals[0], goals[1]) if len(goals) > 1 else (report.paths[0], goals[0])
    figure = go.Figure()
    for is_on, name, color in ((False, "beaten", _OFF), (True, "on the Pareto front", _ON)):
        chosen = [point for point in report.points if point.is_pareto == is_on]
        figure.add_trace(
            go.Scatter(
                x=[point.value(x) for point in chosen],
                y=[point.value(y) for point in chosen],
                error_x=_bars(chosen, x),
                error_y=_bars(chosen, y),
                mode="markers",
                name=name,
                marker={"color": color, "size": 9},
                text=[_label(point, [*report.paths, *goals]) for point in chosen],
                hovertemplate="%{text}<extra></extra>",
            )
        )
    return figure.update_layout(xaxis_title=x, yaxis_title=y, template=_TEMPLATE, height=520)


def parallel_coordinates(report: SweepReport) -> go.Figure:
    """A line per point through everything that was varied and the goals."""
    dimensions = [
        _dimension(name, [point.value(name) for point in report.points])
        for name in [*report.paths, *report.seen_goals]
    ]
    line = {
        "color": [int(point.is_pareto) for point in report.points],
        "colorscale": [[0, _OFF], [1, _ON]],
        "cmin": 0,
        "cmax": 1,
    }
    figure = go.Figure(go.Parcoords(dimensions=dimensions, line=line))
    return figure.update_layout(template=_TEMPLATE, height=460, margin={"l": 90, "r": 90, "t": 80})


def sensitivity_figure(report: SweepReport) -> go.Figure:
    """How much of each response's variance each path explains."""
    found = report.sensitivities
    has_total = all(row.total is not None for row in found)
    figure = go.Figure()
    for response in dict.fromkeys(row.response for row in found):
        rows = [row for row in found if row.response == response]
        shares: list[tuple[str, list[tuple[float | None, float | None]]]] = [
            ("", [(row.first_order, row.half_width) for row in rows])
        ]
        if has_total:
            shares.append((", with the others", [(row.total, row.total_half_width) for row in rows]))
        for suffix, of in shares:
            figure.add_trace(
                go.Bar(
                    x=[share for share, _ in of],
                    y=[row.factor for row in rows],
                    error_x={"array": [half_width for _, half_width in of]},
                    orientation="h",
                    name=f"{response}{suffix}",
                )
            )
    title = "share of the variance explained by the factor, alone unless said otherwise"
    return figure.update_layout(template=_TEMPLATE, barmode="group", xaxis_title=title)


def all_points(report: SweepReport) -> go.Figure:
    """Every point, in a table that scrolls."""
    names = [*report.paths, *report.seen_goals]
    columns = [[str(point.point) for point in report.points]]
    columns += [[_text(point.value(name)) for point in report.points] for name in names]
    columns.append([point.verdict or "" for point in report.points])
    header = {"values": [escape(name) for name in ("point", *names, "verdict")]}
    figure = go.Figure(go.Table(header=header, cells={"values": columns}))
    return figure.update_layout(height=520, margin={"t": 10})


def response_figure(report: SweepReport, response: str) -> go.Figure:
    """A response at every point, against each path; points of the Pareto front are filled.

    Raises
    ------
    KeyError
        If the sweep has no such response.
    """
    known = report.responses
    name = next((one for one in (response, response.replace(".", "_s.", 1)) if one in known), None)
    if name is None:
        raise KeyError(f"no response {response!r} in this sweep")
    figure = make_subplots(rows=1, cols=len(report.paths), shared_yaxes=True, x_title="", y_title=name)
    symbols = ["circle" if point.is_pareto else "circle-open" for point in report.points]
    for column, path in enumerate(report.paths, start=1):
        trace = go.Scatter(
            x=[point.value(path) for point in report.points],
            y=[point.value(name) for point in report.points],
            mode="markers",
            marker={"symbol": symbols, "size": 9},
            text=[f"point {point.point}" for point in report.points],
        )
        figure.add_trace(trace, 1, column)
        figure.update_xaxes(title_text=path, row=1, col=column)
    return figure.update_layout(title=f"{report.scenario}: {name}", showlegend=False)


def _bars(points: Sequence[SweepPoint], name: str) -> dict[str, Any] | None:
    found = [point.responses.get(name) for point in points]
    if not any(found):
        return None
    known = [one or Estimate.exact(0.0) for one in found]
    return {
        "array": [one.high - one.value for one in known],
        "arrayminus": [one.value - one.low for one in known],
        "thickness": 1,
        "width": 0,
    }


def _dimension(name: str, values: Sequence[Setting | None]) -> dict[str, Any]:
    if not any(isinstance(value, str) for value in values):
        return {"label": name, "values": values}
    words = list(dict.fromkeys(values))
    return {
        "label": name,
        "values": [words.index(value) for value in values],
        "tickvals": list(range(len(words))),
        "ticktext": [str(word) for word in words],
    }


def _label(point: SweepPoint, names: Sequence[str]) -> str:
    return f"point {point.point}<br>" + "<br>".join(
        f"{escape(name)} = {_text(point.value(name))}" for name in names
    )


def _text(value: Setting | None) -> str:
    return f"{value:.5g}" if isinstance(value, float) else escape("" if value is None else value)
