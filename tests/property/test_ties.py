"""Answer and deadline that fall into one instant: all requests alike, in whatever order their times were added up.

The order of kinds in an instant is that of `simulator.kernel.codes.Event`: work that ends, answers, who comes, clocks.
"""

import gzip
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.compiler.demand import stage_window
from simulator.engine import Runner
from simulator.metrics.columns import CountColumn, UsageColumn
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario

_MS = st.integers(1, 900)
# The same examples in every run: where events of two requests lie within 13 ns of one another, one of them happens that much
# later, and may leave its instant. That is once in half a million events, and so in one of some fifty runs here.
_TIES = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
_DURATION_S = 120.0


def _s(*parts_ms: int) -> float:
    """Milliseconds as seconds, added up exactly."""
    return float(Fraction(sum(parts_ms), 1000))


def _constant(value_s: float) -> dict[str, Any]:
    return {"distribution": "constant", "value": value_s}


def _run(parts: Mapping[str, Any], folder: Path = Path()) -> RunResult:
    scenario = Scenario.model_validate({"metadata": {"name": "tie"}, **parts})
    window = stage_window(scenario, None, 0.0, _DURATION_S, 0.0, folder)
    return Runner(folder).run(scenario, window, 1)


def _n(result: RunResult, column: CountColumn) -> int:
    return int(result.counts[:, :, column].sum())


def _used(result: RunResult, column: UsageColumn) -> float:
    return float(result.usage[..., column].sum())


def _asking(*steps: dict[str, Any], **workload: Any) -> dict[str, Any]:
    return {"name": "ask", "arrival_rate": {"eu": 20.0}, "steps": list(steps), **workload}


def _far_service(way_ms: int, service_ms: int, **service: Any) -> dict[str, Any]:
    """A service across the sea, with a way there and back of `way_ms` in all."""
    return {
        "regions": {"eu": {}, "us": {}},
        "network": {"rtt": {"eu": {"us": _s(way_ms)}}},
        "services": {
            "svc": {"regions": ["us"], "service_time": _constant(_s(service_ms)), **service},
        },
    }


def _all_or_none(result: RunResult, column: CountColumn) -> bool:
    """Whether what has ended has all ended so; False: none has."""
    ended = sum(_n(result, c) for c in (CountColumn.SUCCEEDED, CountColumn.FAILED, CountColumn.REJECTED))
    assert ended > 1_000
    assert _n(result, column) in (0, ended)
    return _n(result, column) > 0


@_TIES
@given(_MS, _MS, _MS, st.sampled_from([0, 1]))
def test_an_answer_at_the_users_deadline_is_in_time(check: int, way: int, work: int, short: int) -> None:
    workload = _asking(
        {"validate": {"latency": _s(check)}}, {"call": "svc"}, timeout=_s(check, way, work, -short)
    )
    result = _run({"workloads": [workload], **_far_service(way, work)})
    assert _all_or_none(result, CountColumn.SUCCEEDED) == (short == 0)
    assert _all_or_none(result, CountColumn.FAILED) == (short == 1)


@_TIES
@given(_MS, _MS, st.sampled_from([0, 1]), st.sampled_from(["timeout", "per_try_timeout"]))
def test_an_answer_at_the_end_of_its_try_is_in_time(way: int, work: int, short: int, clock: str) -> None:
    route = {"choose": ["svc"], clock: _s(way, work, -short)}
    result = _run({"workloads": [_asking({"call": "r"})], "routes": {"r": route}, **_far_service(way, work)})
    assert _all_or_none(result, CountColumn.SUCCEEDED) == (short == 0)


@_TIES
@given(_MS, _MS, _MS, st.sampled_from([0, 1]))
def test_a_retry_at_the_deadline_is_not_made(way: int, work: int, wait: int, more: int) -> None:
    route = {
        "choose": ["svc"],
        "timeout": _s(way, work, wait, more),
        "num_retries": 1,
        "backoff": {"base": _s(wait), "jitter": "none", "max": 60},
    }
    parts = _far_service(way, work, error_rate=1.0)
    result = _run({"workloads": [_asking({"call": "r"})], "routes": {"r": route}, **parts})
    assert (_n(result, CountColumn.RETRIES) > 0) == (more == 1)


@_TIES
@given(_MS, _MS, st.sampled_from([0, 1]))
def test_no_second_try_beside_an_answer_that_is_there(way: int, work: int, short: int) -> None:
    parts = _far_service(way, work + 1)
    parts["services"]["other"] = parts["services"]["svc"]
    hedge = {"after": _s(way, work + 1, -short), "max": 1.0, "burst": 10_000}
    route = {"choose": ["svc", "other"], "hedge": hedge}
    result = _run({"workloads": [_asking({"call": "r"})], "routes": {"r": route}, **parts})
    n_done = _n(result, CountColumn.SUCCEEDED)
    assert n_done > 1_000
    assert _n(result, CountColumn.HEDGES) == (0 if short == 0 else pytest.approx(n_done, abs=60))


@_TIES
@given(st.integers(2, 500))
def test_the_try_times_out_before_its_user_does(try_ms: int) -> None:
    """Two tries fill the user's time: the second one is timed out as a try, and the step falls back to rules."""
    route = {
        "choose": ["svc"],
        "per_try_timeout": _s(try_ms),
        "num_retries": 2,
        "backoff": {"base": 0, "jitter": "none"},
    }
    workload = _asking({"validate": {"latency": _s(7)}}, {"call": "r"}, timeout=_s(7, 3 * try_ms))
    result = _run({"workloads": [workload], "routes": {"r": route}, **_far_service(1, 1000)})
    n_ended = _n(result, CountColumn.FAILED)
    assert n_ended > 1_000
    assert _n(result, CountColumn.TIMEOUTS) == 0
    assert _used(result, UsageColumn.TIMED_OUT) >= 3 * n_ended


# ------------------------------------------------------------------------- requests that come at equal distances


def _periodic(
    folder: Path, period: Fraction, name: str = "times", at: Fraction = Fraction(0)
) -> dict[str, Any]:
    """A workload that asks once in a period."""
    n = int(_DURATION_S / period)
    name = f"{name}-{period.numerator}-{period.denominator}"  # files are read once
    lines = ["time", *(repr(float(at + k * period)) for k in range(n))]
    (folder / f"{name}.csv.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    trace = {"file": f"{name}.csv.gz", "time": "time", "replay": "arrivals", "rotate": False}
    return {"name": name, "trace": trace}


def _regular(folder: Path, period: Fraction, **parts: Any) -> RunResult:
    workload = _periodic(folder, period) | {"steps": [{"call": "svc"}]}
    return _run({"workloads": [workload], "regions": {"eu": {}}, **parts}, folder)


@_TIES
@given(st.integers(5, 900))
def test_a_server_is_free_for_who_arrives_as_it_ends(tmp_path: Path, period_ms: int) -> None:
    service = {
        "max_ongoing_requests": 1,
        "max_queued_requests": 0,
        "service_time": _constant(_s(period_ms)),
    }
    result = _regular(tmp_path, Fraction(period_ms, 1000), services={"svc": service})
    assert _n(result, CountColumn.ARRIVED) > 100
    assert _used(result, UsageColumn.SHED) == 0


@_TIES
@given(st.integers(5, 400), st.sampled_from([0, 1]), st.sampled_from(["patience", "max_queue_wait"]))
def test_a_wait_that_ends_as_patience_does_is_served(
    tmp_path: Path, work_ms: int, short: int, limit: str
) -> None:
    """Two ask at once, one is served: the other one waits for exactly as long as it would."""
    period = Fraction(2 * work_ms + 7, 1000)
    limit_s = _s(work_ms, -short)
    service = {
        "max_ongoing_requests": 1,
        "service_time": _constant(_s(work_ms)),
        limit: _constant(limit_s) if limit == "patience" else limit_s,
    }
    workloads = [_periodic(tmp_path, period, name) | {"steps": [{"call": "svc"}]} for name in ("one", "two")]
    result = _run({"workloads": workloads, "regions": {"eu": {}}, "services": {"svc": service}}, tmp_path)
    n_unserved = _used(result, UsageColumn.ABANDONED) + _used(result, UsageColumn.SHED)
    assert n_unserved == (0 if short == 0 else pytest.approx(_n(result, CountColumn.ARRIVED) / 2, abs=2))


@_TIES
@given(st.integers(61, 900))
def test_a_limit_lets_in_what_comes_at_its_own_rate(tmp_path: Path, rpm: int) -> None:
    service = {"service_time": _constant(0.01), "rate_limit": f"{rpm} rpm", "burst": 1}
    result = _regular(tmp_path, Fraction(60, rpm), services={"svc": service})
    assert _n(result, CountColumn.ARRIVED) > 100
    assert _used(result, UsageColumn.RATE_LIMITED) == 0


@_TIES
@given(st.integers(20, 400), st.integers(1, 19), st.integers(2, 9))
def test_an_answer_as_old_as_its_time_to_live_has_expired(
    tmp_path: Path, period_ms: int, work_ms: int, n_periods: int
) -> None:
    workload = _periodic(tmp_path, Fraction(period_ms, 1000)) | {
        "steps": [{"cache": "kept"}, {"generate": "model"}],
        "popularity": {"items": 1},
        "prompt_tokens": _constant(10),
        "output_tokens": _constant(1),
    }
    model = {
        "model_name": "model",
        "provider": "own",
        "model": "own",
        "prices": {"input": 0, "output": 0},
        "ttft": _constant(_s(work_ms)),
        "tpot": _constant(0.0),
    }
    kept = {"type": "exact", "ttl": _s(n_periods * period_ms, -work_ms), "size": 5, "start": "cold"}
    parts = {"workloads": [workload], "regions": {"eu": {}}, "model_list": [model], "caches": {"kept": kept}}
    result = _run(parts, tmp_path)
    n_asked = _n(result, CountColumn.CACHE_LOOKUPS)
    n_missed = n_asked - _n(result, CountColumn.CACHE_HITS)
    assert n_missed == -(-n_asked // n_periods)
