"""Metrics by their names: labels, units, and which of them thresholds and objectives can name."""

from typing import get_args

import pytest

from simulator.metrics.registry import (
    ACTIONS,
    INDICATORS,
    TARGETS,
    TESTABLE,
    Indicator,
    is_of_targets_only,
    key_of,
    label_of,
    unit_of,
)


@pytest.mark.parametrize(
    ("metric", "words"),
    [
        ("p(95) latency", "p95 latency"),
        ("p95 latency", "p95 latency"),
        ("p(99.9) ttft", "p99.9 first token"),
        ("tpot", "time per output token"),
        ("p(95) queue_wait", "p95 queue wait"),
        ("success_rate", "success rate"),
        ("cost_per_action", "cost per action"),
        ("cost_per_successful_action", "cost per success"),
        ("monthly_cost", "monthly cost"),
    ],
)
def test_metrics_are_words(metric: str, words: str) -> None:
    assert label_of(metric) == words


@pytest.mark.parametrize(
    ("metric", "unit"),
    [("p(95) latency", "s"), ("utilization", "share"), ("monthly_cost", "currency"), ("goodput_rps", "1/s")],
)
def test_a_unit_is_that_of_the_metric(metric: str, unit: str) -> None:
    assert unit_of(metric) == unit


def test_a_wait_is_one_of_actions_and_one_of_targets() -> None:
    assert {name for name in TARGETS if name in ACTIONS} == {"queue_wait", "energy_per_action_wh"}
    assert not is_of_targets_only("queue_wait")
    assert is_of_targets_only("utilization")


def test_objectives_name_what_thresholds_can_name() -> None:
    assert set(INDICATORS) <= set(TESTABLE)
    assert get_args(Indicator) == tuple(INDICATORS)


def test_documents_have_the_unit_of_a_time() -> None:
    assert (key_of("latency"), key_of("goodput_rps"), key_of("nothing")) == (
        "latency_s",
        "goodput_rps",
        "nothing",
    )
