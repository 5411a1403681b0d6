"""Figures of a drift study: how soon it is noticed against how many answers are looked at, and what that costs."""

from collections.abc import Sequence

from plotly.graph_objects import Figure, Scatter
from plotly.subplots import make_subplots

from simulator.render.palette import PALETTE
from simulator.studies.drift.report import Sampling, WorkloadDrift
from simulator.theory.estimate import Estimate
from simulator.units import WEEK_S


def drift_figure(of: WorkloadDrift) -> Figure:
    """Of one workload: time until a drift is seen, and the cost of looking, by the share of answers that is reviewed.

    The star is the share that the scenario reviews. Rates at which it is not surely seen within a year have no point.
    """
    seen = [one for one in of.sampling if one.seen_after_s.estimate is not None]
    delays = [one.seen_after_s.estimate or Estimate.exact(0.0) for one in seen]
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.08)
    weeks = [one.value / WEEK_S for one in delays]
    figure.add_trace(
        Scatter(
            **_at(seen, of, PALETTE[0]),
            y=weeks,
            name="seen after, on average",
            mode="lines+markers",
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [max(0.0, one.high - one.value) / WEEK_S for one in delays],
                "arrayminus": [max(0.0, one.value - one.low) / WEEK_S for one in delays],
            },
        ),
        1,
        1,
    )
    late = [(one.sample, one.seen_after_s.p90) for one in seen if one.seen_after_s.p90 is not None]
    figure.add_trace(
        Scatter(
            x=[100.0 * sample for sample, _ in late],
            y=[p90_s / WEEK_S for _, p90_s in late],
            name="9 of 10 by",
            mode="lines",
            line={"color": PALETTE[0], "dash": "dot"},
        ),
        1,
        1,
    )
    every = of.sampling
    figure.add_trace(
        Scatter(
            **_at(every, of, PALETTE[5]),
            y=[one.cost.month for one in every],
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


def _at(sampling: Sequence[Sampling], of: WorkloadDrift, color: str) -> dict[str, object]:
    """Where points lie, and their marks: a star where the scenario is."""
    is_now = [one.sample == of.sample for one in sampling]
    return {
        "x": [100.0 * one.sample for one in sampling],
        "line": {"color": color},
        "marker": {
            "symbol": ["star" if now else "circle" for now in is_now],
            "size": [14 if now else 7 for now in is_now],
        },
    }
