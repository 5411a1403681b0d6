"""Figures of documents, drawn by plotly: every value with its interval, every verdict with its word."""

from collections.abc import Sequence
from datetime import datetime

from plotly.graph_objects import Bar, Figure, Scatter
from plotly.subplots import make_subplots

from simulator.render.criteria import measure_text, part_text
from simulator.render.palette import VERDICT_COLORS
from simulator.render.terminal_tables import Document

_STATISTICS = ("p50", "p95", "p99")
_HEIGHT_PER_ROW = 28


def plan_figure(document: Document) -> Figure:
    """Cost of the month, and p95 latency at the peak, by stage."""
    stages = document["stages"]
    names = [stage["name"] for stage in stages]
    colors = [VERDICT_COLORS[stage["decision"]] for stage in stages]
    figure = make_subplots(rows=1, cols=2, subplot_titles=("cost per month, $", "p95 latency at the peak, s"))
    figure.add_trace(
        _bars("cost per month", names, [stage["cost"]["month"] for stage in stages], colors), 1, 1
    )
    latencies = [stage["metrics"]["latency_s"]["p95"] for stage in stages]
    figure.add_trace(_bars("p95 latency", names, latencies, colors), 1, 2)
    return figure.update_layout(title=f"{document['scenario']}: {document['decision']}", showlegend=False)


def gate_figure(document: Document) -> Figure:
    """How far the conditions of a plan's gates are from their limits: to the right holds, to the left misses."""
    return _slack_figure(
        [
            (f"{_whose(gate, stage)}: {_measure_and_part(gate)} {gate['threshold']}", gate)
            for stage in document["stages"]
            for gate in stage.get("gates", ())
        ]
    )


def _whose(gate: Document, stage: Document) -> str:
    """Exit of the stage that was measured, or entry of the one behind it."""
    return f"{gate['gate']} of {gate['measured_at'] if gate['gate'] == 'exit' else stage['name']}"


def _slack_figure(entries: Sequence[tuple[str, Document]]) -> Figure:
    """Verdicts by label, as far from their limits as a share of them; those without a value are left out."""
    known = [(label, verdict) for label, verdict in entries if verdict["slack"] is not None]
    figure = Figure()
    for word in ("PASS", "UNDECIDED", "FAIL"):
        found = [(label, verdict) for label, verdict in known if verdict["verdict"] == word]
        figure.add_trace(
            Scatter(
                x=[verdict["slack"] for _, verdict in found],
                y=[label for label, _ in found],
                mode="markers",
                name=word,
                marker={"color": VERDICT_COLORS[word], "size": 10},
            )
        )
    figure.add_vline(x=0.0, line_dash="dot")
    return figure.update_layout(
        title="distance to the limit, as a share of it",
        xaxis={"title": "distance to the limit, as a share of it", "tickformat": "+.0%"},
        height=200 + _HEIGHT_PER_ROW * len(known),
    )


def timeline_figure(document: Document) -> Figure:
    """Stages of a plan on the calendar in the colour of their decision, and the last days to order."""
    stages = document["stages"]
    figure = Figure()
    for word in ("GO", "UNDECIDED", "NO-GO"):
        found = [stage for stage in stages if stage["decision"] == word]
        begins = [datetime.fromisoformat(stage["start"]) for stage in found]
        spans = [
            datetime.fromisoformat(stage["end"]) - start for stage, start in zip(found, begins, strict=True)
        ]
        figure.add_trace(
            Bar(
                name=word,
                y=[stage["name"] for stage in found],
                x=[1000.0 * span.total_seconds() for span in spans],
                base=[begin.isoformat() for begin in begins],
                orientation="h",
                marker_color=VERDICT_COLORS[word],
                hovertemplate="%{y} from %{base|%Y-%m-%d}<extra></extra>",
            )
        )
    orders = [(stage["name"], path, day) for stage in stages for path, day in stage["order_by"].items()]
    figure.add_trace(
        Scatter(
            name="order by",
            x=[day for _, _, day in orders],
            y=[name for name, _, _ in orders],
            text=[path for _, path, _ in orders],
            mode="markers",
            marker={
                "symbol": "diamond",
                "size": 11,
                "color": "#0072b2",
                "line": {"width": 1, "color": "white"},
            },
            hovertemplate="%{text} by %{x|%Y-%m-%d}<extra></extra>",
        )
    )
    return figure.update_layout(
        xaxis_type="date",
        xaxis_title="date",
        yaxis={"categoryorder": "array", "categoryarray": [stage["name"] for stage in reversed(stages)]},
        margin={"t": 10, "b": 40},
        height=160 + _HEIGHT_PER_ROW * len(stages),
    )


def _bars(
    name: str,
    labels: Sequence[str],
    estimates: Sequence[Document | None],
    colors: Sequence[str] | None = None,
) -> Bar:
    values = [None if estimate is None else estimate["value"] for estimate in estimates]
    above, below = [], []
    for estimate in estimates:
        is_known = estimate is not None and None not in (estimate["low"], estimate["high"])
        above.append(estimate["high"] - estimate["value"] if estimate is not None and is_known else 0.0)
        below.append(estimate["value"] - estimate["low"] if estimate is not None and is_known else 0.0)
    error = {"type": "data", "array": above, "arrayminus": below, "symmetric": False}
    return Bar(name=name, x=list(labels), y=values, error_y=error, marker_color=colors)


def _measure_and_part(entry: Document) -> str:
    part = part_text(entry)
    return f"{measure_text(entry)}{'' if part == 'all' else f' of {part}'}"
