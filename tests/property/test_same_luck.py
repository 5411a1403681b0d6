"""A what-if meets the same users with the same luck: what a change does not touch stays as it was."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from simulator.compiler.demand import stage_window
from simulator.engine import Runner
from simulator.kernel.codes import Outcome
from simulator.scenario.model import Scenario

_DURATION_S = 900.0
_TPOT = {"distribution": "gamma", "mean": 0.01, "cv": 0.5}


def _rows(**changes: Any) -> pd.DataFrame:
    """Rows by stream and number of a conversation with a service that may fail and a model."""
    desk = {"service_time": {"distribution": "exponential", "mean": 0.2}} | changes.get("desk", {})
    model = {
        "model_name": "model",
        "provider": "own",
        "model": "own",
        "prices": {"input": 1.0, "output": 1.0},
        "ttft": {"distribution": "lognormal", "mean": 0.4, "cv": 0.5},
        "tpot": _TPOT,
    } | changes.get("model", {})
    parts = {
        "metadata": {"name": "luck"},
        "regions": {"east": {}, "west": {}},
        "workloads": [
            {
                "name": "ask",
                "arrival_rate": 2.0,
                "burstiness": 1.4,
                "prompt_tokens": {"distribution": "lognormal", "p50": 300, "p95": 900},
                "output_tokens": {"distribution": "lognormal", "p50": 50, "p95": 200},
                "turns": {"distribution": "constant", "mean": 2, "think_time": 1.0},
                "steps": [{"validate": {"reject": 0.2}}, {"generate": "model"}, {"call": "desks"}],
            }
        ],
        "services": {"desk": desk},
        "model_list": [model],
        "routes": {"desks": {"choose": ["desk"], "num_retries": 20}},
    }
    scenario = Scenario.model_validate(parts)
    window = stage_window(scenario, None, 0.0, _DURATION_S, 0.0)
    rows = Runner(record_rows=True).run(scenario, window, 1).rows
    assert rows is not None
    early = rows[rows["arrival_s"] < _DURATION_S - 100.0]  # all of them have ended
    return early.set_index(["stream", "number"]).sort_index()


@pytest.mark.parametrize(
    "changes",
    [
        {"desk": {"max_ongoing_requests": 1}},
        {"desk": {"service_time": {"distribution": "constant", "value": 0.1}}},
        {"model": {"ttft": {"distribution": "constant", "value": 2.0}, "error_rate": 0.0}},
    ],
    ids=["queue", "service", "model"],
)
def test_a_faster_or_slower_target_meets_the_same_users(changes: dict[str, Any]) -> None:
    before, after = _rows(), _rows(**changes)
    assert len(before) > 2_000
    same = ["arrival_s", "outcome", "turns", "attempts", "input_tokens", "output_tokens"]
    pd.testing.assert_frame_equal(before[same], after[same], check_exact=True)
    assert (before["end_s"] != after["end_s"]).mean() > 0.5


def test_retries_at_one_step_change_no_other_step_s_luck() -> None:
    before, after = _rows(), _rows(desk={"error_rate": 0.4})
    assert after["attempts"].sum() > 1.3 * before["attempts"].sum()
    rejected = before["outcome"] == Outcome.REJECTED
    assert (before.loc[rejected, "turns"] == 2).sum() > 100
    pd.testing.assert_series_equal(rejected, after["outcome"] == Outcome.REJECTED)


def test_a_replayed_conversation_has_the_same_lengths_however_fast_it_is_answered(tmp_path: Path) -> None:
    rows = [f"{0.4 * number},{100 + number},{10 + number % 50}" for number in range(500)]
    (tmp_path / "log.csv").write_text("\n".join(["time,prompt,output", *rows]))
    columns = {"time": "time", "prompt_tokens": "prompt", "output_tokens": "output"}
    model = {
        "model_name": "model",
        "provider": "own",
        "model": "own",
        "prices": {"input": 1.0, "output": 1.0},
    }
    found = []
    for mean_ttft_s in (0.5, 1.5):
        timing = {"ttft": {"distribution": "exponential", "mean": mean_ttft_s}, "tpot": _TPOT}
        workload = {
            "name": "ask",
            "trace": {"file": "log.csv", "replay": "arrivals", **columns},
            "prompt_tokens": {"trace": True},
            "output_tokens": {"trace": True},
            "turns": {"distribution": "constant", "mean": 2, "think_time": 1.0},
            "steps": [{"generate": "model"}],
        }
        parts = {"metadata": {"name": "log"}, "workloads": [workload], "model_list": [model | timing]}
        scenario = Scenario.model_validate(parts)
        window = stage_window(scenario, None, 0.0, 150.0, 0.0, tmp_path)
        ended = Runner(tmp_path, record_rows=True).run(scenario, window, 1).rows
        assert ended is not None
        found.append(ended[ended["number"] < 250].set_index("number").sort_index()["output_tokens"])
    assert len(found[0]) == len(found[1]) == 250
    pd.testing.assert_series_equal(found[0], found[1])
