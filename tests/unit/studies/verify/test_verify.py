"""A stored run, run again from its manifest, and compared bit by bit."""

import json
from pathlib import Path

import pandas as pd
import pytest
from pydantic import BaseModel

from simulator.engine import Runner
from simulator.render.sections import Heading
from simulator.results.store.store import Store
from simulator.results.store.stored_run import StoredRun, StoreError
from simulator.scenario.read.load import load_scenario
from simulator.studies.run.report import RunReport
from simulator.studies.run.study import RunStudy
from simulator.studies.verify import verify as verify_module
from simulator.studies.verify.report import VerifyReport
from simulator.studies.verify.verify import verify_run

DESK = """
metadata: {name: desk}
workloads: [{name: ticket, arrival_rate: 3 rps, steps: [{call: desk}]}]
services: {desk: {max_ongoing_requests: 4, service_time: {distribution: exponential, mean: 1s}}}
window: {duration: 2m, warmup: auto}
"""


@pytest.fixture
def stored(tmp_path: Path) -> StoredRun:
    path = tmp_path / "desk.yaml"
    path.write_text(DESK, encoding="utf-8")
    RunStudy(replications=2, out=tmp_path / "runs", rows=True).run(load_scenario(path), Runner())
    [run] = Store(tmp_path / "runs").runs()
    return run


def _verify(run: StoredRun) -> VerifyReport:
    return verify_run(run.folder, Runner(run.folder))


def test_a_run_is_what_its_inputs_give(stored: StoredRun) -> None:
    report = _verify(stored)
    assert report.identical
    assert report.outcomes == ("PASS",)
    assert report.sections() == [Heading(f"run {stored.key[:12]} of desk: identical, bit for bit")]


def test_one_other_bit_is_a_difference(stored: StoredRun, monkeypatch: pytest.MonkeyPatch) -> None:
    document, series = stored.summary(RunReport).to_dict(), stored.series()
    document["metrics"]["latency_s"]["p95"]["value"] *= 1.0 + 2.0**-52
    series.loc[3, "latency_mean_s"] += 1e-12

    def other(_: StoredRun, kind: type[BaseModel]) -> BaseModel:
        return kind.model_validate(document)

    monkeypatch.setattr(StoredRun, "summary", other)
    monkeypatch.setattr(StoredRun, "series", lambda _: series)
    report = _verify(stored)
    assert not report.identical
    assert report.n_differences == 2
    assert report.differences[0].startswith("summary.metrics.latency_s.p95.value: ")
    assert report.differences[1].startswith("series.latency_mean_s: ")
    assert pd.notna(series.loc[3, "latency_mean_s"])


def test_another_version_is_told(stored: StoredRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_module, "kernel_source_hash", lambda: "0" * 16)
    assert any("made by version" in note for note in _verify(stored).notes)


def test_a_damaged_run_is_not_verified(stored: StoredRun) -> None:
    (stored.folder / "summary.json").write_bytes(b"{}")
    with pytest.raises(StoreError, match="does not match its checksum"):
        _verify(stored)


def test_a_changed_scenario_is_told(stored: StoredRun) -> None:
    path = stored.folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["scenario"]["window"]["duration"] = 60.0
    path.write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(StoreError, match="its manifest does not match its checksum"):
        _verify(stored)
