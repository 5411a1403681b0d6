"""Metrics of Azure OpenAI: sums by minute, deployment and status become buckets that tell demand."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import simulator
from simulator.formats.logs.errors import LogError
from simulator.formats.logs.read import read_log
from tests.unit.pilot_text import PILOT

_BEGIN = datetime(2026, 9, 14, tzinfo=UTC)


def _metric(name: str, values: list[float], kind: str = "total", **labels: str) -> dict[str, object]:
    data = [
        {"timeStamp": f"{_BEGIN + timedelta(minutes=n):%Y-%m-%dT%H:%M:%SZ}", kind: value}
        for n, value in enumerate(values)
    ]
    told = [
        {"name": {"value": key.lower(), "localizedValue": key}, "value": word} for key, word in labels.items()
    ]
    series = {"metadatavalues": told, "data": data}
    return {"name": {"value": name, "localizedValue": name}, "unit": "Count", "timeseries": [series]}


def _file(folder: Path, *metrics: dict[str, object]) -> Path:
    path = folder / "metrics.json"
    path.write_text(
        json.dumps({"cost": 0, "interval": "PT1M", "timespan": "…", "value": list(metrics)}, indent=1)
    )
    return path


def _some(folder: Path, minutes: int) -> Path:
    large = {"ModelDeploymentName": "large"}
    return _file(
        folder,
        _metric("AzureOpenAIRequests", [6.0] * minutes, StatusCode="200", **large),
        _metric("AzureOpenAIRequests", [0.0, 2.0] * (minutes // 2), StatusCode="429", **large),
        _metric("ProcessedPromptTokens", [6000.0] * minutes, **large),
        _metric("GeneratedTokens", [600.0] * minutes, **large),
        _metric("AzureOpenAIContextTokensCacheMatchRate", [25.0] * minutes, "average", **large),
        _metric("AzureOpenAITimeToResponse", [300.0] * minutes, "average", **large),
    )


def test_metrics_are_buckets(tmp_path: Path) -> None:
    log = read_log(_some(tmp_path, 60))
    frame = log.frame
    assert log.dialect.name == "Azure OpenAI metrics"
    assert frame["requests"].sum() == 60 * 6 + 30 * 2
    assert frame.loc[frame["fate"] == "rate_limited", "requests"].sum() == 60
    assert (frame["input"].sum(), frame["output"].sum()) == (360_000.0, 36_000.0)
    assert frame["cached"].sum() == pytest.approx(90_000.0)
    assert set(frame["model"]) == {"large"}
    assert ((frame["end"] - frame["time"]) == 60.0).all()


def test_metrics_tell_demand(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(PILOT)
    report = simulator.load(path).calibrate(logs=(_some(tmp_path, 24 * 60),), dry_run=True)
    found = {one.name: one.value for one in report.measured}
    assert found["workloads.ask.arrival_rate"] == pytest.approx(7.0 / 60.0, rel=0.02)
    assert any(one.path == "workloads.ask.prompt_tokens" for one in report.kept)


def test_metrics_without_requests_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="holds no request"):
        read_log(_file(tmp_path, _metric("AzureOpenAITimeToResponse", [3.0], "average")))
