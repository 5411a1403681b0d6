"""Routes against probability: who is chosen, how often is tried again, what a cascade and people add up to."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from scipy import stats

from simulator.metrics.columns import CountColumn, Metric, UsageColumn
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario
from simulator.theory.erlang import mean_wait_s
from simulator.theory.retries import attempts_per_request, failed_share
from simulator.theory.single_server import m_d_1_k_loss
from tests.theory.experiments import (
    assert_agrees,
    constant,
    count_shares,
    exponential,
    instant_model,
    means,
    replications,
    scenario_of,
    tokens,
    usage_shares,
)

MIN_P = 1e-4  # chance of a false alarm of a test of a whole distribution


def routed(
    rate_rps: float, models: Sequence[dict[str, Any]], route: dict[str, Any], **parts: Any
) -> Scenario:
    """Questions that go through a route to models; `steps` and the like of the workload in `workload`."""
    ask = {"name": "ask", "arrival_rate": rate_rps, "steps": [{"generate": "best"}], **tokens(100, 50)}
    return scenario_of(
        {
            "workloads": [ask | parts.pop("workload", {})],
            "model_list": list(models),
            "routes": {"best": {"choose": [model["model_name"] for model in models], **route}},
            **parts,
        }
    )


def attempts_at(results: Sequence[RunResult], column: UsageColumn = UsageColumn.ATTEMPTS) -> dict[str, float]:
    """Attempts at each target over all replications."""
    total = np.sum([r.measured_usage[:, :, column].sum(axis=0) for r in results], axis=0)
    return {station.target: float(n) for station, n in zip(results[0].stations, total, strict=True)}


def shares_at(results: Sequence[RunResult], target: str) -> list[float]:
    """Attempts at a target per action, in each replication."""
    place = [station.target for station in results[0].stations].index(target)
    return [
        r.measured_usage[:, place, UsageColumn.ATTEMPTS].sum()
        / r.measured_counts[:, CountColumn.ARRIVED].sum()
        for r in results
    ]


def test_simple_shuffle_follows_the_weights() -> None:
    models = [instant_model(name, weight=weight) for name, weight in (("a", 1.0), ("b", 2.5), ("c", 6.5))]
    n = attempts_at(replications(routed(20.0, models, {}), 1_200.0, 0.0))
    total = sum(n.values())
    assert stats.chisquare(list(n.values()), total * np.array([0.1, 0.25, 0.65])).pvalue > MIN_P


def test_the_least_busy_of_two_is_nearly_one_line() -> None:
    """Two services of four: joining the one with fewer waits between one line for both and two lines apart."""
    parts = {
        "workloads": [{"name": "ask", "arrival_rate": 6.4, "steps": [{"call": "desk"}]}],
        "services": {
            name: {"max_ongoing_requests": 4, "service_time": exponential(1.0)} for name in ("a", "b")
        },
    }
    wait_s = {}
    for strategy in ("simple-shuffle", "power-of-two", "least-busy"):
        route = {"choose": ["a", "b"], "routing_strategy": strategy}
        results = replications(scenario_of({**parts, "routes": {"desk": route}}), 5_000.0, 200.0)
        wait_s[strategy] = means(results, Metric.QUEUE_WAIT)
    assert_agrees(wait_s["simple-shuffle"], mean_wait_s(4, 3.2, 1.0))
    one_line_s = mean_wait_s(8, 6.4, 1.0)
    means_s = {name: values.mean() for name, values in wait_s.items()}
    assert one_line_s < means_s["least-busy"] < means_s["power-of-two"] < means_s["simple-shuffle"]


def test_the_cheapest_is_chosen_while_it_has_quota() -> None:
    """The dear one gets what the cheap one's bucket refuses: nothing is refused, and the cheap one is used up."""
    cheap = instant_model("cheap", prices={"input": 1, "output": 2}, rpm=60)
    dear = instant_model("dear", prices={"input": 1, "output": 3})
    route = {"routing_strategy": "cost-based-routing"}
    results = replications(routed(3.0, [dear, cheap], route), 1_800.0, 120.0)
    assert sum(attempts_at(results, UsageColumn.RATE_LIMITED).values()) == 0
    n = attempts_at(results)
    assert n["cheap"] / (20 * 1_800.0) == pytest.approx(1.0, abs=1e-3)
    unlimited = replications(routed(3.0, [dear, instant_model("cheap")], route), 600.0, 0.0, n=3)
    assert attempts_at(unlimited)["dear"] == 0


def test_the_least_used_quota_is_chosen_so_that_nothing_is_refused() -> None:
    """Two and a quarter a second for quotas of 1 and 3 a second; half of it would be too much for the smaller."""
    models = [instant_model("a", rpm=60), instant_model("b", rpm=180)]
    refused = {}
    for strategy in ("simple-shuffle", "usage-based-routing"):
        results = replications(routed(2.25, models, {"routing_strategy": strategy}), 1_800.0, 900.0, n=5)
        refused[strategy] = sum(attempts_at(results, UsageColumn.RATE_LIMITED).values())
    assert refused["simple-shuffle"] > 100
    assert refused["usage-based-routing"] == 0


def test_who_is_refused_at_home_is_served_by_the_next_region() -> None:
    """The home deployment lets in what M/D/1/K lets in; every other request goes to the other, one way each."""
    ask = {"name": "ask", "arrival_rate": {"north": 0.55}, "steps": [{"generate": "best"}], **tokens(100, 50)}
    scenario = scenario_of(
        {
            "regions": {"north": {}, "south": {}},
            "network": {"default": 0.2},
            "workloads": [ask],
            "model_list": [instant_model("small", rpm={"north": 30, "south": 600})],
            "routes": {"best": {"choose": ["small"], "num_retries": 1, "failover_after": 1}},
        }
    )
    results = replications(scenario, 40_000.0, 2_000.0)
    refused = m_d_1_k_loss(1.1, 30)
    assert_agrees(usage_shares(results, UsageColumn.RATE_LIMITED, 0), refused)
    assert_agrees(count_shares(results, CountColumn.RETRIES, CountColumn.ARRIVED), refused)
    assert_agrees(means(results, Metric.LATENCY) - 1e-6, refused * 0.2)
    assert count_shares(results, CountColumn.FAILED, CountColumn.ARRIVED).max() == 0.0


def test_the_faster_is_chosen_by_latency() -> None:
    """Each is tried once, and the slower never again."""
    models = [instant_model("slow", ttft=constant(0.9)), instant_model("fast", ttft=constant(0.3))]
    results = replications(
        routed(0.5, models, {"routing_strategy": "latency-based-routing"}), 3_600.0, 0.0, n=5
    )
    for result in results:
        n = attempts_at([result])
        assert 1 <= n["slow"] <= 5  # those that arrive before its first answer
        assert n["fast"] > 1_000


def test_complexity_chooses_the_model_and_the_model_its_success() -> None:
    success = {"easy": 0.9, "medium": 0.7, "hard": 0.4}
    shares = {"easy": 0.5, "medium": 0.3, "hard": 0.2}
    models = [instant_model("small", success_rate=success), instant_model("large", success_rate=0.8)]
    route = {
        "routing_strategy": "complexity",
        "choose": {"easy": "small", "medium": "large", "hard": "small"},
    }
    results = replications(routed(20.0, models, route, workload={"complexity": shares}), 1_200.0, 0.0)
    assert_agrees(shares_at(results, "large"), 0.3)
    for stream, (name, right) in enumerate({"easy": 0.9, "medium": 0.8, "hard": 0.4}.items()):
        assert results[0].streams[stream].complexity == name
        assert_agrees(count_shares(results, CountColumn.CORRECT, CountColumn.SUCCEEDED, stream), right)


def test_a_cascade_escalates_and_succeeds_as_its_confidence_allows() -> None:
    """Answers of the first tiers are kept unless flagged; the last one's is kept anyway."""
    success, wrong, right = (0.6, 0.8, 0.95), 0.75, 0.15
    models = [instant_model(name, success_rate=rate) for name, rate in zip("abc", success, strict=True)]
    route = {
        "routing_strategy": "cascade",
        "confidence": {"flags_wrong": wrong, "flags_right": right},
    }
    results = replications(routed(20.0, models, route), 1_200.0, 0.0)
    flagged = [rate * right + (1.0 - rate) * wrong for rate in success]
    assert_agrees(shares_at(results, "b"), flagged[0])
    assert_agrees(shares_at(results, "c"), flagged[0] * flagged[1])
    kept_right = (1.0 - right) * (success[0] + flagged[0] * success[1])
    correct = count_shares(results, CountColumn.CORRECT, CountColumn.SUCCEEDED)
    assert_agrees(correct, kept_right + flagged[0] * flagged[1] * success[2])
    for result in results:  # what was escalated was paid for nothing
        usage = result.measured_usage[0]
        escalated = usage[1:, UsageColumn.ATTEMPTS].sum()
        assert usage[:, UsageColumn.WASTED_OUTPUT_TOKENS].sum() == 50.0 * escalated


def test_attempts_are_geometric_up_to_the_last_retry() -> None:
    error_rate, n_retries = 0.4, 3
    models = [instant_model("small", error_rate=error_rate)]
    results = replications(routed(20.0, models, {"num_retries": n_retries}), 600.0, 0.0, rows=True)
    assert_agrees(shares_at(results, "small"), attempts_per_request(error_rate, n_retries))
    failed = count_shares(results, CountColumn.FAILED, CountColumn.ARRIVED)
    assert_agrees(failed, failed_share(error_rate, n_retries))
    n = np.concatenate([r.rows["attempts"].to_numpy() for r in results if r.rows is not None])
    expected = np.array([0.6, 0.24, 0.096, 0.064]) * n.size
    assert stats.chisquare(np.bincount(n, minlength=5)[1:], expected).pvalue > MIN_P


@pytest.mark.parametrize("jitter", ["none", "full", "equal"])
def test_the_wait_before_a_retry_doubles_up_to_its_limit(jitter: str) -> None:
    """1, 2, 3, 3 s: as they are, uniform from zero, or uniform from their half; their sum is the time to fail."""
    backoff = {"base": 1.0, "factor": 2.0, "max": 3.0, "jitter": jitter}
    models = [instant_model("small", error_rate=1.0)]
    scenario = routed(5.0, models, {"num_retries": 4, "backoff": backoff})
    results = replications(scenario, 600.0, 0.0, rows=True, n=5)
    spans = [r.rows["end_s"] - r.rows["arrival_s"] for r in results if r.rows is not None]
    total_s = np.concatenate(spans) - 5e-6  # five attempts
    waits_s = np.array([1.0, 2.0, 3.0, 3.0])
    low = {"none": 1.0, "full": 0.0, "equal": 0.5}[jitter]
    assert total_s.min() >= low * waits_s.sum() - 1e-6
    assert total_s.max() <= waits_s.sum() + 1e-6
    if jitter == "none":
        assert total_s == pytest.approx(9.0, rel=1e-6)
        return
    # Those that began too late to have ended are the same at any length of wait.
    begun = [r.rows["arrival_s"] < 590.0 for r in results if r.rows is not None]
    total_s = total_s[np.concatenate(begun)]
    assert_agrees(total_s, (1.0 + low) / 2.0 * waits_s.sum())
    variance = ((1.0 - low) ** 2 / 12.0 * waits_s**2).sum()
    assert_agrees((total_s - total_s.mean()) ** 2, float(variance))


def test_fallbacks_are_asked_one_after_the_other() -> None:
    error = {"a": 0.5, "b": 0.3, "c": 0.2}
    models = [instant_model(name, error_rate=rate) for name, rate in error.items()]
    route = {"choose": ["a"], "fallbacks": ["b", "c"], "num_retries": 1}
    results = replications(routed(20.0, models, route), 1_200.0, 0.0)
    to_b, to_c = 0.5**2, 0.5**2 * 0.3**2
    assert_agrees(shares_at(results, "b"), to_b * attempts_per_request(0.3, 1))
    assert_agrees(shares_at(results, "c"), to_c * attempts_per_request(0.2, 1))
    assert_agrees(count_shares(results, CountColumn.FALLBACKS, CountColumn.ARRIVED), to_b + to_c)
    assert_agrees(count_shares(results, CountColumn.FAILED, CountColumn.ARRIVED), to_c * 0.2**2)


def test_a_stale_answer_is_the_last_resort() -> None:
    """All models fail: who asks what the cache held at the start is served, degraded; nothing else is."""
    workload = {
        "popularity": {"exponent": 0.0, "items": 40},
        "steps": [{"cache": "kept"}, {"generate": "best"}],
    }
    caches: Mapping[str, Any] = {"kept": {"type": "exact", "size": 10, "ttl": 1e-3}}
    models = [instant_model("small", error_rate=1.0)]
    route = {"fallbacks": ["cached-answer"]}
    results = replications(routed(20.0, models, route, workload=workload, caches=caches), 600.0, 0.0)
    assert_agrees(count_shares(results, CountColumn.DEGRADED, CountColumn.ARRIVED), 0.25)
    assert_agrees(count_shares(results, CountColumn.FAILED, CountColumn.ARRIVED), 0.75)


def test_people_take_over_the_unsure_and_the_failed_and_see_a_sample_of_the_rest() -> None:
    success, error, resolved, sampled = 0.8, 0.1, 0.9, 0.3
    review = {"team": "agents", "sample": sampled, "when": ["low_confidence", "exhausted"]}
    workload = {"steps": [{"generate": "best"}, {"review": review}]}
    models = [instant_model("small", success_rate=success, error_rate=error)]
    route = {"confidence": {"flags_wrong": 0.7, "flags_right": 0.05}}
    teams = {"agents": {"staff": 500, "handle_time": constant(1.0), "success_rate": resolved}}
    results = replications(routed(20.0, models, route, workload=workload, teams=teams), 1_200.0, 60.0)
    unsure = success * 0.05 + (1.0 - success) * 0.7
    handed_off = error + (1.0 - error) * unsure
    kept_right = (1.0 - error) * success * 0.95
    assert_agrees(count_shares(results, CountColumn.HANDED_OFF, CountColumn.ARRIVED), handed_off)
    reviewed = count_shares(results, CountColumn.REVIEWED, CountColumn.ARRIVED)
    assert_agrees(reviewed, (1.0 - handed_off) * sampled)
    correct = count_shares(results, CountColumn.CORRECT, CountColumn.SUCCEEDED)
    assert_agrees(correct, handed_off * resolved + kept_right)


def test_the_data_contract_rejects_its_share() -> None:
    workload = {"steps": [{"validate": {"reject": 0.07, "latency": 0.01}}, {"generate": "best"}]}
    results = replications(routed(20.0, [instant_model("small")], {}, workload=workload), 1_200.0, 0.0)
    assert_agrees(count_shares(results, CountColumn.INVALID, CountColumn.ARRIVED), 0.07)
    assert_agrees(shares_at(results, "small"), 0.93)


def _in_tiers(small: dict[str, Any], large: dict[str, Any], **route: Any) -> list[RunResult]:
    """A cascade of two models, the first of which is sure of nothing."""
    unsure = {"flags_wrong": 1.0, "flags_right": 1.0}
    models = [instant_model("small", **small), instant_model("large", **large)]
    cascade = {"routing_strategy": "cascade", "confidence": unsure, **route}
    return replications(routed(20.0, models, cascade), 600.0, 0.0, n=4)


@pytest.mark.parametrize(
    "trouble", [{"error_rate": 0.5}, {"rpm": 600}, {"max_parallel_requests": 1, "ttft": constant(0.1)}]
)
def test_a_cascade_asks_its_next_tier_when_one_fails(trouble: dict[str, Any]) -> None:
    for run in _in_tiers(trouble, {}):
        counts = run.measured_counts.sum(axis=0)
        assert counts[CountColumn.FAILED] + counts[CountColumn.REJECTED] == 0
        assert counts[CountColumn.SUCCEEDED] >= counts[CountColumn.ARRIVED] - 2
        assert counts[CountColumn.FALLBACKS] == 0


@pytest.mark.parametrize("trouble", [{"error_rate": 1.0}, {"rpm": 1}, {"ttft": constant(9.0)}])
def test_an_unsure_answer_stands_when_no_later_tier_answers(trouble: dict[str, Any]) -> None:
    """The small model is right in 80 %, and so are the answers; where the large one answers, the small one's are wasted."""
    results = _in_tiers({"success_rate": 0.8}, trouble, timeout=1.0)
    for run in results:
        counts = run.measured_counts.sum(axis=0)
        assert counts[CountColumn.FAILED] + counts[CountColumn.REJECTED] == 0
        assert counts[CountColumn.GENERATED] == counts[CountColumn.SUCCEEDED]
    assert_agrees(count_shares(results, CountColumn.CORRECT, CountColumn.SUCCEEDED), 0.8)
    n_wasted = attempts_at(results, UsageColumn.WASTED_INPUT_TOKENS)["small"]
    n_large = attempts_at(results, UsageColumn.SUCCEEDED)["large"]
    assert n_wasted == 100 * n_large


def test_a_cascade_that_fails_in_every_tier_falls_back() -> None:
    results = _in_tiers({"error_rate": 1.0}, {"error_rate": 1.0}, fallbacks=["small"])
    for run in results:
        counts = run.measured_counts.sum(axis=0)
        assert counts[CountColumn.SUCCEEDED] == 0
        assert counts[CountColumn.FALLBACKS] == counts[CountColumn.ARRIVED]
    n = attempts_at(results)
    assert n["small"] == 2 * n["large"]
