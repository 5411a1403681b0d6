"""Figures of alerts, gates and canaries: every value of the document is where it belongs."""

from typing import Any

import pytest

from simulator.render.figures import gate_figure
from simulator.studies.canary.figures import canary_figure
from simulator.studies.drill.figures import drill_figure
from simulator.studies.plan.plan_figures import trade_figures


def _estimate(value: float | None, below: float = 0.0, above: float = 0.0) -> dict[str, float | None]:
    known = value is not None
    return {"value": value, "low": value - below if known else None, "high": value + above if known else None}


def _drill(alerts: list[dict[str, Any]]) -> dict[str, Any]:
    series = {"bucket_s": 60.0, "goodput_rps": [9.0, 4.0, 3.0, 8.0], "goodput_without_rps": [9.0] * 4}
    return {"name": "down", "begins_s": 60.0, "duration_s": 120.0, "series": series, "alerts": alerts}


def _alert(name: str, after_s: float | None) -> dict[str, Any]:
    after = None if after_s is None else _estimate(after_s, 30.0, 60.0)
    return {"alert": name, "notify": "on-call", "after_s": after}


def test_an_alert_lies_on_the_curve_when_it_fires() -> None:
    drills = [_drill([_alert("page", 90.0), _alert("ticket", None)]), _drill([_alert("page", 30.0)])]
    figure = drill_figure({"scenario": "desk", "stage": None, "drills": drills})
    first, second = (trace for trace in figure.data if trace.mode == "markers")
    assert (first.name, first.x, first.y) == ("page tells on-call", (2.5,), (3.0,))
    assert (first.error_x.arrayminus[0], first.error_x.array[0]) == (0.5, 1.0)
    assert (second.x, second.y) == ((1.5,), (4.0,))
    assert [first.showlegend, second.showlegend] == [True, False]


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


def test_outcomes_of_rehearsals_add_up() -> None:
    case = {
        "name": "worse",
        "stopped": _estimate(0.7, 0.1, 0.2),
        "inconclusive": _estimate(0.1),
        "passed": _estimate(0.2),
    }
    figure = canary_figure({"cases": [case]})
    assert sum(trace.x[0] for trace in figure.data) == pytest.approx(100.0)
    stopped = figure.data[0]
    assert stopped.name == "stopped"
    assert (stopped.error_x.arrayminus[0], stopped.error_x.array[0]) == pytest.approx((10.0, 20.0))


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
