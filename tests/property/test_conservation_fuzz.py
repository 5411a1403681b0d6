"""Whatever is put together, nothing is lost, invented, or used beyond its limit."""

from unittest.mock import patch

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from simulator.compiler.demand import stage_window
from simulator.engine import Runner
from simulator.kernel.codes import Outcome
from simulator.mechanisms.providers.limits_build import limit_in
from simulator.mechanisms.queueing.build import replicas_in
from simulator.metrics.columns import AreaColumn, CountColumn, Metric, UsageColumn
from simulator.numerics.sketch import NEVER
from simulator.results.conservation import check_conservation
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario
from tests.property.random_scenarios import random_scenarios

_DURATION_S = 90.0
_NINE = 9.0 * 3600.0  # shifts change and demand jumps on the hour
_OUTCOMES = [CountColumn.SUCCEEDED + outcome for outcome in Outcome]
_ENDS = [
    UsageColumn.SUCCEEDED,
    UsageColumn.ERRORS,
    UsageColumn.RATE_LIMITED,
    UsageColumn.TIMED_OUT,
    UsageColumn.SHED,
    UsageColumn.ABANDONED,
    UsageColumn.CANCELLED,
]
_FUZZ = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    phases=[Phase.generate],  # making a failing scenario smaller takes minutes
)
_SEEDS = st.integers(0, 2**31)


def _run(scenario: Scenario, seed: int, warmup_s: float = 0.0) -> RunResult:
    stage = scenario.stages[-1].name if scenario.stages else None
    window = stage_window(scenario, stage, _NINE - 40.0, _DURATION_S, warmup_s)
    return Runner(record_rows=True).run(scenario, window, seed)


@_FUZZ
@given(random_scenarios(is_comparable=False), _SEEDS, st.sampled_from([0.0, 30.0]))
def test_nothing_is_lost(scenario: Scenario, seed: int, warmup_s: float) -> None:
    with patch("simulator.engine.check_conservation", wraps=check_conservation) as checked:
        result = _run(scenario, seed, warmup_s)
    assert checked.call_count == 1
    counts = result.counts.sum(axis=0)
    usage = result.usage.sum(axis=0)
    _check_counts(counts, result.in_flight)
    _check_attempts(counts, usage)
    _check_stations(result)
    _check_moments(result)
    assert result.rows is not None
    _check_rows(result, result.rows)


def _check_counts(counts: np.ndarray, in_flight: np.ndarray) -> None:
    ended = counts[:, _OUTCOMES].sum(axis=1)
    assert (counts[:, CountColumn.ARRIVED] == ended + in_flight).all()
    answered = counts[:, CountColumn.SUCCEEDED] + counts[:, CountColumn.DEGRADED]
    for part, whole in [
        (CountColumn.CORRECT, answered),
        (CountColumn.GOOD, answered),
        (CountColumn.INVALID, counts[:, CountColumn.REJECTED]),
        (CountColumn.CACHE_HITS, counts[:, CountColumn.CACHE_LOOKUPS]),
        (CountColumn.FALSE_HITS, counts[:, CountColumn.CACHE_HITS]),
        (CountColumn.TIMEOUTS, counts[:, CountColumn.FAILED]),
        (CountColumn.LIMITED, counts[:, CountColumn.REJECTED]),
        (CountColumn.HEDGES_WON, counts[:, CountColumn.HEDGES]),
    ]:
        assert (counts[:, part] <= whole).all(), part.name
    assert (answered <= counts[:, CountColumn.TURNS]).all()


def _check_attempts(counts: np.ndarray, usage: np.ndarray) -> None:
    begun = usage[:, :, UsageColumn.ATTEMPTS]
    ended = usage[:, :, _ENDS].sum(axis=2)
    assert (ended <= begun).all()
    gave_up = usage[:, :, UsageColumn.ABANDONED].sum(axis=1)
    assert (gave_up >= counts[:, CountColumn.ABANDONED]).all(), "of a pair of tries only one may end"
    again = counts[:, CountColumn.RETRIES] + counts[:, CountColumn.HANDED_OFF]
    assert (again <= begun.sum(axis=1)).all()
    assert (usage[:, :, UsageColumn.WASTED_INPUT_TOKENS] <= usage[:, :, UsageColumn.INPUT_TOKENS]).all()
    assert (usage[:, :, UsageColumn.WASTED_OUTPUT_TOKENS] <= usage[:, :, UsageColumn.OUTPUT_TOKENS]).all()


def _check_stations(result: RunResult) -> None:
    in_system_s = result.areas[:, AreaColumn.IN_SYSTEM_S]
    busy_s = result.areas[:, AreaColumn.BUSY_S]
    servers_s = result.areas[:, AreaColumn.SERVERS_S]
    slack_s = 1e-9 * (1.0 + in_system_s)
    is_pool = result.areas[:, AreaColumn.KV_CAPACITY_TOKEN_S] > 0.0  # busy too with who has just left
    assert (busy_s <= in_system_s + slack_s)[~is_pool].all()
    is_limited = servers_s > 0.0
    assert (busy_s <= servers_s + slack_s)[is_limited].all()
    np.testing.assert_allclose(
        in_system_s, result.areas[:, AreaColumn.SOJOURN_S], rtol=1e-9, atol=1e-9, err_msg="L = λW"
    )


def _check_moments(result: RunResult) -> None:
    n, total, squares = np.moveaxis(result.moments, 2, 0)
    assert (n == result.histogram[:, :, :NEVER].sum(axis=2)).all()
    assert (n[:, Metric.LATENCY] == result.measured_counts[:, CountColumn.TURNS]).all()
    assert (n[:, Metric.TTFT] <= n[:, Metric.LATENCY]).all()
    assert (n[:, Metric.TPOT] <= n[:, Metric.TTFT]).all()
    assert (total[:, Metric.QUEUE_WAIT] <= total[:, Metric.LATENCY] * (1 + 1e-12) + 1e-12).all()
    assert (total**2 <= n * squares * (1 + 1e-9) + 1e-12).all(), "Cauchy and Schwarz"


def _check_rows(result: RunResult, rows: pd.DataFrame) -> None:
    end_s = result.warmup_s + result.duration_s
    assert len(rows) == result.counts[:, :, _OUTCOMES].sum()
    assert rows["end_s"].is_monotonic_increasing
    assert rows["end_s"].between(rows["arrival_s"], end_s).all()
    assert not rows.duplicated(["stream", "number", "asked"]).any()
    arrived = result.counts.sum(axis=0)[:, CountColumn.ARRIVED]
    sources = [(stream.workload, stream.region, stream.tenant) for stream in result.streams]
    of_source = pd.Series(arrived).groupby(pd.Index(sources)).transform("sum").to_numpy()  # in any language
    assert (rows["number"] < of_source[rows["stream"]]).all()
    first_asks = rows[rows["asked"] == 0]
    by_number = first_asks.sort_values(["stream", "number"])
    rises = by_number.groupby("stream")["arrival_s"].is_monotonic_increasing
    assert rises.all()
    answered = rows[rows["outcome"] <= Outcome.DEGRADED]
    assert answered["latency_s"].notna().all()
    slack_s = 1e-9
    assert (answered["latency_s"] <= answered["end_s"] - answered["arrival_s"] + slack_s).all()
    assert not rows.loc[rows["outcome"] > Outcome.DEGRADED, "is_correct"].any()
    assert (rows[["queue_wait_s", "input_tokens", "output_tokens", "attempts"]] >= 0).all(axis=None)
    assert (rows["queue_wait_s"] <= rows["end_s"] - rows["arrival_s"] + slack_s).all()
    assert (rows["turns"] >= 1).all()
    usage = result.usage.sum(axis=(0, 2))
    for stream, its_rows in rows.groupby("stream"):
        assert its_rows["input_tokens"].sum() <= usage[stream, UsageColumn.INPUT_TOKENS]
        assert its_rows["output_tokens"].sum() <= usage[stream, UsageColumn.OUTPUT_TOKENS]
        assert its_rows["attempts"].sum() <= usage[stream, UsageColumn.ATTEMPTS]


@_FUZZ
@given(random_scenarios(is_comparable=True), _SEEDS)
def test_no_limit_is_passed(scenario: Scenario, seed: int) -> None:
    result = _run(scenario, seed)
    usage = result.usage.sum(axis=(0, 1))
    models = {model.model_name: model for model in scenario.model_list}
    for index, station in enumerate(result.stations):
        used, most = usage[index], result.max_in_system[index]
        n_served = used[UsageColumn.SUCCEEDED]
        if not any(incident.kind == "outage" for incident in scenario.incidents):
            n_served += used[UsageColumn.ERRORS]  # who finds nobody there has met no limit
        if station.kind == "model":
            model = models[station.target]
            rpm, tpm = limit_in(model.rpm, station.region), limit_in(model.tpm, station.region)
            minutes = 1.0 + _DURATION_S / 60.0  # the bucket is full at the start
            assert rpm is None or n_served <= rpm * minutes
            n_tokens = used[UsageColumn.INPUT_TOKENS] + used[UsageColumn.OUTPUT_TOKENS]
            assert tpm is None or n_tokens <= tpm * minutes
            parallel = limit_in(model.max_parallel_requests, station.region)
            assert parallel is None or most <= parallel
        elif station.kind == "service":
            service = scenario.services[station.target]
            is_fixed = service.autoscaling is None
            if (
                is_fixed
                and service.max_ongoing_requests is not None
                and service.max_queued_requests is not None
            ):
                servers = service.max_ongoing_requests * (replicas_in(service, station.region) or 0)
                assert most <= servers + service.max_queued_requests
            if service.rate_limit is not None:
                depth = service.burst or max(1.0, 60.0 * service.rate_limit)
                assert n_served <= depth + service.rate_limit * _DURATION_S
        assert used[UsageColumn.BUSY_S] <= result.areas[index, AreaColumn.BUSY_S] * (1 + 1e-9) + 1e-9


@settings(_FUZZ, max_examples=15)
@given(random_scenarios(is_comparable=False), _SEEDS)
def test_what_nobody_uses_changes_nobody(scenario: Scenario, seed: int) -> None:
    """Components that are never asked, named before the others, leave every action as it was."""
    unused = {"service_time": {"distribution": "exponential", "mean": 1.0}, "max_ongoing_requests": 1}
    parts = scenario.model_dump(mode="json", by_alias=True)
    parts["services"] = {"no-service": unused} | parts["services"]
    parts["model_list"] = [parts["model_list"][0] | {"model_name": "no-model"}, *parts["model_list"]]
    parts["caches"] = {"no-cache": {"type": "exact", "size": 3}} | parts["caches"]
    parts["teams"] = {"no-team": parts["teams"]["agents"]} | parts["teams"]
    parts["routes"] = {"no-route": {"choose": ["no-model"], "num_retries": 2}} | parts["routes"]
    before, after = _run(scenario, seed), _run(Scenario.model_validate(parts), seed)
    assert before.rows is not None
    assert after.rows is not None
    pd.testing.assert_frame_equal(after.rows, before.rows, check_exact=True)
    np.testing.assert_array_equal(after.counts, before.counts)
    np.testing.assert_array_equal(after.histogram, before.histogram)


def test_a_warm_cache_may_be_asked_twice_in_a_turn() -> None:
    parts = {
        "metadata": {"name": "twice"},
        "workloads": [
            {
                "name": "ask",
                "arrival_rate": 2.0,
                "popularity": {"items": 10},
                "steps": [{"cache": "answers"}, {"call": "desk"}, {"cache": "answers"}, {"call": "desk"}],
            }
        ],
        "caches": {"answers": {"type": "exact", "size": 5}},
        "services": {"desk": {"service_time": {"distribution": "exponential", "mean": 0.1}}},
    }
    result = _run(Scenario.model_validate(parts), 1)
    assert result.counts[:, :, CountColumn.CACHE_HITS].sum() > 0
