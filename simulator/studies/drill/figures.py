"""Figures of failures: goodput through incidents with the alerts that fire, and the load at which goodput collapses."""

from collections.abc import Sequence

from plotly.graph_objects import Figure, Scatter
from plotly.subplots import make_subplots

from simulator.render.palette import VERDICT_COLORS
from simulator.render.terminal_tables import Document

_ALERT_SYMBOLS = ("diamond", "star", "hexagon", "cross")


def drill_figure(document: Document) -> Figure:
    """Goodput over time with each incident and without, a panel each; the shade is the incident, diamonds are alerts."""
    drills = document["drills"]
    figure = make_subplots(rows=len(drills), cols=1, subplot_titles=[drill["name"] for drill in drills])
    for row, drill in enumerate(drills, 1):
        series = drill["series"]
        minutes = [bucket * series["bucket_s"] / 60.0 for bucket in range(len(series["goodput_rps"]))]
        for name, key, color in (
            ("without", "goodput_without_rps", VERDICT_COLORS["PASS"]),
            ("with", "goodput_rps", VERDICT_COLORS["FAIL"]),
        ):
            figure.add_trace(
                Scatter(x=minutes, y=series[key], name=name, line={"color": color}, showlegend=row == 1),
                row,
                1,
            )
        begin, end = drill["begins_s"] / 60.0, (drill["begins_s"] + drill["duration_s"]) / 60.0
        figure.add_vrect(
            x0=begin, x1=max(end, begin + 0.2), opacity=0.15, line_width=0, fillcolor="gray", row=row, col=1
        )
        figure.update_yaxes(title_text="good answers/s", rangemode="tozero", row=row, col=1)
    _add_alerts(figure, drills)
    figure.update_xaxes(title_text="minutes", row=len(drills), col=1)
    title = f"{document['scenario']}, {document['stage'] or 'full exposure'}: goodput through incidents"
    return figure.update_layout(title=title, height=120 + 180 * len(drills))


def _add_alerts(figure: Figure, drills: Sequence[Document]) -> None:
    """When each alert fires, on the curve of its drill, with the interval of that time."""
    names = list(dict.fromkeys(seen["alert"] for drill in drills for seen in drill["alerts"]))
    in_legend: set[str] = set()
    for row, drill in enumerate(drills, 1):
        series = drill["series"]
        for seen in drill["alerts"]:
            if seen["after_s"] is None:
                continue
            at_s = drill["begins_s"] + seen["after_s"]["value"]
            bucket = min(int(at_s / series["bucket_s"]), len(series["goodput_rps"]) - 1)
            name = f"{seen['alert']} tells {seen['notify']}"
            figure.add_trace(
                Scatter(
                    x=[at_s / 60.0],
                    y=[series["goodput_rps"][bucket]],
                    name=name,
                    legendgroup=name,
                    showlegend=name not in in_legend,
                    mode="markers",
                    error_x=_minutes_around(seen["after_s"]),
                    marker={
                        "symbol": _ALERT_SYMBOLS[names.index(seen["alert"]) % len(_ALERT_SYMBOLS)],
                        "size": 12,
                        "color": "#0072b2",
                        "line": {"width": 1, "color": "white"},
                    },
                ),
                row,
                1,
            )
            in_legend.add(name)


def _minutes_around(after_s: Document) -> dict[str, object]:
    """Error bars of a time in minutes; none where there is no interval."""
    low, high, value = after_s["low"], after_s["high"], after_s["value"]
    is_known = low is not None and high is not None
    return {
        "type": "data",
        "symmetric": False,
        "array": [(high - value) / 60.0 if is_known else 0.0],
        "arrayminus": [(value - low) / 60.0 if is_known else 0.0],
    }


def cliff_figure(document: Document) -> Figure:
    """Goodput against arrivals: what is carried lies on the diagonal."""
    curve = document["curve"]
    arrivals = [load["arrivals_rps"] for load in curve]
    figure = Figure(
        [
            Scatter(x=arrivals, y=arrivals, name="all that arrives", mode="lines", line={"dash": "dot"}),
            _lines("good answers", arrivals, [load["goodput_rps"] for load in curve]),
        ]
    )
    for name, found in (("cliff", document["collapse"]), ("recovers below", document["recovery"])):
        if found is not None:
            place = "top right" if name == "cliff" else "bottom right"  # they are often near
            x = found["rps"]["value"]
            figure.add_vline(x=x, line_dash="dash", annotation_text=name, annotation_position=place)
    figure.add_vline(x=document["peak_rps"], line_dash="dot", annotation_text="peak")
    title = f"{document['scenario']}, {document['stage'] or 'full exposure'}: goodput {document['shape']}"
    return figure.update_layout(title=title, xaxis_title="arrivals/s", yaxis_title="good answers/s")


def _lines(name: str, x: Sequence[float], estimates: Sequence[Document]) -> Scatter:
    """Values with their intervals, joined."""
    below = [0.0 if one["low"] is None else one["value"] - one["low"] for one in estimates]
    above = [0.0 if one["high"] is None else one["high"] - one["value"] for one in estimates]
    return Scatter(
        x=list(x),
        y=[one["value"] for one in estimates],
        name=name,
        mode="lines+markers",
        error_y={"type": "data", "symmetric": False, "array": above, "arrayminus": below},
    )
