"""Protections that would change nothing, or cannot be, get one message at their key."""

from pathlib import Path

import pytest

from simulator.scenario.read.errors import ScenarioError
from simulator.scenario.read.load import load_text
from tests.unit.scenario.conftest import Refused

_TIME = "{distribution: exponential, mean: 30ms}"
_ROUTE = "{choose: [large], fallbacks: [cached-answer, human], num_retries: 2, timeout: 30s}"
_CONSTANT = "{distribution: constant, value: 10ms}"
_SEARCH = "{max_ongoing_requests: 4, service_time: " + _TIME + "}"


def _route(more: str) -> str:
    return _ROUTE.replace("timeout: 30s", f"timeout: 30s, {more}")


def _search(more: str) -> str:
    return _SEARCH.replace("4,", f"4, {more},")


@pytest.mark.parametrize(
    ("old", "new", "path", "message"),
    [
        (
            _ROUTE,
            _route("retry_budget: 10%").replace("num_retries: 2", "num_retries: 0"),
            "routes.support.retry_budget",
            "changes nothing with `num_retries: 0`",
        ),
        (_ROUTE, _route("retry_budget: 110%"), "routes.support.retry_budget", "outside 0 %"),
        (
            _ROUTE,
            _route("circuit_breaker: {min_calls: 3}"),
            "routes.support.circuit_breaker",
            "it never opens",
        ),
        (
            _ROUTE,
            _route("circuit_breaker: {slow_rate: 50%}"),
            "routes.support.circuit_breaker",
            "belong together",
        ),
        (
            _ROUTE,
            _route("per_try_timeout: 5s, circuit_breaker: {slow_rate: 50%, slow_call: 6s}"),
            "routes.support.circuit_breaker.slow_call",
            "no try lasts that long",
        ),
        (
            _ROUTE,
            _route("per_try_timeout: 5s, adaptive_concurrency: {latency: 6s}"),
            "routes.support.adaptive_concurrency.latency",
            "no answer is that slow",
        ),
        (
            _ROUTE,
            _route("adaptive_concurrency: {latency: 1s, initial: 5, min: 9}"),
            "routes.support.adaptive_concurrency",
            "not between `min` and `max`",
        ),
        (_ROUTE, _route("hedge: {after: p96}"), "routes.support.hedge.after", "not a duration"),
        (_ROUTE, _route("hedge: {after: 40s}"), "routes.support.hedge.after", "timed out by then"),
        (
            _ROUTE,
            "{choose: [large], max_retry_after: 60s}",
            "routes.support.max_retry_after",
            "changes nothing: no 429 is tried again",
        ),
        (
            _ROUTE,
            "{choose: [large], propagate_deadline: true}",
            "routes.support.propagate_deadline",
            "no try has a time-out",
        ),
        (
            _ROUTE,
            "{choose: [large], fallbacks: [search]}",
            "routes.support.fallbacks.0",
            "cannot answer in place of a model",
        ),
        (_SEARCH, _search("success_rate: 50%"), "services.search.success_rate", "no fallback of a route"),
        (_SEARCH, _search("batch_queue_share: 50%"), "services.search.batch_queue_share", "changes nothing"),
        (
            _SEARCH,
            "{max_queue_wait: 2s, service_time: " + _TIME + "}",
            "services.search.max_queue_wait",
            "nobody waits",
        ),
        (
            _SEARCH,
            "{cancellation: false, service_time: " + _TIME + "}",
            "services.search.cancellation",
            "nobody waits",
        ),
        ("    steps:", "    limits: {}\n    steps:", "workloads.ask.limits", "limits nothing"),
        ("    steps:", "    limits: {rpm: 0}\n    steps:", "workloads.ask.limits.rpm", "at least 1"),
        (
            "    steps:",
            "    asks_again: {share: 50%, after: 5s, max: 9}\n    steps:",
            "workloads.ask.asks_again.max",
            "at most 7",
        ),
        (
            "    steps:",
            "    asks_again: {after: 5s}\n    steps:",
            "workloads.ask.asks_again",
            "nobody asks again; give `share` (of those who got nothing) or `wrong`",
        ),
    ],
)
def test_a_protection_without_effect_is_told(
    refused: Refused, old: str, new: str, path: str, message: str
) -> None:
    problems = refused(old, new)
    assert [problem for problem in problems if path in problem.path and message in problem.message], problems


def test_a_second_try_needs_somewhere_to_go(refused: Refused) -> None:
    problems = refused(_ROUTE, _route("hedge: {after: 2s}"), ["model_list.large.regions=[eu]"])
    assert [problem.path for problem in problems] == ["routes.support.hedge"]
    assert "nowhere else to go" in problems[0].message


def test_a_wait_for_room_needs_a_limit_that_tells_it() -> None:
    model = "{model_name: m, provider: own, model: m, prices: {input: 1, output: 1}, TIMES}"
    text = f"""metadata: {{name: waits}}
workloads: [{{name: ask, arrival_rate: 1, prompt_tokens: {{distribution: constant, value: 9}},
  output_tokens: {{distribution: constant, value: 9}}, steps: [{{generate: best}}]}}]
model_list: [{model}]
routes: {{best: {{choose: [m], num_retries: 1, max_retry_after: 60s}}}}
"""
    text = text.replace("TIMES", f"ttft: {_CONSTANT}, tpot: {_CONSTANT}")
    with pytest.raises(ScenarioError, match="no target of the route has a limit that says when"):
        load_text(text, "waits.yaml", Path())
