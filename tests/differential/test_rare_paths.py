"""Paths that few scenarios take, against the reference: time that is up, a second hand-off, a hit after an answer."""

from typing import Any

import numpy as np
import pytest

from simulator.metrics.columns import UsageColumn
from simulator.scenario.model import Scenario
from tests.differential.scenarios import exponential, model
from tests.differential.twins import (
    assert_same_totals,
    engine_rows,
    reference_moments,
    reference_rows,
    run_both,
)

_TOKENS = {"prompt_tokens": exponential(600.0), "output_tokens": exponential(90.0)}
_SLOW = {"service_time": {"distribution": "constant", "value": 5.0}}
_QUICK = {"service_time": exponential(0.1)}


def _asking(
    steps: list[dict[str, Any]], workload: dict[str, Any] | None = None, rate_rps: float = 2.0, **parts: Any
) -> Scenario:
    ask = {"name": "ask", "arrival_rate": rate_rps, "steps": steps, **(workload or {})}
    return Scenario.model_validate({"metadata": {"name": "rare"}, "workloads": [ask], **parts})


def _assert_twins(scenario: Scenario) -> None:
    twins = run_both(scenario, 600.0, 1)
    assert engine_rows(twins)["attempts"].sum() == reference_rows(twins)["attempts"].sum()
    assert_same_totals(twins)
    np.testing.assert_allclose(twins.engine.moments, reference_moments(twins)[0], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    "route",
    [
        {"choose": ["slow"], "timeout": 1.0, "fallbacks": ["spare"]},
        {"choose": ["slow"], "timeout": 1.0, "num_retries": 3},
    ],
    ids=["fallback", "retry"],
)
def test_nothing_is_tried_when_the_time_of_the_step_is_up(route: dict[str, Any]) -> None:
    services = {"slow": _SLOW} | ({"spare": _QUICK} if "fallbacks" in route else {})
    _assert_twins(_asking([{"call": "desks"}], services=services, routes={"desks": route}))


def test_the_user_is_told_once_per_turn_that_people_take_over() -> None:
    steps: list[dict[str, Any]] = [
        {"generate": "small"},
        {"review": {"team": "agents", "when": ["low_confidence"]}},
        {"call": "record"},
        {"review": {"team": "agents", "when": ["exhausted"]}},
    ]
    scenario = _asking(
        steps,
        _TOKENS,
        model_list=[model("small", 0.5, 0.01, success_rate=0.5)],
        services={"record": _QUICK | {"error_rate": 0.3}},
        teams={"agents": {"staff": 50, "handle_time": exponential(3.0)}},
    )
    _assert_twins(scenario)


def test_a_cache_hit_has_no_time_per_token() -> None:
    scenario = _asking(
        [{"generate": "small"}, {"cache": "answers"}, {"generate": "small"}],
        _TOKENS,
        model_list=[model("small", 0.5, 0.01)],
        caches={"answers": {"type": "measured", "hit_rate": 0.5}},
    )
    _assert_twins(scenario)


def test_two_answers_in_a_turn_and_a_route_per_region() -> None:
    scenario = _asking(
        [{"generate": "small"}, {"generate": "large"}, {"review": {"team": "agents", "sample": 0.3}}],
        _TOKENS | {"turns": {"mean": 3.0, "think_time": 2.0}, "timeout": 4.7},
        rate_rps=0.5,
        regions={"east": {}, "west": {}, "north": {}},
        network={"rtt": {"east": {"west": 0.07, "north": 0.11}, "west": {"north": 0.05}}},
        model_list=[
            model("small", 0.5, 0.01, regions=["east", "north"], success_rate=0.8),
            model("large", 0.7, 0.01, regions=["west"], error_rate=0.1, success_rate=0.8),
        ],
        teams={"agents": {"staff": {"west": 4}, "handle_time": exponential(3.0)}},
    )
    _assert_twins(scenario)


def test_a_service_without_replicas_loses_everybody() -> None:
    scenario = _asking(
        [{"call": "desk"}],
        {"timeout": 7.3},
        regions={"east": {}, "west": {}},
        services={
            "desk": {
                "replicas": {"east": 0, "west": 1},
                "max_ongoing_requests": 2,
                "patience": exponential(5.0),
                "service_time": exponential(0.5),
            }
        },
    )
    _assert_twins(scenario)


def test_only_the_first_answer_after_a_look_up_is_kept() -> None:
    scenario = _asking(
        [{"cache": "answers"}, {"generate": "small"}, {"generate": "large"}],
        _TOKENS | {"popularity": {"items": 40}},
        model_list=[
            model("small", 0.5, 0.01, success_rate=0.8, error_rate=0.3),
            model("large", 0.7, 0.01, success_rate=0.3),
        ],
        caches={"answers": {"type": "semantic", "size": 20, "ttl": 30.0, "start": "cold"}},
    )
    _assert_twins(scenario)


def test_replicas_that_are_still_starting_are_the_first_to_go() -> None:
    scaling = {
        "max_replicas": 6,
        "target_ongoing_requests": 1.0,
        "upscale_delay": 0.0,
        "downscale_delay": 0.0,
        "look_back_period": 2.1,
        "metrics_interval": 1.0,
        "startup_delay": 5.3,
    }
    desk = {"max_ongoing_requests": 1, "service_time": exponential(0.9), "autoscaling": scaling}
    _assert_twins(_asking([{"call": "desk"}], {"burstiness": 1.5}, services={"desk": desk}))


def test_the_clock_of_a_pair_does_not_ring_at_the_people_who_take_over() -> None:
    """Both tries fail before their time is up; the hand-off that follows takes longer than what was left of it."""
    failing = model("small", 0.4, 0.01, error_rate=1.0)
    route = {"choose": ["small"], "timeout": 4.1, "hedge": {"after": 0.1137, "max": 1.0}}
    handled = {"distribution": "lognormal", "mean": 6.0, "cv": 0.2}
    scenario = _asking(
        [{"generate": "answer"}, {"review": {"team": "agents", "when": ["exhausted"]}}],
        _TOKENS,
        regions={"east": {}, "west": {}},
        model_list=[failing],
        routes={"answer": route},
        teams={"agents": {"staff": 60, "handle_time": handled}},
    )
    twins = run_both(scenario, 300.0, 1)
    people = [station.kind == "team" for station in twins.engine.stations]
    assert twins.engine.usage[:, :, people, UsageColumn.SUCCEEDED].sum() > 100
    assert twins.engine.usage[:, :, people, UsageColumn.TIMED_OUT].sum() == 0
    _assert_twins(scenario)


@pytest.mark.parametrize("clock", ["the try's", "the user's"])
def test_of_a_pair_whose_time_is_up_the_first_try_is_learned_from_first(clock: str) -> None:
    """Where only one target may be ejected at a time, it is the first try's."""
    route: dict[str, Any] = {
        "choose": ["slow", "spare"],
        "hedge": {"after": 0.3, "max": 1.0},
        "outlier_detection": {
            "consecutive_errors": 1,
            "base_ejection_time": 4.3,
            "max_ejection_percent": 0.5,
        },
    }
    workload: dict[str, Any] = {}
    if clock == "the try's":
        route["per_try_timeout"] = 1.7
    else:
        workload["timeout"] = 1.7
    slow = {"service_time": exponential(2.0), "max_ongoing_requests": 50}
    _assert_twins(
        _asking(
            [{"call": "desks"}], workload, services={"slow": slow, "spare": slow}, routes={"desks": route}
        )
    )


def test_who_is_served_is_on_the_way_before_those_whom_the_free_server_turns_away() -> None:
    """Both go back as fast, and ask the same desk again in the same instant."""
    desk = {"max_ongoing_requests": 1, "max_queue_wait": 0.3, "service_time": exponential(0.4)}
    route = {
        "choose": ["desk"],
        "num_retries": 3,
        "retry_on": ["overload"],
        "backoff": {"base": 0.0, "jitter": "none"},
    }
    _assert_twins(
        _asking(
            [{"call": "desks"}, {"call": "desks"}],
            rate_rps=1.1,
            network={"local": 0.08},
            services={"desk": desk},
            routes={"desks": route},
        )
    )
