"""Columns of tables follow from the definitions of metrics."""

from simulator.metrics.registry import ACTIONS
from simulator.render.metric_columns import metric_columns


def _part(**values: float) -> dict[str, object]:
    return {"metrics": {name: {"value": value} for name, value in values.items()}}


def test_a_time_is_shown_by_its_p95() -> None:
    columns = {column.heading: column for column in metric_columns(ACTIONS.values(), "metrics.")}
    assert columns["p95 latency"].path == "metrics.latency_s.p95"
    assert columns["p95 latency"].unit == "time"
    assert columns["success"].path == "metrics.success_rate"


def test_what_never_happened_has_no_column() -> None:
    columns = {column.heading: column for column in metric_columns(ACTIONS.values(), "metrics.")}
    none, some = _part(retries_per_action=0.0, goodput_rps=0.0), _part(retries_per_action=0.1)
    assert not columns["retries"].says_something([none, none])
    assert columns["retries"].says_something([none, some])
    assert columns["goodput"].says_something([none])
    assert not columns["goodput"].says_something([some])
