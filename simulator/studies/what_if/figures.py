"""The figure of a what-if: what moved against the baseline, and which way."""

from collections.abc import Sequence

from plotly.graph_objects import Figure

from simulator.studies.common.changes.change_figure import HEIGHT_PER_ROW_PX, relative_figure
from simulator.studies.common.changes.paired_change import PairedChange
from simulator.studies.common.verdicts.criterion_text import subject_text

_GROUPS = (
    ("better", "better", "PASS", "triangle-up"),
    ("fewer", "answers fewer", "UNDECIDED", "triangle-up-open"),
    ("unclear", "not significant", "UNDECIDED", "circle-open"),
    ("worse", "worse", "FAIL", "square"),
)


def what_if_figure(measures: Sequence[PairedChange]) -> Figure:
    """Change of every measure that moved, as a share of the baseline, with its paired interval.

    How busy a target is, is neither better nor worse: it stands in the table.
    """
    found = [one for one in measures if one.direction != "none" and one.metric != "utilization"]
    groups = [
        (name, verdict, symbol, [one for one in found if one.direction == direction])
        for direction, name, verdict, symbol in _GROUPS
    ]
    figure = relative_figure(groups)
    figure.add_vline(x=0.0, line_dash="dot")
    names = [subject_text(one) for one in reversed(found)]
    return figure.update_layout(
        yaxis={"categoryorder": "array", "categoryarray": names},
        height=170 + HEIGHT_PER_ROW_PX * len(found),
    )
