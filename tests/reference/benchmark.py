"""Benchmark results whose step times are known: clients on the replica that is simulated iteration by iteration."""

import math
from typing import Any

import numpy as np

from simulator.mechanisms.replicas.fitting.fit import StepTimes
from simulator.mechanisms.replicas.profile import Profile
from simulator.mechanisms.replicas.profile_text import fitted_table
from tests.reference.replica import Replica, Sequence


def known_profile(times: StepTimes) -> Profile:
    """Profile with these step times."""
    axes, step_s = fitted_table(times)
    nan = math.nan
    return Profile(
        "m", "g", "vllm", 1, *axes, step_s, 0.0, 400_000, 131_072, nan, nan, nan, nan, nan, "known"
    )  # fmt: skip


def vllm_result(
    profile: Profile,
    clients: int,
    n_requests: int,
    prompt: tuple[int, int],
    output: tuple[int, int],
    seed: int,
    jitter: float = 0.0,
    overhead_s: float = 0.0,
) -> dict[str, Any]:
    """A result of `vllm bench serve --max-concurrency CLIENTS --save-result --save-detailed`.

    Parameters
    ----------
    prompt, output : smallest and largest length in tokens
    jitter : standard deviation of an iteration's time, relative
    overhead_s : between an answer and the next request of its client
    """
    rng = np.random.default_rng(seed)
    replica = Replica(profile, 256, 8192, 25_000, keeps_prefixes=False)
    lengths = [(int(rng.integers(*prompt, endpoint=True)), int(rng.integers(*output, endpoint=True)))
               for _ in range(n_requests)]  # fmt: skip
    sequences = [Sequence(*pair) for pair in lengths]
    sent = dict.fromkeys(range(min(clients, n_requests)), 0.0)
    tokens: list[list[float]] = [[] for _ in sequences]
    due = [(0.0, number) for number in sent]
    number_of = {sequence: number for number, sequence in enumerate(sequences)}
    n_sent, n_finished, now_s = len(sent), 0, 0.0
    while n_finished < n_requests:
        for at_s, number in [one for one in due if one[0] <= now_s]:
            replica.join(sequences[number])
            due.remove((at_s, number))
        step_s = replica.begin_iteration(now_s)
        if step_s is None:
            now_s = min(due)[0]
            continue
        now_s += step_s * math.exp(jitter * rng.standard_normal())
        before = {sequence: sequence.generated for sequence in replica.running}
        finished = replica.end_iteration(now_s)
        n_finished += len(finished)
        for sequence, n_before in before.items():
            if sequence.generated > n_before:
                tokens[number_of[sequence]].append(now_s)
        for _ in finished:
            if n_sent < n_requests:
                sent[n_sent] = now_s + overhead_s
                due.append((sent[n_sent], n_sent))
                n_sent += 1
    ttfts = [times[0] - sent[number] for number, times in enumerate(tokens)]
    itls = [list(map(float, np.diff(times))) for times in tokens]
    means = [float(np.mean(gaps)) for gaps in itls if gaps]
    return {
        "model_id": "known",
        "request_rate": "inf",
        "max_concurrency": clients,
        "duration": now_s,
        "completed": n_requests,
        "total_input_tokens": sum(pair[0] for pair in lengths),
        "total_output_tokens": sum(pair[1] for pair in lengths),
        "request_throughput": n_requests / now_s,
        "mean_ttft_ms": 1e3 * float(np.mean(ttfts)),
        "mean_tpot_ms": 1e3 * float(np.mean(means)),
        "input_lens": [pair[0] for pair in lengths],
        "output_lens": [pair[1] for pair in lengths],
        "start_times": [sent[number] for number in range(n_requests)],
        "ttfts": ttfts,
        "itls": itls,
        "errors": [""] * n_requests,
    }


def guidellm_result(results: list[dict[str, Any]]) -> dict[str, Any]:
    """The same loads as a report of GuideLLM: rows with the mean time per token only."""
    return {"args": {"model": "known"}, "benchmarks": [_guidellm_load(result) for result in results]}


def _guidellm_load(result: dict[str, Any]) -> dict[str, Any]:
    columns = zip(
        result["start_times"],
        result["ttfts"],
        result["itls"],
        result["input_lens"],
        result["output_lens"],
        strict=True,
    )
    rows = [
        {
            "request_start_time": start_s,
            "time_to_first_token_ms": 1e3 * ttft_s,
            "inter_token_latency_ms": 1e3 * float(np.mean(gaps)) if gaps else None,
            "prompt_tokens": prompt,
            "output_tokens": output,
        }
        for start_s, ttft_s, gaps, prompt, output in columns
    ]
    strategy = {"type_": "concurrent", "streams": result["max_concurrency"]}
    return {"config": {"strategy": strategy}, "requests": {"successful": rows}}
