"""Figures of changes between two sides: each as a share of the base, with its paired interval."""

from collections.abc import Sequence
from math import isfinite

from plotly.graph_objects import Figure, Scatter

from simulator.render.palette import VERDICT_COLORS
from simulator.studies.common.changes.paired_change import PairedChange
from simulator.studies.common.verdicts.criterion_text import stage_text, subject_text

HEIGHT_PER_ROW_PX = 28
_TITLE = "change against the base, 95 % interval"


def relative_figure(groups: Sequence[tuple[str, str, str, Sequence[PairedChange]]]) -> Figure:
    """Changes of several groups.

    Parameters
    ----------
    groups : name, verdict whose colour it has, symbol of its marks, changes; those without a base value are left out
    """
    figure = Figure()
    stages = {one.stage for _, _, _, changes in groups for one in changes}
    for name, verdict, symbol, changes in groups:
        known = [one for one in changes if one.relative is not None]
        figure.add_trace(_marks(known, has_stage=len(stages) > 1)).data[-1].update(
            name=name, marker={"color": VERDICT_COLORS[verdict], "symbol": symbol, "size": 9}
        )
    return figure.update_layout(xaxis={"title": _TITLE, "tickformat": "+.1%"})


def _marks(changes: Sequence[PairedChange], *, has_stage: bool) -> Scatter:
    widths = [_widths(one) for one in changes]
    return Scatter(
        x=[one.relative for one in changes],
        y=[
            f"{subject_text(one)}, {stage_text(one.stage)}" if has_stage else subject_text(one)
            for one in changes
        ],
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [above for _, above in widths],
            "arrayminus": [below for below, _ in widths],
        },
        mode="markers",
    )


def _widths(of: PairedChange) -> tuple[float, float]:
    """How far the interval reaches below and above the change, as shares of the base; 0: not known."""
    scale, difference = abs(of.before.value), of.difference
    if not (isfinite(difference.low) and isfinite(difference.high)):
        return 0.0, 0.0
    return (difference.value - difference.low) / scale, (difference.high - difference.value) / scale
