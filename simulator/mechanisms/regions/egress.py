"""How much data left the region of its user? From what each stream used of each station.

An attempt at a station in another region carries there and back

- of a model: `bytes_per_token` x (input + output tokens it is billed for);
- of a service or a team: `bytes_per_call` once it has ended, however it ended.

Prompts that a model refused (429) are not in it: they are not billed, so their length is not kept. Data that stays in
its user's region leaves nothing. What is wasted are wasted tokens, and calls without an answer.
"""

import numpy as np
from numpy.typing import NDArray

from simulator.mechanisms.regions.config import Egress
from simulator.metrics.columns import UsageColumn

Floats = NDArray[np.float64]

_BYTES_PER_GB = 1e9
_UNANSWERED = [
    UsageColumn.ERRORS,
    UsageColumn.RATE_LIMITED,
    UsageColumn.TIMED_OUT,
    UsageColumn.SHED,
    UsageColumn.ABANDONED,
]


def egress_gb(usage: Floats, is_model: bool, egress: Egress) -> tuple[Floats, Floats]:
    """Data that streams exchanged with a station, and the part of it that was wasted.

    Parameters
    ----------
    usage : float64[…, UsageColumn], of streams from other regions at the station
    is_model : whether it is a model that is paid or run by the token

    Returns
    -------
    float64[…] each, in GB (10^9 bytes)
    """
    if is_model:
        n_units = usage[..., UsageColumn.INPUT_TOKENS] + usage[..., UsageColumn.OUTPUT_TOKENS]
        n_wasted = usage[..., UsageColumn.WASTED_INPUT_TOKENS] + usage[..., UsageColumn.WASTED_OUTPUT_TOKENS]
        per_unit_gb = egress.bytes_per_token / _BYTES_PER_GB
    else:
        n_wasted = usage[..., _UNANSWERED].sum(axis=-1)
        n_units = usage[..., UsageColumn.SUCCEEDED] + n_wasted
        per_unit_gb = egress.bytes_per_call / _BYTES_PER_GB
    return np.asarray(n_units * per_unit_gb), np.asarray(n_wasted * per_unit_gb)
