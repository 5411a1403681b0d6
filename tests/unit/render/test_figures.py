"""Figures of a run show every part by which its results are told apart."""

from typing import Any

import pytest

from simulator.metrics.dimensions import OF_ACTIONS
from simulator.render.figures import run_figure


def _metrics(value: float) -> dict[str, Any]:
    estimate = {"value": value, "low": value, "high": value}
    return {"latency_s": {"p50": estimate, "p95": estimate, "p99": estimate}}


@pytest.mark.parametrize("dimension", [one.name for one in OF_ACTIONS])
def test_every_dimension_has_its_bars(dimension: str) -> None:
    by = {dimension: {"one": {"metrics": _metrics(2.0)}, "other": {"metrics": _metrics(3.0)}}}
    document = {"scenario": "desk", "stage": None, "metrics": _metrics(2.5), "by": by}
    bars = run_figure(document).data
    assert [list(bar.x) for bar in bars] == [["all", "one", "other"]] * 3
    assert list(bars[1].y) == [2.5, 2.0, 3.0]
