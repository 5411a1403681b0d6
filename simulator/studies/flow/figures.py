"""Figures of flows: the path of a workload's requests as a Sankey diagram, and an incident over time."""

import re
from collections.abc import Sequence

from plotly.graph_objects import Figure, Sankey, Scatter

from simulator.render.numbers import quantity
from simulator.render.palette import PALETTE
from simulator.studies.flow.report import (
    Bottleneck,
    EdgeKind,
    FlowNode,
    FlowPath,
    NodeKind,
    ReplayReport,
    StationFlow,
)
from simulator.theory.estimate import Estimate

_BLUE, _ORANGE, _GREEN, _PINK, _SKY, _RED, _GRAY = PALETTE[:7]
_LINE_LENGTH = 9  # letters; the columns of a narrow window have room for so many
_COLORS: dict[NodeKind, str] = {
    "workload": _BLUE,
    "check": _GRAY,
    "cache": _PINK,
    "model": _BLUE,
    "service": _SKY,
    "team": _PINK,
    "good": _GREEN,
    "lost": _RED,
}
_EDGES: dict[EdgeKind, str] = {
    "on": "rgba(120,140,160,0.35)",
    "aside": "rgba(204,121,167,0.35)",
    "good": "rgba(0,158,115,0.4)",
    "lost": "rgba(213,94,0,0.5)",
}


def flow_figure(
    path: FlowPath, stations: Sequence[StationFlow] = (), bottleneck: Bottleneck | None = None
) -> Figure:
    """The path of a workload: edges as wide as they are taken per second, what is lost in orange.

    Parameters
    ----------
    path : nodes and edges, of `simulator.studies.flow.paths.workload_path`
    stations : how full targets are, to be written beside their names
    bottleneck : the station that holds up most; its target is marked by ▲ and its colour
    """
    places = {node.key: place for place, node in enumerate(path.nodes)}
    stuck = [
        bottleneck is not None and node.is_target and node.label == bottleneck.target for node in path.nodes
    ]
    labels = [
        _label(node, stations, is_stuck=is_stuck) for node, is_stuck in zip(path.nodes, stuck, strict=True)
    ]
    colors = [
        _ORANGE if is_stuck else _COLORS[node.kind] for node, is_stuck in zip(path.nodes, stuck, strict=True)
    ]
    figure = Figure(
        Sankey(
            arrangement="snap",
            node={
                "label": labels,
                "color": colors,
                "pad": 18,
                "thickness": 10,
                "line": {"width": 0},
                "hovertemplate": "%{label}<extra></extra>",
            },
            link={
                "source": [places[edge.source] for edge in path.edges],
                "target": [places[edge.target] for edge in path.edges],
                "value": [edge.per_s for edge in path.edges],
                "color": [_EDGES[edge.kind] for edge in path.edges],
                "customdata": [f"{quantity(edge.per_s, 'rate')} ({edge.unit})" for edge in path.edges],
                "hovertemplate": "%{source.label} to %{target.label}: %{customdata}<extra></extra>",
            },
        )
    )
    return figure.update_layout(height=170 + 34 * max(6, len(labels)))


def moments_figure(report: ReplayReport, place: int) -> Figure:
    """Arrivals and good answers over an incident, with the moment that is looked at."""
    minutes = [moment.begin_s / 60.0 for moment in report.moments]
    figure = Figure()
    for name, values, color, dash in (
        ("actions that arrive", [moment.arrivals_rps for moment in report.moments], _GRAY, "dot"),
        ("good answers", [moment.goodput_rps for moment in report.moments], _BLUE, "solid"),
    ):
        figure.add_trace(Scatter(x=minutes, y=values, name=name, line={"color": color, "dash": dash}))
    begin = report.begins_s / 60.0
    end = begin + max(report.duration_s, report.bucket_s) / 60.0
    figure.add_vrect(
        x0=begin, x1=end, opacity=0.15, line_width=0, fillcolor="gray", annotation_text="incident"
    )
    figure.add_vline(x=minutes[place], line_color=_RED, line_width=2)
    return figure.update_layout(
        height=280, xaxis_title="minutes", yaxis_title="per second", yaxis_rangemode="tozero"
    )


def station_words(stations: Sequence[StationFlow], target: str) -> list[str]:
    """How full a target is where it is fullest, how long one waits there, and what is lost, in few words."""
    here = [station for station in stations if station.target == target]
    if not here:
        return []
    words = []
    full = max((station.full or 0.0 for station in here if station.full is not None), default=None)
    if full is not None:
        words.append(f"{_percent(full)} full")
    wait_s = max(_value(station.queue_wait_p95_s) for station in here)
    if wait_s > 0.0:
        words += ["waits", quantity(float(f"{wait_s:.2g}"), "time")]
    tries = sum(station.tries_per_s for station in here)
    lost = sum(station.lost_share * station.tries_per_s for station in here) / tries
    if lost > 0.0:
        words.append(f"{_percent(lost)} lost")
    return words


def _percent(share: float) -> str:
    """A share to the nearest percent: a label has little room, the table beneath has the digits."""
    return "<1 %" if 0.0 < share < 0.005 else f"{100.0 * share:.0f} %"


def _label(node: FlowNode, stations: Sequence[StationFlow], *, is_stuck: bool) -> str:
    """The name, cut into short lines, and line by line what is to be known of a target."""
    words = station_words(stations, node.label) if node.is_target else []
    name = _in_lines(node.label)
    return "<br>".join([f"▲ {name}" if is_stuck else name, *words])


def _in_lines(name: str) -> str:
    """A name whose lines end at hyphens and spaces, so that they are no longer than must be."""
    lines = [""]
    for part in re.split(r"(?<=[- ])", name):
        if lines[-1] and len(lines[-1] + part) > _LINE_LENGTH:
            lines.append("")
        lines[-1] += part
    return "<br>".join(line.strip() for line in lines)


def _value(found: Estimate | None) -> float:
    return 0.0 if found is None else found.value
