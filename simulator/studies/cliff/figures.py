"""The figure of a cliff: what is answered well of what arrives, load by load."""

from collections.abc import Sequence
from math import isfinite

from plotly.graph_objects import Figure, Scatter

from simulator.studies.cliff.report import CliffReport
from simulator.theory.estimate import Estimate


def cliff_figure(report: CliffReport) -> Figure:
    """Goodput against arrivals: what is carried lies on the diagonal."""
    arrivals = [load.arrivals_rps for load in report.curve]
    figure = Figure(
        [
            Scatter(x=arrivals, y=arrivals, name="all that arrives", mode="lines", line={"dash": "dot"}),
            _lines("good answers", arrivals, [load.goodput_rps for load in report.curve]),
        ]
    )
    bounds = (("cliff", report.collapse, "top right"), ("recovers below", report.recovery, "bottom right"))
    for name, found, place in bounds:  # they are often near
        if found is not None:
            figure.add_vline(
                x=found.rps.value, line_dash="dash", annotation_text=name, annotation_position=place
            )
    figure.add_vline(x=report.peak_rps, line_dash="dot", annotation_text="peak")
    title = f"{report.scenario}, {report.stage or 'full exposure'}: goodput {report.shape}"
    return figure.update_layout(title=title, xaxis_title="arrivals/s", yaxis_title="good answers/s")


def _lines(name: str, x: Sequence[float], estimates: Sequence[Estimate]) -> Scatter:
    """Values with their intervals, joined."""
    below = [one.value - one.low if isfinite(one.low) else 0.0 for one in estimates]
    above = [one.high - one.value if isfinite(one.high) else 0.0 for one in estimates]
    return Scatter(
        x=x,
        y=[one.value for one in estimates],
        name=name,
        mode="lines+markers",
        error_y={"type": "data", "symmetric": False, "array": above, "arrayminus": below},
    )
