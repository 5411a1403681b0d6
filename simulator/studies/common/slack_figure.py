"""A figure of judged criteria: how far each is from its limit."""

from collections.abc import Sequence

from plotly.graph_objects import Figure, Scatter

from simulator.render.palette import VERDICT_COLORS
from simulator.studies.common.verdicts.criterion_record import JudgedCriterion

_TITLE = "distance to the limit, as a share of it"
_HEIGHT_PX, _HEIGHT_PER_ROW_PX = 200, 28


def slack_figure(criteria: Sequence[tuple[str, JudgedCriterion]]) -> Figure:
    """Criteria by label, as far from their limits as a share of them: to the right holds, to the left misses.

    Those of which nothing was observed are left out.
    """
    known = [(label, found) for label, found in criteria if found.slack is not None]
    figure = Figure()
    for word in ("PASS", "UNDECIDED", "FAIL"):
        shown = [(label, found.slack) for label, found in known if found.verdict == word]
        figure.add_trace(
            Scatter(
                x=[slack for _, slack in shown],
                y=[label for label, _ in shown],
                mode="markers",
                name=word,
                marker={"color": VERDICT_COLORS[word], "size": 10},
            )
        )
    figure.add_vline(x=0.0, line_dash="dot")
    return figure.update_layout(
        title=_TITLE,
        xaxis={"title": _TITLE, "tickformat": "+.0%"},
        height=_HEIGHT_PX + _HEIGHT_PER_ROW_PX * len(known),
    )
