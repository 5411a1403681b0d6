"""Figures of a drift study: how soon it is noticed against how many answers are looked at, and what that costs."""

from plotly.graph_objects import Figure, Scatter
from plotly.subplots import make_subplots

from simulator.render.terminal_tables import Document
from simulator.studies.plan.plan_figures import PALETTE

_WEEK_S = 7 * 86_400.0


def drift_figure(of: Document) -> Figure:
    """Of one workload: time until a drift is seen, and the cost of looking, by the share of answers that is reviewed.

    The star is the share that the scenario reviews. Rates at which it is not surely seen within a year have no point.
    """
    seen = [one for one in of["sampling"] if one["seen_after_s"]["value"] is not None]
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.08)
    weeks = [one["seen_after_s"]["value"] / _WEEK_S for one in seen]
    figure.add_trace(
        Scatter(
            **_at(seen, of, PALETTE[0]),
            y=weeks,
            name="seen after, on average",
            mode="lines+markers",
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [_edge(one, "high") - week for one, week in zip(seen, weeks, strict=True)],
                "arrayminus": [week - _edge(one, "low") for one, week in zip(seen, weeks, strict=True)],
            },
        ),
        1,
        1,
    )
    late = [one for one in seen if one["seen_after_s"]["p90"] is not None]
    figure.add_trace(
        Scatter(
            x=[100.0 * one["sample"] for one in late],
            y=[one["seen_after_s"]["p90"] / _WEEK_S for one in late],
            name="9 of 10 by",
            mode="lines",
            line={"color": PALETTE[0], "dash": "dot"},
        ),
        1,
        1,
    )
    every = of["sampling"]
    figure.add_trace(
        Scatter(
            **_at(every, of, PALETTE[5]),
            y=[one["cost"]["month"] for one in every],
            name="cost of reviews",
            mode="lines+markers",
        ),
        2,
        1,
    )
    figure.update_yaxes(title_text="weeks until seen", rangemode="tozero", row=1, col=1)
    figure.update_yaxes(title_text="US dollars a month", type="log", row=2, col=1)
    figure.update_xaxes(type="log")
    figure.update_xaxes(title_text="answers reviewed, % (star: now)", row=2, col=1)
    return figure.update_layout(height=520)


def _at(sampling: list[Document], of: Document, color: str) -> dict[str, object]:
    """Where points lie, and their marks: a star where the scenario is."""
    is_now = [one["sample"] == of["sample"] for one in sampling]
    return {
        "x": [100.0 * one["sample"] for one in sampling],
        "line": {"color": color},
        "marker": {
            "symbol": ["star" if now else "circle" for now in is_now],
            "size": [14 if now else 7 for now in is_now],
        },
    }


def _edge(one: Document, end: str) -> float:
    """An end of the interval in weeks; where it is not known, the value."""
    found: float | None = one["seen_after_s"][end]
    return (one["seen_after_s"]["value"] if found is None else found) / _WEEK_S
