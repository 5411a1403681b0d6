"""Results that are kept are found again as they were, by all that they depend on; what is damaged is told."""

import sqlite3
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator import engine
from simulator.compiler.demand import DemandWindow, stage_window
from simulator.engine import Runner
from simulator.results.run_result import RunResult
from simulator.results.store.run_memory import RunMemory
from simulator.results.store.stored_run import StoreError
from simulator.scenario.model import Scenario
from simulator.scenario.read.load import load_text

ABOUT = {"engine_version": "0.1.0"}


SHOP = """
metadata: {name: shop}
start: 2027-01-04
seed: 5
regions: {eu: {languages: {en: 60%, de: 40%}}, us: {}}
languages: {de: {token_factor: 1.2}}
workloads:
  - name: ask
    arrival_rate: {eu: 1 rps, us: 2 rps}
    prompt_tokens: {distribution: constant, value: 1_000}
    output_tokens: {distribution: exponential, mean: 100}
    budget: {max_budget: $1, budget_duration: 1d, check_every: 10s}
    steps: [{generate: m}]
model_list:
  - {model_name: m, provider: azure, model: gpt-4.1, success_rate: 93%,
     ttft: {distribution: exponential, mean: 700ms}, tpot: {distribution: constant, value: 12ms}}
window: {duration: 5m, warmup: 1m}
"""


def _shop(*overrides: str) -> Scenario:
    """Two regions, two languages, and a budget that is used up within the window."""
    return load_text(SHOP, "shop.yaml", Path(), overrides).scenario


def _window(scenario: Scenario) -> DemandWindow:
    return stage_window(scenario, None, 0.0, 300.0, 60.0, Path())


def _same(one: RunResult, other: RunResult) -> None:
    for field in fields(RunResult):
        left, right = getattr(one, field.name), getattr(other, field.name)
        if isinstance(left, np.ndarray):
            assert left.dtype == right.dtype
            np.testing.assert_array_equal(left, right)
        else:
            assert left == right
            assert type(left) is type(right)


@pytest.mark.parametrize("keeps_buckets", [False, True])
def test_what_is_kept_is_found_as_it_was(tmp_path: Path, keeps_buckets: bool) -> None:
    scenario = _shop()
    memory = RunMemory(tmp_path / "runs", ABOUT)
    (result,) = Runner(record_buckets=keeps_buckets).replicate(scenario, _window(scenario), [5])
    assert result.budget_events
    assert (result.bucket_histogram is not None) == keeps_buckets
    key = memory.key(scenario, _window(scenario), keeps_buckets)
    assert memory.get(key, 5) is None
    memory.put(key, result)
    memory.close()
    memory = RunMemory(tmp_path / "runs", ABOUT)
    found = memory.get(key, 5)
    assert found is not None
    _same(result, found)
    assert memory.get(key, 6) is None
    memory.remove()
    assert list(tmp_path.iterdir()) == []


def test_only_what_is_not_there_is_simulated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = _shop()
    options = Runner(memory=RunMemory(tmp_path / "runs", ABOUT))
    plain = Runner().replicate(scenario, _window(scenario), [5, 6, 7])
    options.replicate(scenario, _window(scenario), [6])
    seeds = []
    simulate = engine.simulate

    def counted(blueprint: Any, seed: int, *more: Any, **named: Any) -> RunResult:
        seeds.append(seed)
        return simulate(blueprint, seed, *more, **named)

    monkeypatch.setattr(engine, "simulate", counted)
    for _ in range(2):
        found = options.replicate(scenario, _window(scenario), [5, 6, 7])
        for one, other in zip(plain, found, strict=True):
            _same(replace(one, wall_s=0.0), replace(other, wall_s=0.0))
    assert sorted(seeds) == [5, 7]


def test_everything_that_matters_tells_results_apart(tmp_path: Path) -> None:
    scenario = _shop()
    window = _window(scenario)
    memory = RunMemory(tmp_path / "runs", ABOUT)
    ways = [
        (scenario, window, False),
        (scenario, window, True),
        (_shop("seed=6"), window, False),
        (scenario, replace(window, rate_rps=1.01 * window.rate_rps), False),
        (scenario, replace(window, share=((0.0, 0.5 * window.share[0][1]),)), False),
        (scenario, replace(window, share=((0.0, window.share[0][1]), (9.0, window.share[0][1]))), False),
        (scenario, replace(window, name="other"), False),
        (scenario, replace(window, duration_s=299.0), False),
        (scenario, replace(window, warmup_s=59.0), False),
        (scenario, replace(window, piece_s=2.0 * window.piece_s), False),
    ]
    assert len({memory.key(*way) for way in ways}) == len(ways)
    assert memory.key(_shop(), _window(_shop()), False) == memory.key(scenario, window, False)


def test_results_of_another_version_are_forgotten(tmp_path: Path) -> None:
    scenario = _shop()
    options = Runner(memory=RunMemory(tmp_path / "runs", ABOUT))
    options.replicate(scenario, _window(scenario), [5])
    assert len(RunMemory(tmp_path / "runs", ABOUT)) == 1
    assert len(RunMemory(tmp_path / "runs", {"engine_version": "0.2.0"})) == 0


def test_damage_is_told(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("this is no database, " * 100, encoding="utf-8")
    with pytest.raises(StoreError, match=r"text \(.*\);.* delete it to start again"):
        RunMemory(tmp_path / "text", ABOUT)
    with pytest.raises(StoreError, match="unable to open"):
        RunMemory(tmp_path / "nowhere" / "runs", ABOUT)
    scenario = _shop()
    memory = RunMemory(tmp_path / "runs", ABOUT)
    Runner(memory=memory).replicate(scenario, _window(scenario), [5])
    whole = sqlite3.connect(tmp_path / "runs")
    (data,) = whole.execute("SELECT result FROM run").fetchone()
    for broken in (b"", data[: len(data) // 2], data[:20] + b"\0" * (len(data) - 20), b"\xff" * 8 + data[8:]):
        whole.execute("UPDATE run SET result = ?", (broken,))
        whole.commit()
        with pytest.raises(StoreError, match="delete it to start again"):
            memory.get(memory.key(scenario, _window(scenario), False), 5)
