"""How long does an iteration take with what its engine adds to the GPU's kernels: its own time, and speculation?

With speculation an iteration makes several tokens of each sequence. The simulated iteration stays one token of each: it
takes its share of the engine's iteration, and a prompt in it takes as long as it makes the engine's iteration longer.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from simulator.mechanisms.replicas.config import Speculation
from simulator.mechanisms.replicas.profile import Profile

Floats = NDArray[np.float64]


def with_host_times(kernels_s: Floats, host_s: Floats, *, schedules_ahead: bool) -> Floats:
    """Times of the GPU with those of the engine, which come after them or, scheduled ahead, beside them.

    Parameters
    ----------
    kernels_s : float64[..., batch, context]
    host_s : float64[batch]
    """
    besides_s = host_s[:, np.newaxis]
    return np.maximum(kernels_s, besides_s) if schedules_ahead else kernels_s + besides_s


def with_speculation(
    profile: Profile, speculation: Speculation, host_s: Floats, *, schedules_ahead: bool
) -> Profile:
    """A profile of kernels alone whose decodes are checked drafts, with what the engine adds.

    Parameters
    ----------
    host_s : float64[batch], once in each iteration of the engine
    """
    n_tokens = speculation.tokens
    prefill, batch, context = profile.prefill_tokens, profile.batch, profile.context_tokens
    kernels_s = np.array(
        [
            [[profile.step_time_s(p + n_tokens * b, b, c) for c in context.tolist()] for b in batch.tolist()]
            for p in prefill.tolist()
        ]
    )
    pairs = n_tokens * batch[:, np.newaxis] * context
    drafts_s = speculation.draft_cost * n_tokens * profile.step_s[0] + profile.prefill_attention_s * pairs
    checks_s = with_host_times(kernels_s[0] + drafts_s, host_s, schedules_ahead=schedules_ahead)
    step_s = kernels_s - kernels_s[0] + checks_s / speculation.tokens_per_step
    prompts_alone_s = with_host_times(profile.step_s, host_s, schedules_ahead=schedules_ahead)[1:, 0]
    step_s[1:, 0] = prompts_alone_s
    step_s[0, 0] = np.minimum(step_s[0, 1], prompts_alone_s[0])
    return replace(
        profile,
        step_s=step_s,
        tokens_per_seq=1 + n_tokens,
        tokens_per_step=speculation.tokens_per_step,
    )
