"""Warm-ups and replications follow the slowest target; what is stated is taken, and a report says where it is short."""

from pathlib import Path
from typing import Any

import pytest

import simulator as rollout
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario, Window
from simulator.studies.common.run_length import (
    enough_replications,
    short_span_message,
    short_warmup_message,
    window_warmup_s,
)
from tests.theory.experiments import exponential, one_service, replications


def _minutes(window: dict[str, Any] | None = None) -> Scenario:
    """Calls that take ten minutes, and 20 people for 18 at a time: a relaxation time of 3.2 hours."""
    desk = {"max_ongoing_requests": 20, "service_time": exponential(600.0)}
    scenario = one_service(0.03, desk)
    return scenario.model_copy(update={"window": Window.model_validate(window or {})})


def _pilots(scenario: Scenario) -> Any:
    def pilots(warmup_s: float, n_runs: int) -> list[RunResult]:
        return replications(scenario, 3600.0, warmup_s, n=n_runs)

    return pilots


def test_an_unstated_warmup_is_ten_minutes_or_as_long_as_the_slowest_target_needs() -> None:
    quick = one_service(4.0, {"max_ongoing_requests": 5, "service_time": exponential(1.0)})
    assert window_warmup_s(quick.window, _pilots(quick)) == 600.0
    slow = _minutes()
    assert window_warmup_s(slow.window, _pilots(slow)) >= 3 * 3.2 * 3600.0


@pytest.mark.parametrize("stated", [0.0, 300.0])
def test_a_stated_warmup_is_taken(stated: float) -> None:
    slow = _minutes({"warmup": stated})
    assert window_warmup_s(slow.window, _pilots(slow)) == stated


def test_auto_is_no_shorter_than_the_slowest_target_needs() -> None:
    slow = _minutes({"warmup": "auto"})
    assert window_warmup_s(slow.window, _pilots(slow)) >= 3 * 3.2 * 3600.0


def test_a_report_says_where_a_stated_warmup_is_short() -> None:
    short = replications(_minutes(), 3600.0, 600.0, n=6)
    message = short_warmup_message(short)
    assert message is not None
    assert message.startswith("a warm-up of 10 min is short: desk in home takes ")
    assert short_warmup_message(replications(_minutes(), 3600.0, 72_000.0, n=6)) is None


def test_more_replications_where_targets_settle_slowly() -> None:
    quick = one_service(0.1, {"max_ongoing_requests": 5, "service_time": exponential(1.0)})
    assert enough_replications(replications(quick, 3600.0, 600.0, n=1)) == 5
    busy = one_service(9.0, {"max_ongoing_requests": 10, "service_time": exponential(1.0)})
    few = replications(busy, 600.0, 600.0, n=3)
    assert 100 < enough_replications(few) <= 500
    message = short_span_message(few)
    assert message is not None
    assert message.startswith("30 min in all are short: waits at desk in home ")


_BUSY = """
metadata: {name: busy}
workloads: [{name: ask, arrival_rate: 9 rps, steps: [{call: desk}]}]
services: {desk: {max_ongoing_requests: 10, service_time: {distribution: exponential, mean: 1s}}}
window: {duration: 20m, warmup: 5m}
"""


def test_a_run_makes_them_and_takes_what_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "busy.yaml").write_text(_BUSY, encoding="utf-8")
    busy = rollout.load(tmp_path / "busy.yaml")
    found = busy.run()
    assert found.replications > 5
    assert not found.warnings
    asked = busy.run(replications=3)
    assert asked.replications == 3
    assert len(asked.warnings) == 1
