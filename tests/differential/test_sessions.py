"""Recorded sessions whose calls wait for answers, in the engine and in the plain reference."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.scenario.model import Scenario
from tests.differential.pool_scenarios import pool
from tests.differential.scenarios import scenario_of
from tests.differential.twins import assert_same_measures, assert_same_rows, assert_same_totals, run_both

TRACE: dict[str, Any] = {
    "file": "calls.jsonl",
    "time": "at",
    "time_unit": "ms",
    "session": "chat",
    "latency": "took",
    "prompt_tokens": "input",
    "output_tokens": "output",
    "replay": "sessions",
}


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sessions of one to six calls, most of which repeat what was said before, and some cut it."""
    rng = np.random.default_rng(11)
    rows = []
    for chat in range(40):
        at_ms, before = 1_500.0 * chat + float(rng.uniform(0, 900)), 0
        for _ in range(int(rng.integers(1, 7))):
            is_cut = rng.random() < 0.15
            prompt = int(rng.integers(20, 700)) + (0 if is_cut else before)
            output, took = int(rng.integers(1, 180)), float(rng.uniform(200, 4_000))
            rows.append({"at": at_ms, "chat": f"c{chat}", "took": took, "input": prompt, "output": output})
            before, at_ms = prompt + output, at_ms + took + float(rng.uniform(-500, 3_000))
    folder = tmp_path_factory.mktemp("sessions")
    text = "\n".join(json.dumps(row) for row in sorted(rows, key=lambda row: row["at"]))
    (folder / "calls.jsonl").write_text(text)
    return folder


def _scenario(**workload: Any) -> Scenario:
    own = pool("own", 1, max_num_seqs=8, kv_cache_tokens=12_000, max_model_len=8_000)
    tokens = {"prompt_tokens": {"trace": True, "scale": 1.2}, "output_tokens": {"trace": True}}
    asks = {"name": "chat", "trace": TRACE, "steps": [{"generate": "own"}], **tokens, **workload}
    return scenario_of(workloads=[asks], model_list=[own])


@pytest.mark.parametrize(
    "workload",
    [{}, {"timeout": 2.5, "asks_again": {"share": 0.7, "after": 3.0, "max": 2}}],
    ids=["all", "impatient"],
)
def test_every_call_of_a_session_has_the_same_story(log: Path, workload: dict[str, Any]) -> None:
    twins = run_both(_scenario(**workload), 70.0, 5, 10.0, base_dir=log)
    assert max(row.turns for row in twins.ledger.rows) >= 4
    assert_same_rows(twins)
    assert_same_totals(twins)
    assert_same_measures(twins)


def test_who_asks_again_asks_the_same(log: Path) -> None:
    """Rows of a log are of arrivals: who asks again takes none of those who come after."""
    plain = {key: value for key, value in TRACE.items() if key not in ("session", "latency")}
    again = {"share": 0.7, "after": 3.0, "max": 2}
    scenario = _scenario(trace=plain | {"replay": "arrivals"}, timeout=2.5, asks_again=again)
    twins = run_both(scenario, 50.0, 5, 10.0, base_dir=log)
    assert_same_rows(twins)
    assert_same_totals(twins)
