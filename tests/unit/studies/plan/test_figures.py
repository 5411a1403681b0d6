"""Figures of a plan: every value of the report is where it belongs, and every axis has its unit."""

import pytest

from simulator.studies.plan.figures import gate_figure, plan_figures, timeline_figure
from simulator.studies.plan.findings import GateCondition, TradePoint
from simulator.studies.plan.trade_figures import trade_figures
from simulator.studies.record import MonthlyCost
from simulator.theory.estimate import Estimate
from simulator.theory.verdict import Verdict
from tests.unit.studies.plan.reports import cost, interval, plan_report, stage_plan


def _gate(kind: str, slack: float | None, verdict: Verdict) -> GateCondition:
    return GateCondition.model_validate(
        {
            "gate": kind,
            "measured_at": "pilot",
            "criterion": "success_rate",
            "threshold": ">= 92%",
            "stage": "pilot",
            "metric": "success_rate",
            "statistic": None,
            "value": None if slack is None else 0.9,
            "low": None,
            "high": None,
            "op": ">=",
            "limit": 0.92,
            "slack": slack,
            "replications": 4,
            "verdict": verdict,
        }
    )


def test_figures_have_axes_with_units() -> None:
    for section in plan_figures(plan_report()):
        layout = section.draw().layout
        assert layout.xaxis.title.text, section.title
        assert layout.yaxis.title.text, section.title


def test_conditions_lie_as_far_from_their_limit_as_they_are() -> None:
    gates = (_gate("exit", 0.4, "PASS"), _gate("entry", -0.2, "FAIL"), _gate("entry", None, "UNDECIDED"))
    figure = gate_figure([stage_plan("pilot"), stage_plan("all", gates=gates)])
    places = {
        label: x for trace in figure.data for label, x in zip(trace.y or (), trace.x or (), strict=True)
    }
    assert places == {"exit of pilot: success rate >= 92%": 0.4, "entry of all: success rate >= 92%": -0.2}


def test_stages_last_as_long_as_they_are_and_orders_have_their_day() -> None:
    figure = timeline_figure([stage_plan("pilot"), stage_plan("all", decision="NO-GO")])
    go, _, no_go, orders = figure.data
    assert (go.y, go.base, go.x) == (("pilot",), ("2027-02-01T00:00:00+00:00",), (28 * 86_400_000.0,))
    assert no_go.y == ("all",)
    assert orders.x == ("2027-01-18", "2027-01-18")


@pytest.mark.parametrize(("least_usd", "scale"), [(10.0, "log"), (0.0, None)])
def test_costs_are_drawn_by_magnitude_unless_something_costs_nothing(
    least_usd: float, scale: str | None
) -> None:
    points = tuple(
        TradePoint(
            capacity={},
            cost=MonthlyCost(month=usd),
            latency_p95=Estimate.exact(latency_s),
            availability=None,
            holds=None,
            is_planned=usd > 10.0,
            on_latency_front=True,
        )
        for usd, latency_s in ((least_usd, 2.0), (100.0, 1.0))
    )
    (section,) = trade_figures([stage_plan(trade_off=points), stage_plan("bare")])
    assert section.title == "Cost against latency"
    figure = section.draw()
    assert figure.layout.xaxis.type == scale
    (trace,) = figure.data
    assert (trace.x, trace.y) == ((least_usd, 100.0), (2.0, 1.0))
    assert trace.marker.symbol == ("circle", "star")


def test_latency_has_its_interval_and_limits() -> None:
    sections = {section.title: section for section in plan_figures(plan_report())}
    figure = sections["Latency against its objectives"].draw()
    (bars,) = figure.data
    assert bars.error_y.array[0] == pytest.approx(0.05 * 1.7 * 0.1)
    assert [line.y0 for line in figure.layout.shapes] == [8.0]


def test_categories_of_cost_are_stacked() -> None:
    months = (("tokens", 3.0), ("people", 5.0))
    stages = [
        stage_plan(
            name,
            cost=cost(usd).model_copy(update={"by_category": {name: interval(usd, 0.0)}}),
        )
        for name, usd in months
    ]
    sections = {section.title: section for section in plan_figures(plan_report(*stages))}
    shown = {trace.name: trace.y for trace in sections["Cost of a month"].draw().data}
    assert shown == {"tokens": (3.0, 0.0), "people": (0.0, 5.0)}
