"""Figures of gates and trade-offs: every value of the plan is where it belongs."""

from typing import Any

import pytest

from simulator.render.figures import gate_figure
from simulator.studies.plan.plan_figures import trade_figures


def _estimate(value: float | None, below: float = 0.0, above: float = 0.0) -> dict[str, float | None]:
    known = value is not None
    return {"value": value, "low": value - below if known else None, "high": value + above if known else None}


def test_conditions_lie_as_far_from_their_limit_as_they_are() -> None:
    def gate(kind: str, slack: float | None, verdict: str) -> dict[str, Any]:
        same = {"statistic": None, "workload": None, "region": None, "target": None, "threshold": ">= 92%"}
        return {
            "gate": kind,
            "measured_at": "pilot",
            "metric": "success_rate",
            "slack": slack,
            "verdict": verdict,
            **same,
        }

    gates = [gate("exit", 0.4, "PASS"), gate("entry", -0.2, "FAIL"), gate("entry", None, "UNDECIDED")]
    figure = gate_figure({"stages": [{"name": "pilot"}, {"name": "all", "gates": gates}]})
    places = {
        label: x for trace in figure.data for label, x in zip(trace.y or (), trace.x or (), strict=True)
    }
    assert places == {"exit of pilot: success rate >= 92%": 0.4, "entry of all: success rate >= 92%": -0.2}


@pytest.mark.parametrize(("least_usd", "scale"), [(10.0, "log"), (0.0, None)])
def test_costs_are_drawn_by_magnitude_unless_something_costs_nothing(
    least_usd: float, scale: str | None
) -> None:
    points = [
        {
            "capacity": {},
            "cost": {"month": usd},
            "latency_p95_s": _estimate(latency),
            "availability": None,
            "is_planned": usd > 10.0,
            "on_latency_front": True,
            "on_availability_front": False,
        }
        for usd, latency in ((least_usd, 2.0), (100.0, 1.0))
    ]
    figures = trade_figures({"stages": [{"name": "all", "trade_off": points}, {"name": "bare"}]})
    assert list(figures) == ["Cost against latency"]
    (figure,) = figures.values()
    assert figure.layout.xaxis.type == scale
    assert figure.data[0].marker.symbol == ("circle", "star")
