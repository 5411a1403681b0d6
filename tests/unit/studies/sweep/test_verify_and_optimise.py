"""A stored run executed anew, and compared bit by bit."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from simulator.engine import Runner
from simulator.results.store.store import Store
from simulator.results.store.stored_run import StoredRun, StoreError
from simulator.scenario.read.load import LoadedScenario, load_scenario
from simulator.studies.run.study import RunRequest, run_job
from simulator.studies.verify import study as verify_module
from simulator.studies.verify.study import verify_job
from simulator.studies.verify.tables import verify_lines

DESK = """
metadata: {name: desk}
workloads: [{name: ticket, arrival_rate: 3 rps, steps: [{call: desk}]}]
services: {desk: {max_ongoing_requests: 4, service_time: {distribution: exponential, mean: 1s}}}
window: {duration: 2m, warmup: auto}
"""


@pytest.fixture
def desk(tmp_path: Path) -> LoadedScenario:
    path = tmp_path / "desk.yaml"
    path.write_text(DESK, encoding="utf-8")
    return load_scenario(path)


@pytest.fixture
def stored(desk: LoadedScenario, tmp_path: Path) -> StoredRun:
    run_job(desk, RunRequest(None, 2, tmp_path / "runs", record_rows=True), Runner())
    [run] = Store(tmp_path / "runs").runs()
    return run


def _verify(run: StoredRun) -> dict[str, Any]:
    return verify_job(run.folder, Runner(run.folder))


def test_a_run_is_what_its_inputs_give(stored: StoredRun) -> None:
    document = _verify(stored)
    assert document["identical"]
    assert verify_lines(document) == [f"run {stored.key[:12]} of desk: identical, bit for bit"]


def test_one_other_bit_is_a_difference(stored: StoredRun, monkeypatch: pytest.MonkeyPatch) -> None:
    summary, series = stored.summary(), stored.series()
    summary["metrics"]["latency_s"]["p95"]["value"] *= 1.0 + 2.0**-52
    series.loc[3, "latency_mean_s"] += 1e-12
    monkeypatch.setattr(StoredRun, "summary", lambda _: summary)
    monkeypatch.setattr(StoredRun, "series", lambda _: series)
    document = _verify(stored)
    assert not document["identical"]
    assert document["n_differences"] == 2
    assert document["differences"][0].startswith("summary.metrics.latency_s.p95.value: ")
    assert document["differences"][1].startswith("series.latency_mean_s: ")
    assert pd.notna(series.loc[3, "latency_mean_s"])


def test_another_version_is_told(stored: StoredRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_module, "kernel_source_hash", lambda: "0" * 16)
    assert any("made by version" in line for line in verify_lines(_verify(stored)))


def test_a_damaged_run_is_not_verified(stored: StoredRun) -> None:
    (stored.folder / "summary.json").write_bytes(b"{}")
    with pytest.raises(StoreError, match="does not match its checksum"):
        _verify(stored)


def test_a_changed_scenario_is_told(stored: StoredRun) -> None:
    path = stored.folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["scenario"]["window"]["duration"] = 60.0
    path.write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(StoreError, match="its scenario is not the one"):
        _verify(stored)
