"""The figure of a canary: how its rehearsals end."""

from plotly.graph_objects import Bar, Figure

from simulator.render.palette import PALETTE
from simulator.studies.canary.report import CanaryReport
from simulator.theory.estimate import Estimate


def canary_figure(report: CanaryReport) -> Figure:
    """Of every case the share of rehearsals that was aborted, promoted, or inconclusive; `aborted` with its interval."""
    cases = report.cases
    aborted = [case.aborted for case in cases]
    figure = Figure(
        [
            # it lies at the axis, so that its interval can be read
            _bar("aborted", report, aborted, PALETTE[5], "/", error_x=_error(aborted)),
            _bar("inconclusive", report, [case.inconclusive for case in cases], PALETTE[6], "."),
            _bar("promoted", report, [case.promoted for case in cases], PALETTE[2], ""),
        ]
    )
    return figure.update_layout(
        barmode="stack",
        xaxis={"title": "share of the rehearsals, %", "range": [0, 100]},
        yaxis={"autorange": "reversed"},
        height=170 + 34 * len(cases),
    )


def _bar(
    name: str, report: CanaryReport, shares: list[Estimate], color: str, pattern: str, **more: object
) -> Bar:
    return Bar(
        y=[case.name for case in report.cases],
        x=[100.0 * share.value for share in shares],
        name=name,
        orientation="h",
        marker={"color": color, "pattern": {"shape": pattern}},
        **more,
    )


def _error(shares: list[Estimate]) -> dict[str, object]:
    """Error bars in percent."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [100.0 * (share.high - share.value) for share in shares],
        "arrayminus": [100.0 * (share.value - share.low) for share in shares],
    }
