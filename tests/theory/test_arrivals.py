"""Arrivals against the theory of point processes: Poisson, renewal, and a trace's own instants.

Arrivals are a renewal process in operational time, the integral of the rate; at a burstiness of 1 that is a Poisson
process (time rescaling: Brown, Barbieri, Ventura, Kass and Frank, Neural Computation 14, 2002). Every test of a whole
distribution fails by chance once in 10,000 seeds.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from simulator.compiler.blueprint import compile_scenario
from simulator.compiler.demand import DemandWindow, stage_window
from simulator.compiler.stage_shares import stage_share
from simulator.engine import Runner, simulate
from simulator.metrics.columns import CountColumn
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario
from tests.theory.experiments import (
    assert_agrees,
    constant,
    instant_model,
    one_service,
    replications,
    scenario_of,
)

MIN_P = 1e-4
DAY_S = 86_400.0
WEEK_S = 7 * DAY_S
DESK = {
    "service_time": constant(0.0)
}  # nobody waits: actions end in the order and at the time of their arrival
Floats = NDArray[np.float64]


def run(scenario: Scenario, window: DemandWindow, seed: int = 1, base_dir: Path = Path()) -> RunResult:
    """One run with all its rows."""
    return simulate(compile_scenario(scenario, window, base_dir), seed, Runner(record_rows=True))


def arrivals_s(result: RunResult, stream: int = 0) -> Floats:
    """Arrival times of a stream, in order, in seconds since the start of the run."""
    assert result.rows is not None
    rows = result.rows[result.rows["stream"] == stream]
    times_s = rows["arrival_s"].to_numpy()
    assert rows["number"].tolist() == list(range(len(rows)))
    assert (np.diff(times_s) >= 0.0).all()
    return times_s


def operational(window: DemandWindow, times_s: Floats, stream: int = 0) -> Floats:
    """Integral of a stream's rate (full exposure) from the start of the run to each time: expected arrivals."""
    edges_s = np.arange(window.rate_rps.shape[1] + 1) * window.piece_s
    expected = np.concatenate([[0.0], np.cumsum(window.rate_rps[stream]) * window.piece_s])
    return np.interp(times_s, edges_s, expected)


def assert_exponential(gaps: Floats) -> None:
    """Fail unless the gaps look independent and exponential with mean 1."""
    assert stats.kstest(gaps, "expon").pvalue > MIN_P
    assert abs(np.corrcoef(gaps[:-1], gaps[1:])[0, 1]) * np.sqrt(gaps.size) < 4.0


def test_gaps_at_a_constant_rate_are_independent_and_exponential() -> None:
    scenario = one_service(25.0, DESK)
    result = run(scenario, stage_window(scenario, None, 0.0, 3_600.0, 0.0))
    times_s = arrivals_s(result)
    assert_exponential(25.0 * np.diff(times_s, prepend=0.0))
    counts = result.counts[:, 0, CountColumn.ARRIVED]
    assert counts.sum() == times_s.size
    dispersion = float(((counts - 1_500.0) ** 2 / 1_500.0).sum())
    assert MIN_P < stats.chi2.sf(dispersion, counts.size) < 1.0 - MIN_P


def _world(**workload: Any) -> Scenario:
    ask = {"name": "ask", "profile": "office-hours", "steps": [{"call": "desk"}]}
    ask["arrival_rate"] = {"berlin": 0.12, "kolkata": 0.08}
    return scenario_of(
        {
            "start": "2027-03-22",  # Berlin's clocks go forward on the Sunday
            "regions": {"berlin": {"timezone": "Europe/Berlin"}, "kolkata": {"timezone": "Asia/Kolkata"}},
            "workloads": [ask | workload],
            "services": {"desk": DESK},
        }
    )


@pytest.mark.parametrize("profile", ["office-hours", "consumer"])
def test_a_week_of_office_hours_is_poisson_in_operational_time(profile: str) -> None:
    scenario = _world(profile=profile)
    window = stage_window(scenario, None, 0.0, WEEK_S, 0.0)
    result = run(scenario, window)
    for stream in range(2):
        times_s = arrivals_s(result, stream)
        assert_exponential(np.diff(operational(window, times_s, stream), prepend=0.0))
        by_hour = np.histogram(times_s, bins=168, range=(0.0, WEEK_S))[0]
        assert window.rate_rps.shape == (2, 336)  # half hours, of Kolkata's clock
        expected = 1_800.0 * window.rate_rps[stream].reshape(168, 2).sum(axis=1)
        deviance = float(((by_hour - expected) ** 2 / expected).sum())
        assert MIN_P < stats.chi2.sf(deviance, 168) < 1.0 - MIN_P


def test_the_hours_of_a_week_have_the_stated_mean_and_the_profile_of_local_time() -> None:
    """A profile that is on for the local hour from 9 only: UTC 8 before the clocks change, 7 after."""
    on_at_nine = [[1.0 if hour == 9 else 0.0 for hour in range(24)] for _ in range(7)]
    scenario = _world(profile=on_at_nine, arrival_rate={"berlin": 0.05})
    window = stage_window(scenario, None, 0.0, WEEK_S, 0.0)
    times_s = arrivals_s(run(scenario, window))
    utc_hour = (times_s // 3600.0).astype(int)
    assert set(utc_hour) == {24 * day + (8 if day < 6 else 7) for day in range(7)}
    results = replications(scenario, WEEK_S, 0.0)
    assert_agrees([r.measured_counts[0, CountColumn.ARRIVED] / WEEK_S for r in results], 0.05)


@pytest.mark.parametrize("burstiness", [0.4, 1.8, 4.0])
def test_bursty_arrivals_are_a_renewal_process_in_operational_time(burstiness: float) -> None:
    """Gaps are gamma distributed with mean 1 and the stated coefficient of variation, and independent.

    Bursts have gaps far below what a float can tell at the end of a week, so the shape is looked at above a
    millionth of the mean gap, and below it the share alone.
    """
    scenario = _world(burstiness=burstiness)
    window = stage_window(scenario, None, 0.0, WEEK_S, 0.0)
    gaps = np.diff(operational(window, arrivals_s(run(scenario, window))), prepend=0.0)
    theory = stats.gamma(burstiness**-2, scale=burstiness**2)
    share_below = float(theory.cdf(1e-6))
    assert stats.binomtest(int((gaps < 1e-6).sum()), gaps.size, share_below).pvalue > MIN_P
    ranks_above = (theory.cdf(gaps[gaps >= 1e-6]) - share_below) / (1.0 - share_below)
    assert stats.kstest(ranks_above, "uniform").pvalue > MIN_P
    assert_agrees(gaps, 1.0)
    assert_agrees(gaps**2, 1.0 + burstiness**2)
    ranks = stats.rankdata(gaps)
    assert abs(np.corrcoef(ranks[:-1], ranks[1:])[0, 1]) * np.sqrt(gaps.size) < 4.0


@pytest.mark.parametrize("burstiness", [0.5, 2.0])
def test_bursty_minutes_disperse_as_renewal_theory_says(burstiness: float) -> None:
    """Variance of the arrivals in t: cv²·t + (1 - cv⁴) / 6 with t in mean gaps (Cox, Renewal Theory, 1962, 4.5).

    For gamma gaps, whose third central moment is 2·cv⁴, from an arbitrary origin.
    """
    results = replications(one_service(10.0, DESK, burstiness=burstiness), 6_000.0, 60.0)
    square = burstiness**2
    assert results[0].bucket_s == 60.0
    squares = [((r.counts[1:, 0, CountColumn.ARRIVED] - 600.0) ** 2).mean() for r in results]
    assert_agrees(squares, square * 600.0 + (1.0 - square**2) / 6.0)


TRACE_S = np.array([0.0, 0.5, 0.75, 3.0, 3.0, 4.25, 9.0])
TRACE_PROMPTS = [100, 250, 30, 4_000, 7, 81, 900]
TRACE_OUTPUTS = [11, 3, 500, 1, 42, 64, 17]


def _replay(folder: Path, demand: Mapping[str, float] = MappingProxyType({}), **trace: Any) -> Scenario:
    table = zip(TRACE_S, TRACE_PROMPTS, TRACE_OUTPUTS, strict=True)
    lines = ["at,prompt,output", *(f"{at},{prompt},{output}" for at, prompt, output in table)]
    (folder / "log.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    columns = {"file": "log.csv", "time": "at", "prompt_tokens": "prompt", "output_tokens": "output"}
    ask = {
        "name": "ask",
        "trace": {**columns, "replay": "arrivals", **trace},
        "prompt_tokens": {"trace": True},
        "output_tokens": {"trace": True},
        "steps": [{"generate": "small"}],
        **demand,
    }
    # Answered at once, so that the actions of one instant end in their order.
    return scenario_of({"workloads": [ask], "model_list": [instant_model("small", ttft=constant(0.0))]})


def _rows_of(result: RunResult) -> list[tuple[int, int]]:
    assert result.rows is not None
    return list(zip(result.rows["input_tokens"], result.rows["output_tokens"], strict=True))


@pytest.mark.parametrize("scale", [1.0, 2.5])
def test_a_trace_is_replayed_instant_by_instant(tmp_path: Path, scale: float) -> None:
    """The recording goes round, its mean gap (1.5 s) between the last row and the first."""
    scenario = _replay(tmp_path, scale=scale, rotate=False)
    window = stage_window(scenario, None, 0.0, 100.0, 0.0, tmp_path)
    assert window.rate_rps == pytest.approx(scale / 1.5)
    result = run(scenario, window, base_dir=tmp_path)
    times_s = arrivals_s(result)
    laps = [1.5 + TRACE_S + lap * 10.5 for lap in range(30)]
    expected_s = np.concatenate(laps) / scale
    assert times_s == pytest.approx(expected_s[expected_s <= 100.0], rel=1e-12)
    lengths = list(zip(TRACE_PROMPTS, TRACE_OUTPUTS, strict=True)) * 30
    assert _rows_of(result) == lengths[: times_s.size]


def test_replications_start_a_trace_at_any_row_and_keep_gaps_and_lengths_together(tmp_path: Path) -> None:
    scenario = _replay(tmp_path)
    window = stage_window(scenario, None, 0.0, 60.0, 0.0, tmp_path)
    blueprint = compile_scenario(scenario, window, tmp_path)
    lengths = list(zip(TRACE_PROMPTS, TRACE_OUTPUTS, strict=True))
    gaps_s = np.diff(TRACE_S, prepend=-1.5)
    n_started_at = np.zeros(7)
    for seed in range(210):
        result = simulate(blueprint, seed, Runner(record_rows=True))
        times_s = arrivals_s(result)
        first = lengths.index(_rows_of(result)[0])
        n_started_at[first] += 1
        rows = (first + np.arange(times_s.size)) % 7
        assert _rows_of(result) == [lengths[row] for row in rows]
        assert np.diff(times_s, prepend=0.0) == pytest.approx(gaps_s[rows], abs=1e-12)
    assert stats.chisquare(n_started_at).pvalue > MIN_P


def test_lengths_alone_are_drawn_from_all_rows_alike(tmp_path: Path) -> None:
    scenario = _replay(tmp_path, {"arrival_rate": 10.0}, replay="lengths", time=None)
    window = stage_window(scenario, None, 0.0, 3_600.0, 0.0, tmp_path)
    rows = _rows_of(run(scenario, window, base_dir=tmp_path))
    lengths = list(zip(TRACE_PROMPTS, TRACE_OUTPUTS, strict=True))
    assert stats.chisquare([rows.count(pair) for pair in lengths]).pvalue > MIN_P
    assert set(rows) == set(lengths)


def test_exposure_stretches_operational_time_and_changes_nobody() -> None:
    """The n-th arrival at any course of exposure is the n-th at full exposure, when as much demand has passed."""
    scenario = one_service(5.0, DESK, burstiness=1.5)
    full = stage_window(scenario, None, 0.0, 3_000.0, 0.0)
    steps = ((0.0, 0.0), (100.0, 0.2), (1_000.0, 1.0), (1_000.5, 0.05), (1_700.0, 0.0), (2_000.0, 0.6))
    stepped = replace(full, share=tuple((at_s, np.array([share])) for at_s, share in steps))
    passed_at = np.array([at_s for at_s, _ in steps] + [3_000.0])
    passed = np.concatenate([[0.0], np.cumsum([s for _, s in steps] * np.diff(passed_at))]) * 5.0
    times_s = arrivals_s(run(scenario, stepped))
    assert times_s.size > 2_000
    assert not ((times_s < 100.0) | ((times_s > 1_700.0) & (times_s < 2_000.0))).any()
    demand = operational(full, arrivals_s(run(scenario, full)))
    assert np.interp(times_s, passed_at, passed) == pytest.approx(demand[: times_s.size], rel=1e-9)


def test_a_step_of_exposure_steps_the_rate() -> None:
    scenario = one_service(8.0, DESK)
    full = stage_window(scenario, None, 0.0, 3_600.0, 0.0)
    window = replace(full, share=((0.0, np.array([0.1])), (1_800.0, np.array([0.75]))))
    blueprint = compile_scenario(scenario, window, Path())
    counts = np.array([simulate(blueprint, seed).counts[:, 0, CountColumn.ARRIVED] for seed in range(20)])
    assert counts.shape == (20, 60)
    assert_agrees(counts[:, :30].sum(axis=1) / 1_800.0, 0.8)
    assert_agrees(counts[:, 30:].sum(axis=1) / 1_800.0, 6.0)


def test_arrivals_follow_exposure_adoption_and_growth_from_day_to_day() -> None:
    stage = {"name": "grow", "duration": 12 * DAY_S, "exposure": 0.4, "growth": 0.5}
    stage["adoption"] = {"curve": "linear", "start": 0.1, "to": 0.9}
    ask = {"name": "ask", "arrival_rate": 0.2, "steps": [{"call": "desk"}]}
    scenario = scenario_of({"workloads": [ask], "services": {"desk": DESK}, "stages": [stage]})
    window = stage_window(scenario, "grow", 0.0, 12 * DAY_S, 0.0)
    times_s = arrivals_s(run(scenario, window))
    by_day = np.histogram(times_s, bins=12, range=(0.0, 12 * DAY_S))[0]
    shares = [stage_share(scenario, scenario.stages[0], (day + 0.5) * DAY_S)[0] for day in range(12)]
    assert shares[0] == pytest.approx(0.4 * (0.1 + 0.8 * 0.5 / 12) * 1.5 ** (12 / 730))
    assert shares[11] == pytest.approx(0.4 * (0.1 + 0.8 * 11.5 / 12) * 1.5 ** (11.5 * 24 / 730))
    expected = 0.2 * DAY_S * np.array(shares)
    deviance = float(((by_day - expected) ** 2 / expected).sum())
    assert MIN_P < stats.chi2.sf(deviance, 12) < 1.0 - MIN_P
