"""Speculation by its mean against a replica that draws what is accepted, iteration by iteration."""

from pathlib import Path

import numpy as np
import pytest

from simulator.compiler.demand import stage_window
from simulator.engine import Runner
from simulator.mechanisms.replicas.catalog import PROFILES, file_name, load_profile
from simulator.mechanisms.replicas.config import Pool, Speculation
from simulator.mechanisms.replicas.engines import ENGINES
from simulator.mechanisms.replicas.profile_file import read_profile
from simulator.metrics.columns import Metric
from simulator.scenario.model import Scenario

MODEL, GPU, PROMPT = "meta-llama/Meta-Llama-3.1-8B", "h100_sxm", 400
OUTPUT, SPREAD = 160, 80  # evenly spread
SPECULATION = Speculation(tokens=3, acceptance=0.65, draft_cost=0.05)


def _drawn(clients: int, n_answers: int) -> tuple[float, float]:
    """Answers per second and mean time per token of so many clients, each of whom asks again at once."""
    kernels, times = read_profile(PROFILES / file_name(MODEL, GPU, "vllm", 1)), ENGINES[0]
    limit, launch_s = times.graph_limit(1024), times.launch_layer_s * kernels.layers
    rng = np.random.default_rng(5)
    left, first_s = (
        np.full(clients, -1),
        np.zeros(clients),
    )  # tokens to come; -1: its prompt is worked on next
    outputs = rng.integers(OUTPUT - SPREAD, OUTPUT + SPREAD, clients, endpoint=True)
    now_s, warm_s, paces = 0.0, 0.0, []
    while len(paces) < n_answers:
        decoding = np.flatnonzero(left > 0)
        entering = np.flatnonzero((left == -1) & (first_s <= now_s))
        if decoding.size + entering.size == 0:
            now_s = float(first_s[left == -1].min())
            continue
        prompts, n = PROMPT * entering.size, decoding.size
        context = PROMPT + float((outputs - left)[decoding].mean()) if n else 0.0
        step_s = kernels.step_time_s(prompts + 3 * n, n, context) + times.iteration_s + times.sequence_s * n
        step_s += SPECULATION.draft_cost * 3 * kernels.step_time_s(0, n, context) if n else 0.0
        step_s += kernels.prefill_attention_s * (entering.size * PROMPT**2 / 2 + 3 * n * context)
        warm_s = now_s if len(paces) < 4 * clients else warm_s
        now_s += step_s + (launch_s if prompts + 4 * n > limit else 0.0)
        right = rng.random((n, 3)) < SPECULATION.acceptance
        made = 1 + np.cumprod(right, axis=1).sum(axis=1).astype(int)
        left[decoding] -= np.minimum(made, left[decoding])
        left[entering], first_s[entering] = outputs[entering] - 1, now_s
        for done in decoding[left[decoding] == 0]:
            paces.append((now_s - first_s[done]) / (outputs[done] - 1))
            left[done], first_s[done] = -1, now_s + times.request_s
            outputs[done] = rng.integers(OUTPUT - SPREAD, OUTPUT + SPREAD, endpoint=True)
    kept = paces[4 * clients :]
    return len(kept) / (now_s - warm_s), float(np.mean(kept))


@pytest.mark.parametrize(("clients", "n_answers"), [(1, 100), (24, 2_400)])
def test_means_are_those_of_drawn_acceptance(clients: int, n_answers: int) -> None:
    """Within 3 %: the last check of an answer brings fewer tokens than it found right."""
    rate, pace_s = _drawn(clients, n_answers)
    tokens = {
        "prompt_tokens": {"distribution": "constant", "value": PROMPT},
        "output_tokens": {"distribution": "uniform", "low": OUTPUT - SPREAD, "high": OUTPUT + SPREAD},
    }
    pool = {"model": MODEL, "gpu": GPU, "prefix_caching": False, "speculation": SPECULATION.model_dump()}
    scenario = Scenario.model_validate(
        {
            "metadata": {"name": "drafts"},
            "workloads": [{"name": "ask", "clients": clients, "steps": [{"generate": "own"}], **tokens}],
            "model_list": [{"model_name": "own", "pool": pool}],
        }
    )
    duration_s = 60.0
    result = Runner().run(scenario, stage_window(scenario, None, 0.0, duration_s, 5.0), 1)
    n, tpot_s, _ = result.moments[0, Metric.TPOT]
    assert tpot_s / n == pytest.approx(pace_s, rel=0.03)
    assert n / duration_s == pytest.approx(rate, rel=0.03)
    assert load_profile(Pool.model_validate(pool), Path()).tokens_per_step == pytest.approx(2.347, rel=1e-3)
