"""Writing a table of step times as `simulator.mechanisms.replicas.profile_file` reads it."""

from collections.abc import Mapping
from itertools import product

import numpy as np
from numpy.typing import NDArray

from simulator.mechanisms.replicas.fitting.fit import ProfileFit, StepTimes

Floats = NDArray[np.float64]

# the times are linear in each of the three, so that any knots give the same between and beyond them
_PREFILL = (0.0, 512.0, 8192.0)
_BATCH = (0.0, 1.0, 64.0, 512.0)
_CONTEXT = (1.0, 4096.0, 131_072.0)


def profile_text(
    notes: Mapping[str, object], axes: tuple[Floats, Floats, Floats], step_s: Floats, decimals: int = 4
) -> str:
    """Text of a profile: what is known of it, then a row per combination but for those without work.

    Parameters
    ----------
    axes : prompt tokens, batch, and mean context, each rising
    step_s : float64[prompt tokens, batch, context]
    decimals : of a millisecond
    """
    lines = [f"# {key}: {value}" for key, value in notes.items()]
    lines.append("prefill_tokens,batch,context_tokens,step_ms")
    for (p, tokens), (b, n), (c, at) in product(*map(enumerate, axes)):
        if p or b:
            lines.append(f"{tokens:g},{n:g},{at:g},{step_s[p, b, c] * 1e3:.{decimals}f}")
    return "\n".join(lines) + "\n"


def fitted_table(times: StepTimes) -> tuple[tuple[Floats, Floats, Floats], Floats]:
    """Axes, and times float64[prompt tokens, batch, context] in seconds."""
    prefill, batch, context = (np.array(axis) for axis in (_PREFILL, _BATCH, _CONTEXT))
    kv_tokens = batch[:, None] * context
    step_s = (
        times.iteration_s
        + times.per_prefill_token_s * prefill[:, None, None]
        + (times.per_sequence_s * batch[:, None] + times.per_kv_token_s * kv_tokens)
    )
    return (prefill, batch, context), step_s


def fitted_text(fit: ProfileFit, known: Mapping[str, object], source: str) -> str:
    """Text of a profile that was fitted.

    Parameters
    ----------
    known : of the model and the machine, as comment lines
    source : where the measurements are from
    """
    seen = (
        f"batch {fit.batch[0]:.3g} to {fit.batch[1]:.3g}, prompt tokens in an iteration up to "
        f"{fit.prefill_tokens[1]:.0f}, context {fit.context_tokens[0]:.0f} to {fit.context_tokens[1]:.0f}"
    )
    notes = {
        **known,
        "fit_error_mean": f"{fit.error_mean:.4f}",
        "fit_error_worst": f"{fit.error_worst:.4f}",
        "fitted_requests": fit.n_requests,
        "seen": seen,
        **({"not_identified": ", ".join(fit.unknown)} if fit.unknown else {}),
        "source": source,
    }
    return profile_text(notes, *fitted_table(fit.times), decimals=8)
