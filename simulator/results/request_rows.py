"""Every action as a row, for those who want to look at single requests rather than at estimates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.kernel.codes import Outcome
from simulator.results.columns import REQUESTS, dtypes, names

if TYPE_CHECKING:
    from simulator.compiler.demand import Stream

_OUTCOMES = np.array([outcome.name.lower() for outcome in sorted(Outcome)])


def request_frame(
    rows: NDArray[np.void], streams: tuple[Stream, ...], *, seed: int, warmup_s: float
) -> pd.DataFrame:
    """Return the kernel's rows as a data frame with the columns `REQUESTS` of the data dictionary.

    Parameters
    ----------
    rows : ROW[row] of `simulator.kernel.state`, times since the start of the warm-up
    streams : names of the stream indices
    seed : of the run
    warmup_s : span before the window; times of the data frame count from its end
    """
    workloads = np.array([stream.workload for stream in streams], dtype=object)
    regions = np.array([stream.region for stream in streams], dtype=object)
    frame = pd.DataFrame(
        {
            "seed": seed,
            "request_id": rows["number"],
            "workload": workloads[rows["stream"]],
            "region": regions[rows["stream"]],
            "arrival_s": rows["arrival_s"] - warmup_s,
            "end_s": rows["end_s"] - warmup_s,
            "outcome": _OUTCOMES[rows["outcome"]],
            "is_correct": rows["is_correct"] == 1,
            "asked": rows["asked"],
            "turns": rows["turns"],
            "attempts": rows["attempts"],
            "latency_s": rows["latency_s"],
            "ttft_s": rows["ttft_s"],
            "queue_wait_s": rows["queue_wait_s"],
            "input_tokens": rows["input_tokens"],
            "output_tokens": rows["output_tokens"],
        }
    )
    return frame[names(REQUESTS)].astype(dtypes(REQUESTS))
