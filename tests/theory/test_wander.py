"""A rate that wanders: its moments, its memory, and the dispersion of counts that follows from them."""

import math

import numpy as np
import pytest

from simulator.compiler.demand import stage_window
from simulator.engine import Runner
from simulator.mechanisms.traffic.kernel import wander_along
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario

CV, TIME_S = 0.5, 600.0
STEP_S = TIME_S / 16.0


def _factors(key: int, common: float, n: int = 400_000, cv: float = CV) -> np.ndarray:
    rates = np.ones(n)
    wander_along(rates, np.uint64(key), np.uint64(7), cv, common, TIME_S, STEP_S)
    return rates


def test_mean_spread_and_memory() -> None:
    """Of 25,000 time constants: the mean of n of them is known to cv · √(2 / n)."""
    factors = _factors(1, 0.0)
    sure = math.sqrt(2.0 / (factors.size / 16.0))
    assert factors.mean() == pytest.approx(1.0, abs=4.0 * CV * sure)
    assert factors.std() == pytest.approx(CV, rel=0.05)
    logs = np.log(factors)
    logs -= logs.mean()
    assert (logs[16:] * logs[:-16]).mean() / logs.var() == pytest.approx(math.exp(-1.0), abs=4.0 * sure)


@pytest.mark.parametrize("common", [0.0, 0.4, 1.0])
def test_what_streams_have_in_common(common: float) -> None:
    one, other = np.log(_factors(1, common)), np.log(_factors(2, common))
    assert np.corrcoef(one, other)[0, 1] == pytest.approx(common, abs=0.03)


def _counts(seed: int, wander: bool) -> RunResult:
    """Sixty hours of ten calls a minute."""
    more = {"wander": {"cv": CV, "time_constant": TIME_S}} if wander else {}
    scenario = Scenario.model_validate(
        {
            "metadata": {"name": "wander"},
            "start": "2026-11-02",
            "regions": {"home": {}},
            "workloads": [{"name": "ask", "arrival_rate": 1 / 6, "steps": [{"call": "desk"}], **more}],
            "services": {"desk": {"service_time": {"distribution": "constant", "value": "1ms"}}},
        }
    )
    window = stage_window(scenario, None, 0.0, 60 * 3600.0, 0.0)
    return Runner(record_rows=True).run(scenario, window, seed)


@pytest.mark.parametrize("scale_s", [60.0, 600.0, 3600.0])
def test_dispersion_of_counts(scale_s: float) -> None:
    """1 + λ·(2/T)·∫ (T − u)·(e^{σ²·exp(−u/τ)} − 1) du, and 1 where the rate is steady."""
    lags = (np.arange(4000) + 0.5) / 4000 * scale_s
    covariance = np.expm1(math.log(1.0 + CV**2) * np.exp(-lags / TIME_S))
    expected = 1.0 + 2.0 / 6.0 * float(((1.0 - lags / scale_s) * covariance).mean()) * scale_s
    for wander, truth in ((True, expected), (False, 1.0)):
        found = []
        for seed in range(12):
            rows = _counts(seed, wander).rows
            assert rows is not None
            counts = np.histogram(rows["arrival_s"], np.arange(0.0, 60 * 3600.0 + 1.0, scale_s))[0]
            found.append(((counts - scale_s / 6.0) ** 2).mean() / (scale_s / 6.0))
        error = np.std(found, ddof=1) / math.sqrt(len(found))
        assert abs(np.mean(found) - truth) < 4.0 * error + 0.02 * truth, (np.mean(found), truth)


def test_it_moves_when_actions_come_and_no_other_luck() -> None:
    """The n-th action asks the same; on average as many come."""
    plain, wandering = (_counts(3, wander).rows for wander in (False, True))
    assert plain is not None
    assert wandering is not None
    assert not np.allclose(plain["arrival_s"][:50], wandering["arrival_s"][:50])
    assert len(wandering) == pytest.approx(len(plain), rel=0.25)
