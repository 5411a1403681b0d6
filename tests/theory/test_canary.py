"""Canaries against probability: who gets the new version, what it changes, and how often gates and looks decide."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from simulator.compiler.blueprint import compile_scenario
from simulator.compiler.demand import stage_window
from simulator.control.canary import CanaryLog, Rehearsal
from simulator.control.canary_verdict import CanaryPhase
from simulator.engine import simulate
from simulator.mechanisms.releases.canary import Canary
from simulator.mechanisms.releases.config import Release
from simulator.metrics.columns import CountColumn, Metric, UsageColumn
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario
from simulator.theory.sequential import bounds_of, false_alarm_rate
from tests.theory.experiments import MAX_Z, assert_agrees, instant_model, scenario_of, tokens, z_of


def asked(rate_rps: float, **model: Any) -> Scenario:
    """Questions to one model."""
    ask = {"name": "ask", "arrival_rate": rate_rps, "steps": [{"generate": "best"}], **tokens(200, 50)}
    return scenario_of({"workloads": [ask], "model_list": [instant_model("best", **model)]})


def rehearsed(
    scenario: Scenario, canary: dict[str, Any], changes: dict[str, float], n: int, seed: int = 500
) -> list[tuple[RunResult, CanaryLog]]:
    """`n` rehearsals, from the start of the run on."""
    plan = Canary.model_validate(canary)
    window = stage_window(scenario, None, 0.0, plan.duration_s + 1.0, 0.0)
    release = Release.model_validate({"name": "new", "changes": changes})
    blueprint = compile_scenario(scenario, window, Path(), release=release)
    played = []
    for number in range(n):
        rehearsal = Rehearsal(plan, 0.0, [0], [0], 1)
        played.append((simulate(blueprint, seed + number, rehearsal=rehearsal), rehearsal.log))
    return played


def looks(weight: float, n_looks: int, interval_s: float, **rule: Any) -> dict[str, Any]:
    """A canary of one weight and one analysis."""
    analysis = {"interval": interval_s, "count": n_looks, **rule}
    return {"steps": [{"set_weight": weight}, {"analysis": "look"}], "analyses": {"look": analysis}}


_ALWAYS = {"success_condition": "latency >= 0"}


def test_the_weight_is_the_share_that_gets_it_and_what_it_changes_is_seen() -> None:
    changes = {
        "success_rate": -0.1,
        "error_rate": 0.05,
        "latency": 0.5,
        "prompt_tokens": 1.0,
        "output_tokens": 0.4,
    }
    scenario = asked(
        10.0, success_rate=0.8, error_rate=0.02, ttft={"distribution": "exponential", "mean": 0.5}
    )
    results = [result for result, _ in rehearsed(scenario, looks(0.3, 1, 1_500.0, **_ALWAYS), changes, 20)]
    arrived = np.array([r.counts[:, :, CountColumn.ARRIVED].sum(axis=0) for r in results])
    assert_agrees(arrived[:, 1] / arrived.sum(axis=1), 0.3)
    usage = np.array([r.usage[:, :2, 0].sum(axis=0) for r in results])
    answered = usage[:, :, UsageColumn.SUCCEEDED]
    for release, expected in ((0, 0.02), (1, 0.07)):
        assert_agrees(
            usage[:, release, UsageColumn.ERRORS] / usage[:, release, UsageColumn.ATTEMPTS], expected
        )
    correct = np.array([r.counts[:, :, CountColumn.CORRECT].sum(axis=0) for r in results])
    for release, expected in ((0, 0.8), (1, 0.7)):
        assert_agrees(correct[:, release] / answered[:, release], expected)
    for column, expected in ((UsageColumn.INPUT_TOKENS, (200, 400)), (UsageColumn.OUTPUT_TOKENS, (50, 70))):
        np.testing.assert_array_equal(usage[:, :, column] / answered, np.tile(expected, (20, 1)))
    ttft = np.array([r.moments[:2, Metric.TTFT, 1] / r.moments[:2, Metric.TTFT, 0] for r in results])
    assert_agrees(ttft[:, 0], 0.5)
    assert_agrees(ttft[:, 1], 0.75)


def test_until_it_is_given_to_somebody_a_release_changes_nobody() -> None:
    scenario = asked(5.0, success_rate=0.8)
    window = stage_window(scenario, None, 0.0, 300.0, 0.0)
    plain = simulate(compile_scenario(scenario, window, Path()), 1)
    release = Release.model_validate({"name": "new", "changes": {"success_rate": -0.5}})
    with_it = simulate(compile_scenario(scenario, window, Path(), release=release), 1)
    np.testing.assert_array_equal(with_it.counts[:, :1], plain.counts)
    assert not with_it.counts[:, 1].any()


def test_a_gate_passes_as_often_as_the_binomial_says() -> None:
    """`success_rate >= 0.88` on the answers of a span: n is Poisson, k binomial given n."""
    rate_rps, weight, span_s, p, limit = 2.0, 0.25, 200.0, 0.9, 0.88
    canary = looks(weight, 1, span_s, success_condition=f"success_rate >= {limit}")
    played = rehearsed(asked(rate_rps, success_rate=p), canary, {}, 500)
    n = np.arange(1, 300)
    chances = stats.poisson.pmf(n, rate_rps * weight * span_s)
    expected = float((chances * stats.binom.sf(np.ceil(limit * n - 1e-9) - 1, n, p)).sum())
    passed = np.array([log.phase is CanaryPhase.SUCCESSFUL for _, log in played], dtype=float)
    assert abs(z_of(passed, expected)) <= MAX_Z


@pytest.mark.parametrize(
    "correction",
    [*(pytest.param(name, marks=pytest.mark.slow) for name in ("none", "pocock")), "obrien-fleming"],
)
def test_repeated_looks_raise_as_many_false_alarms_as_theory_says(correction: Any) -> None:
    compare = {"metric": "success_rate", "alpha": 0.1, "correction": correction}
    played = rehearsed(asked(4.0, success_rate=0.5), looks(0.5, 5, 150.0, compare=compare), {}, 600)
    alarms = np.array([log.phase is CanaryPhase.FAILED for _, log in played], dtype=float)
    expected = false_alarm_rate(bounds_of(correction, 5, 0.1))
    assert (expected > 0.2) if correction == "none" else expected == pytest.approx(0.1, abs=1e-3)
    assert abs(z_of(alarms, expected)) <= MAX_Z


def test_a_failed_canary_is_rolled_back_in_time_and_an_inconclusive_one_stays() -> None:
    bad = {"success_rate": -0.5}
    steps = [
        {"set_weight": 0.2},
        {"pause": 100.0},
        {"analysis": "look"},
        {"set_weight": 1.0},
        {"pause": 300.0},
    ]
    rule = {"interval": 50.0, "count": 3, "success_condition": "success_rate >= 0.8"}
    canary = {"steps": steps, "analyses": {"look": rule}, "rollback_time": 30.0}
    result, log = rehearsed(asked(5.0, success_rate=0.9), canary, bad, 1)[0]
    assert log.phase is CanaryPhase.FAILED
    assert log.weights == [(0.0, 0.2), (180.0, 0.0)]
    assert [entry[0] for entry in log.measurements] == [150.0]
    arrived_new = result.counts[:, 1, CountColumn.ARRIVED]
    after = int(np.ceil(180.0 / result.bucket_s))
    assert arrived_new[:after].sum() > 0
    assert arrived_new[after:].sum() == 0
    unclear = canary | {"analyses": {"look": rule | {"success_condition": "reviewed_success_rate >= 0.8"}}}
    _, log = rehearsed(asked(5.0), unclear, bad, 1)[0]
    assert log.phase is CanaryPhase.INCONCLUSIVE
    assert log.weights == [(0.0, 0.2)]


def test_copies_are_the_share_that_is_asked_for_and_change_nothing_for_users() -> None:
    """A third of the actions is copied, with the user's own luck; the copies' tokens are billed beside the users'."""
    scenario = asked(20.0, success_rate=0.8)
    mirror = {"steps": [{"set_mirror_route": 1.0 / 3.0}, {"analysis": "look"}], **_analyses(300.0)}
    played = rehearsed(scenario, mirror, {"success_rate": -0.3}, 20)
    alone = rehearsed(scenario, looks(1e-9, 1, 300.0, **_ALWAYS), {}, 20)
    shares, right = [], []
    for (result, _), (without, _) in zip(played, alone, strict=True):
        users, new, copies = (result.counts[:, stream].sum(axis=0) for stream in range(3))
        assert new.sum() == 0
        np.testing.assert_array_equal(users, without.counts[:, 0].sum(axis=0))
        shares.append(copies[CountColumn.ARRIVED] / users[CountColumn.ARRIVED])
        right.append(copies[CountColumn.CORRECT] / copies[CountColumn.SUCCEEDED])
        usage = result.usage[:, 2].sum(axis=(0, 1))
        assert usage[UsageColumn.INPUT_TOKENS] == 200 * copies[CountColumn.SUCCEEDED]
    assert_agrees(np.array(shares), 1.0 / 3.0)
    assert_agrees(np.array(right), 0.5)


def _analyses(interval_s: float) -> dict[str, Any]:
    return {"analyses": {"look": {"interval": interval_s, "count": 1, **_ALWAYS}}}


def test_an_analysis_sees_copies_as_the_new_version() -> None:
    """Copies that are half as often right stop the canary although no user has got it."""
    scenario = asked(20.0, success_rate=0.8)
    steps = [{"set_mirror_route": 0.5}, {"analysis": "look"}, {"set_weight": 1.0}]
    rule = {"interval": 60.0, "count": 3, "compare": {"metric": "success_rate"}}
    for result, log in rehearsed(
        scenario, {"steps": steps, "analyses": {"look": rule}}, {"success_rate": -0.4}, 10
    ):
        assert log.phase is CanaryPhase.FAILED
        assert log.mirrors[-1][1] == 0.0, "rolled back"
        assert result.counts[:, 1].sum() == 0
