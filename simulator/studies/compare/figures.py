"""The figure of a comparison: every judged measure against the tolerance."""

from plotly.graph_objects import Figure

from simulator.studies.common.changes.change_figure import HEIGHT_PER_ROW_PX, relative_figure
from simulator.studies.compare.report import CompareReport


def compare_figure(report: CompareReport) -> Figure:
    """Change of every judged measure as a share of the base, with its paired interval and the tolerance."""
    words = ("PASS", "UNDECIDED", "FAIL")
    figure = relative_figure(
        [(word, word, "circle", [one for one in report.changes if one.verdict == word]) for word in words]
    )
    for sign in (-1.0, 1.0):
        figure.add_vline(x=sign * report.tolerance, line_dash="dot")
    return figure.update_layout(title=report.subject, height=200 + HEIGHT_PER_ROW_PX * len(report.changes))
