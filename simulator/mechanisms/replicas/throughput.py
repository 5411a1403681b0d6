"""What a replica can do at most: requests per second when its batch is always full, by the profile alone.

In the steady state every iteration decodes a token for each sequence of the batch. Where less than one finishes in an
iteration, some iterations work on one prompt besides; otherwise each works on as many as replace those that finish.
The best batch of all that fit into the seats and the KV cache is the roofline. Prompts in waves, as of requests all
alike, may do a little better; a cache so small that sequences are preempted does worse.
"""

from typing import NamedTuple

from simulator.mechanisms.replicas.config import Pool
from simulator.mechanisms.replicas.profile import Profile

_N_BATCHES = 48  # tried between 1 and the largest that fits


class Saturation(NamedTuple):
    """A replica that is never short of requests."""

    requests_per_s: float
    batch: float
    step_s: float  # of an iteration, on average


def saturation(
    pool: Pool, profile: Profile, prompt_tokens: float, output_tokens: float, hit_tokens: float = 0.0
) -> Saturation:
    """Most requests per second that one replica carries, all alike.

    Parameters
    ----------
    prompt_tokens, output_tokens : of each request
    hit_tokens : part of the prompt that is found in the cache
    """
    context = prompt_tokens + output_tokens / 2.0
    new_tokens = prompt_tokens - hit_tokens
    limits = pool.batch_limits
    budget = limits.max_num_batched_tokens
    most = min(float(limits.max_num_seqs), profile.kv_tokens / context)
    # the seats of a full batch also hold sequences whose prompt is being worked on
    most = max(1.0, min(most, budget / (profile.tokens_per_seq + new_tokens / output_tokens)))
    best = Saturation(0.0, 0.0, 0.0)
    for number in range(1, _N_BATCHES + 1):
        batch = 1.0 + (most - 1.0) * number / _N_BATCHES
        admitted = batch / output_tokens  # in each iteration
        share = min(1.0, admitted)  # of iterations that work on prompts
        prefill = new_tokens * admitted / share
        beside = batch if pool.chunked_prefill else 0.0
        with_prompts_s = profile.step_time_s(prefill, beside, context if beside else 0.0)
        with_prompts_s += profile.prefill_attention_s * prefill * (hit_tokens + new_tokens / 2.0)
        alone = 1.0 - share if pool.chunked_prefill else 1.0
        step_s = share * with_prompts_s + alone * profile.step_time_s(0.0, batch, context)
        rate = admitted / step_s
        if rate > best.requests_per_s:
            best = Saturation(rate, batch, step_s)
    return best
