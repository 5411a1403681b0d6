"""Columns of tables follow from the definitions of metrics."""

from simulator.metrics.actions import ActionMetrics
from simulator.metrics.definition import Spread
from simulator.metrics.registry import ACTIONS
from simulator.render.metric_columns import metric_columns
from simulator.render.sections import Quantity
from simulator.theory.estimate import Estimate
from tests.unit.records import blank

COLUMNS = {column.heading: column for column in metric_columns(ACTIONS.values())}


def test_a_time_is_shown_by_its_p95() -> None:
    p95 = Estimate(2.0, 1.9, 2.1)
    of = blank(ActionMetrics, latency=Spread(mean=Estimate.exact(1.0), p95=p95), success_rate=p95)
    assert COLUMNS["p95 latency"].cell(of) == Quantity(p95, "time")
    assert COLUMNS["success"].cell(of) == Quantity(p95, "share")


def test_what_never_happened_has_no_column() -> None:
    zero = Estimate.exact(0.0)
    none = blank(ActionMetrics, retries_per_action=zero, goodput_rps=zero)
    some = blank(ActionMetrics, retries_per_action=Estimate.exact(0.1))
    assert not COLUMNS["retries"].says_something([none, none])
    assert COLUMNS["retries"].says_something([none, some])
    assert COLUMNS["goodput"].says_something([none])
    assert not COLUMNS["goodput"].says_something([some])
