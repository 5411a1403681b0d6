"""Figures of a canary: how its rehearsals end."""

from plotly.graph_objects import Bar, Figure

from simulator.render.palette import PALETTE
from simulator.render.terminal_tables import Document

_OUTCOMES = (("stopped", PALETTE[5], "/"), ("inconclusive", PALETTE[6], "."), ("passed", PALETTE[2], ""))


def canary_figure(document: Document) -> Figure:
    """Of every case the share of rehearsals that was stopped, passed, or was inconclusive; `stopped` with its interval."""
    cases = document["cases"]
    names = [case["name"] for case in cases]
    figure = Figure()
    for outcome, color, pattern in _OUTCOMES:
        shares = [case[outcome] for case in cases]
        error = None
        if outcome == "stopped":  # it lies at the axis, so that its interval can be read
            error = {
                "type": "data",
                "symmetric": False,
                "array": [100.0 * (share["high"] - share["value"]) for share in shares],
                "arrayminus": [100.0 * (share["value"] - share["low"]) for share in shares],
            }
        figure.add_trace(
            Bar(
                y=names,
                x=[100.0 * share["value"] for share in shares],
                name=outcome,
                orientation="h",
                marker={"color": color, "pattern": {"shape": pattern}},
                error_x=error,
            )
        )
    return figure.update_layout(
        barmode="stack",
        xaxis={"title": "share of the rehearsals, %", "range": [0, 100]},
        yaxis={"autorange": "reversed"},
        height=170 + 34 * len(names),
    )
