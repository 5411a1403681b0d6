"""`rollout backtest`: demand that goes on as it was passes; a jump, a drift of latency and short logs are reported."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import simulator
from simulator import BacktestReport
from simulator.formats.logs.errors import LogError
from simulator.studies.backtest.bands import banded
from tests.unit.formats.logs import foreign
from tests.unit.invoking import invoke
from tests.unit.pilot_text import PILOT


def _requests(n: int, seed: int = 1) -> pd.DataFrame:
    return foreign.table(n, seed, failing=False).assign(model="gpt-4.1")


def _report(folder: Path, requests: pd.DataFrame, **options: float) -> BacktestReport:
    path = folder / "s.yaml"
    path.write_text(PILOT)
    log = foreign.write(folder, "spend.jsonl", requests.sort_values("time", ignore_index=True))
    return simulator.load(path).backtest(logs=(log,), **options)  # type: ignore[arg-type]


def test_demand_that_goes_on_is_forecast(tmp_path: Path) -> None:
    report = _report(tmp_path, _requests(3000))
    assert report.verdict == "PASS"
    assert report
    found = {one.metric: one for one in report.forecasts}
    assert {"requests, all", "latency p50", "latency p95", "ttft p95", "cost of a request"} <= set(found)
    assert all(abs(one.error) < 0.12 for one in report.forecasts)
    assert {one.metric for one in report.bands} == {"requests", "input tokens", "output tokens"}
    assert report.fitted + report.tested == 3000


def test_the_band_holds_what_it_says() -> None:
    draws = np.random.default_rng(3)
    covered = []
    for _ in range(60):
        mean = np.full(60, 40.0)
        before, after = draws.poisson(40.0, (2, 60)).astype(np.float64)
        covered.append(banded(mean, (before, mean), after, mean, 0.02).covered.value)
    assert np.mean(covered) == pytest.approx(0.8, abs=0.05)  # whole numbers: a little wide


def test_a_jump_of_demand_is_no_fit(tmp_path: Path) -> None:
    requests = _requests(3000)
    cut = requests["time"].quantile(0.75)
    late = requests["time"] > cut
    requests.loc[late, "time"] = cut + (requests.loc[late, "time"] - cut) / 4.0
    report = _report(tmp_path, requests, fit_on=0.8)
    assert report.verdict == "FAIL"
    assert any("requests, all off by" in reason for reason in report.reasons)
    assert "requests, all off by" in repr(report)


def test_slower_answers_are_no_fit(tmp_path: Path) -> None:
    requests = _requests(2000)
    late = requests["time"] > requests["time"].quantile(0.7)
    requests.loc[late, "latency"] *= 2.0
    report = _report(tmp_path, requests)
    assert report.verdict == "FAIL"
    assert any("latency p95" in reason for reason in report.reasons)


def test_a_naive_forecast_looks_a_day_back(tmp_path: Path) -> None:
    requests = _requests(4000)
    days = (requests["time"] - requests["time"].min()) / np.ptp(requests["time"]) * 3.0
    busy = requests[(days % 1.0 < 0.4) | (np.arange(4000) % 5 == 0)].copy()
    busy["time"] = 1_789_336_800.0 + days[busy.index] * 86_400.0
    report = _report(tmp_path, busy)
    assert report.naive == "the same hour a day before"
    assert report.bands[0].naive_error is not None
    assert report.bands[0].error < 1.1 * report.bands[0].naive_error  # the course of the day is fitted


def test_what_cannot_be_split_is_said(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="a back-test takes 40 of each"):
        _report(tmp_path, _requests(60))
    short = _report(tmp_path, _requests(300))
    assert short.verdict == "UNDECIDED", short.reasons


def test_the_verb_ends_with_its_verdict(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(PILOT)
    log = foreign.write(tmp_path, "spend.jsonl", _requests(3000))
    result = invoke("backtest", path, log, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["verdict"] == "PASS"
    assert invoke("backtest", path, log, "--fit-on", "3%").exit_code == 2
