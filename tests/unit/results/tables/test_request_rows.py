"""The kernel's rows become a data frame with names and the window's clock."""

import numpy as np

from simulator.compiler.streams import Stream
from simulator.kernel.codes import Outcome
from simulator.kernel.state import ROW
from simulator.metrics.dictionary import REQUESTS, dtypes
from simulator.results.tables.request_rows import request_table

STREAMS = (Stream("tickets", "eu"), Stream("calls", "us"))


def test_rows_are_named_and_shifted() -> None:
    rows = np.zeros(2, ROW)
    rows["stream"] = 1, 0
    rows["outcome"] = Outcome.ABANDONED, Outcome.SUCCEEDED
    rows["arrival_s"], rows["end_s"] = (590.0, 601.0), (610.0, 602.5)
    rows["latency_s"], rows["ttft_s"] = (np.nan, 1.5), np.nan
    rows["number"], rows["is_correct"] = (7, 8), (0, 1)
    frame = request_table(rows, STREAMS, seed=3, warmup_s=600.0).to_pandas()
    assert frame.dtypes.astype(str).to_dict() == dtypes(REQUESTS)
    assert frame["workload"].tolist() == ["calls", "tickets"]
    assert frame["region"].tolist() == ["us", "eu"]
    assert frame["outcome"].tolist() == ["abandoned", "succeeded"]
    assert frame["arrival_s"].tolist() == [-10.0, 1.0]
    assert frame["is_correct"].tolist() == [False, True]
    assert np.isnan(frame.loc[0, "latency_s"])
    assert frame.loc[1, "seed"] == 3


def test_no_rows_is_an_empty_frame() -> None:
    frame = request_table(np.zeros(0, ROW), STREAMS, seed=3, warmup_s=600.0).to_pandas()
    assert len(frame) == 0
    assert frame.dtypes.astype(str).to_dict() == dtypes(REQUESTS)
