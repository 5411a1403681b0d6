"""A replica with continuous batching, stepped iteration by iteration: what leaping competes with.

Each iteration looks at every sequence of the batch. The same function is compiled by numba and run as plain Python.
First come first served, chunked prefill, a batch of bounded size, a KV cache that is large enough; no prefix cache.
"""

import numba
import numpy as np
from numpy.typing import NDArray

from simulator.mechanisms.replicas.profile import Profile

Floats = NDArray[np.float64]


@numba.njit(cache=True)
def _segment(knots, value):
    index = 0
    while index < knots.size - 2 and value >= knots[index + 1]:
        index += 1
    return index


@numba.njit(cache=True)
def _step_time(prefill, batch, context, step_s, launch, n_prefill, n_batch, mean_context):
    p, b, c = _segment(prefill, n_prefill), _segment(batch, n_batch), _segment(context, mean_context)
    along_p = (n_prefill - prefill[p]) / (prefill[p + 1] - prefill[p])
    along_b = (n_batch - batch[b]) / (batch[b + 1] - batch[b])
    along_c = (mean_context - context[c]) / (context[c + 1] - context[c])
    total = launch[0] if n_prefill + n_batch > launch[1] else 0.0
    for i in range(2):
        for j in range(2):
            for k in range(2):
                weight = along_p if i else 1.0 - along_p
                weight *= along_b if j else 1.0 - along_b
                weight *= along_c if k else 1.0 - along_c
                total += weight * step_s[p + i, b + j, c + k]
    return total


@numba.njit(cache=True)
def step_through(
    arrival_s, prompts, outputs, prefill, batch, context, step_s, launch, pair_s, max_seqs, max_tokens
):
    """Finish times of requests, and the number of iterations.

    Parameters
    ----------
    arrival_s : float64[request], sorted
    prompts, outputs : int64[request], tokens
    prefill, batch, context, step_s : axes and table of the profile
    launch : seconds more of an iteration, and the tokens above which it takes them
    pair_s : seconds per pair of prompt tokens
    max_seqs, max_tokens : of one iteration
    """
    n = arrival_s.size
    finish_s = np.zeros(n)
    computed = np.zeros(n, dtype=np.int64)
    generated = np.zeros(n, dtype=np.int64)
    chunk = np.zeros(n, dtype=np.int64)
    running = np.zeros(max_seqs, dtype=np.int64)
    n_running = 0
    following = 0
    n_iterations = 0
    now_s = 0.0
    while following < n or n_running > 0:
        if n_running == 0 and now_s < arrival_s[following]:
            now_s = arrival_s[following]
        n_decodes = 0
        tokens = 0
        for place in range(n_running):
            request = running[place]
            if generated[request] > 0:
                n_decodes += 1
                tokens += computed[request] + 1
        left = max_tokens - n_decodes
        n_prefill = 0
        pairs = 0.0
        for place in range(n_running):
            request = running[place]
            if generated[request] == 0:
                chunk[request] = min(prompts[request] - computed[request], left)
                left -= chunk[request]
                n_prefill += chunk[request]
                pairs += chunk[request] * (computed[request] + 0.5 * chunk[request])
        while left > 0 and n_running < max_seqs and following < n and arrival_s[following] <= now_s:
            running[n_running] = following
            chunk[following] = min(prompts[following], left)
            left -= chunk[following]
            n_prefill += chunk[following]
            pairs += 0.5 * chunk[following] * chunk[following]
            n_running += 1
            following += 1
        mean_context = tokens / n_decodes if n_decodes > 0 else 0.0
        now_s += (
            _step_time(prefill, batch, context, step_s, launch, n_prefill, n_decodes, mean_context)
            + pair_s * pairs
        )
        n_iterations += 1
        kept = 0
        for place in range(n_running):
            request = running[place]
            if generated[request] > 0:
                computed[request] += 1
                generated[request] += 1
            else:
                computed[request] += chunk[request]
                if computed[request] == prompts[request]:
                    generated[request] = 1
            if generated[request] == outputs[request]:
                finish_s[request] = now_s
            else:
                running[kept] = request
                kept += 1
        n_running = kept
    return finish_s, n_iterations


def finish_times(
    profile: Profile,
    arrival_s: Floats,
    lengths: NDArray[np.int64],
    max_seqs: int,
    max_tokens: int,
    *,
    compiled: bool,
) -> tuple[Floats, int]:
    """Finish times of requests on one replica, stepped; and the number of iterations."""
    run = step_through if compiled else step_through.py_func
    return run(  # type: ignore[no-any-return]
        arrival_s,
        np.ascontiguousarray(lengths[:, 0]),
        np.ascontiguousarray(lengths[:, 1]),
        profile.prefill_tokens,
        profile.batch,
        profile.context_tokens,
        profile.step_s,
        (profile.launch_s, profile.graph_tokens),
        profile.prefill_attention_s,
        max_seqs,
        max_tokens,
    )
