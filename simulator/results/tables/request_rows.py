"""Every action as a row, for those who want to look at single requests rather than at estimates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from simulator.kernel.codes import Outcome
from simulator.metrics.dictionary import REQUESTS
from simulator.results.tables.arrow import parts, table_of, words

if TYPE_CHECKING:
    from simulator.compiler.streams import Stream

_OUTCOMES = [outcome.name.lower() for outcome in sorted(Outcome)]


def request_table(
    rows: NDArray[np.void], streams: tuple[Stream, ...], *, seed: int, warmup_s: float
) -> pa.Table:
    """Return the kernel's rows as a table with the columns `REQUESTS` of the data dictionary.

    Parameters
    ----------
    rows : ROW[row] of `simulator.kernel.state`, times since the start of the warm-up
    streams : names of the stream indices
    seed : of the run
    warmup_s : span before the window; times of the table count from its end
    """
    as_they_are = (
        "asked",
        "turns",
        "attempts",
        "latency_s",
        "ttft_s",
        "queue_wait_s",
        "input_tokens",
        "output_tokens",
    )
    columns = {
        "seed": np.full(len(rows), seed),
        "request_id": rows["number"],
        **parts(rows["stream"], streams),
        "arrival_s": rows["arrival_s"] - warmup_s,
        "end_s": rows["end_s"] - warmup_s,
        "outcome": words(rows["outcome"], _OUTCOMES),
        "is_correct": rows["is_correct"] == 1,
        **{name: rows[name] for name in as_they_are},
    }
    return table_of([columns], REQUESTS)
