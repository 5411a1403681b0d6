"""Recorded prompts one after the other: the KV cache finds what a list of blocks, least recently used first, holds."""

import gzip
import json
from collections import OrderedDict
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from simulator.compiler.demand import steady_window
from simulator.engine import Runner
from simulator.mechanisms.traffic.config import Trace
from simulator.mechanisms.traffic.trace import load_trace
from simulator.metrics.columns import AreaColumn
from simulator.scenario.model import Scenario

BLOCK, UNIT = 16, 512
DATA = Path(__file__).parents[2] / "scenarios" / "data"
FILE = "mooncake_conversation.jsonl.gz"
COLUMNS = {"prompt_tokens": "input_length", "hash_ids": "hash_ids"}
SCALE = 0.02  # a prompt in 15 s on average, each done before the next but in bursts


def _rows() -> list[tuple[int, list[int]]]:
    with gzip.open(DATA / FILE, "rt") as lines:
        rows = [json.loads(line) for line in lines]
    return [(row["input_length"], row["hash_ids"]) for row in rows]


def _found(rows: list[tuple[int, list[int]]], n_blocks: int) -> tuple[int, int]:
    """Tokens of all prompts, and those found in a cache of so many blocks of 16 tokens."""
    cache: OrderedDict[int, int] = OrderedDict()  # unit → its full blocks
    n_tokens = n_found = 0
    for prompt, ids in rows:
        sizes = [min(UNIT, prompt - UNIT * number) // BLOCK for number in range(len(ids))]
        hit = 0
        for id_, size in zip(ids, sizes, strict=True):
            if size == 0 or id_ not in cache:
                break
            hit += size * BLOCK
        n_tokens += prompt
        n_found += min(hit, prompt - 1) // BLOCK * BLOCK
        for id_, size in reversed(list(zip(ids, sizes, strict=True))):
            if size:
                cache.pop(id_, None)
                cache[id_] = size
        used = sum(cache.values())
        while used > n_blocks:
            used -= cache.popitem(last=False)[1]
    return n_tokens, n_found


@pytest.mark.parametrize("n_units", [1_000, pytest.param(30_000, marks=pytest.mark.slow)])
def test_hits_of_prompts_one_by_one_are_those_of_a_list(n_units: int) -> None:
    trace = {"file": FILE, "time": "timestamp", "time_unit": "ms", "spread": True, "rotate": False, **COLUMNS}
    scenario = Scenario.model_validate(
        {
            "metadata": {"name": "prefixes"},
            "workloads": [
                {
                    "name": "chat",
                    "trace": trace | {"replay": "arrivals", "scale": SCALE},
                    "prompt_tokens": {"trace": True},
                    "output_tokens": {"distribution": "constant", "value": 1},
                    "steps": [{"generate": "own"}],
                }
            ],
            "model_list": [
                {
                    "model_name": "own",
                    "pool": {
                        "model": "meta-llama/Meta-Llama-3.1-8B",
                        "gpu": "h100_sxm",
                        "kv_cache_tokens": n_units * UNIT,
                        "max_num_seqs": 1,
                        "max_num_batched_tokens": 131_072,
                    },
                }
            ],
        }
    )
    recorded = load_trace(Trace.model_validate(trace | {"replay": "arrivals"}), DATA)
    assert recorded.rate_rps is not None
    rate_rps = SCALE * recorded.rate_rps
    rows = _rows()[:4_000]
    window = steady_window(
        "all", None, datetime(2026, 1, 5, tzinfo=UTC), [rate_rps], (len(rows) + 0.5) / rate_rps, 0.0, 1.0
    )
    result = Runner(DATA).run(scenario, window, 1)
    area = result.areas[0]
    n_arrived = int(np.cumsum(recorded.gap)[: len(rows) + 10].searchsorted(len(rows) + 0.5))
    assert (area[AreaColumn.PROMPT_TOKENS], area[AreaColumn.HIT_TOKENS]) == _found(
        _rows()[:n_arrived], n_units * 32
    )
