"""Which calls make a session, what each adds, and logs whose sessions are not known."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator.mechanisms.traffic.config import Trace
from simulator.mechanisms.traffic.log_file import LogFileError
from simulator.mechanisms.traffic.trace import TraceData, load_trace

#        a     b     a     a     b     c
TIMES = [0.0, 10.0, 20.0, 26.0, 50.0, 70.0]
TOOK = [5.0, 1.0, 9.0, 1.0, 1.0, 1.0]
PROMPTS = [100, 40, 150, 90, 40, 10]
OUTPUTS = [20, 5, 60, 7, 5, 3]


def _load(folder: Path, **columns: object) -> TraceData:
    frame = pd.DataFrame({"t": TIMES, "d": TOOK, "p": PROMPTS, "o": OUTPUTS, "s": list("abaabc"), **columns})
    frame.to_csv(folder / "log.csv", index=False)
    named = {"time": "t", "latency": "d", "prompt_tokens": "p", "output_tokens": "o", "session": "s"}
    return load_trace(Trace(file="log.csv", replay="sessions", **named), folder)  # type: ignore[arg-type]


def test_calls_stand_session_after_session_with_what_each_adds(tmp_path: Path) -> None:
    trace = _load(tmp_path)
    assert trace.lengths is not None
    assert trace.lengths.tolist() == [[100, 20], [30, 60], [90, 7], [40, 5], [40, 5], [10, 3]]
    sessions = trace.sessions
    assert sessions is not None
    assert sessions.first.tolist() == [0, 3, 5]
    assert sessions.calls.tolist() == [[0, 3, 0], [15, 2, 0], [0, 1, 1], [0, 2, 0], [39, 1, 1], [0, 1, 0]]
    assert sessions.mean_calls == 2.0


def test_the_rate_is_that_of_sessions(tmp_path: Path) -> None:
    trace = _load(tmp_path)
    assert trace.rate_rps == pytest.approx(1.0 / 35.0)  # begun at 0, 10 and 70 s
    assert trace.gap is not None
    np.testing.assert_allclose(trace.gap, [1.0, 10 / 35, 60 / 35])


def test_a_prompt_without_the_thoughts_of_the_last_answer_goes_on(tmp_path: Path) -> None:
    trace = _load(tmp_path, p=[100, 40, 101, 150, 40, 10])
    assert trace.lengths is not None
    assert trace.sessions is not None
    assert trace.lengths[1].tolist() == [1, 60]
    assert trace.sessions.calls[1, 2] == 0.0


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"s": ["a", None, "a", "a", "b", "c"]}, "row 2 of 's' is empty: whose session"),
        ({"d": [1.0, -2.0, 1.0, 1.0, 1.0, 1.0]}, "row 2 of 'd' is not a time from 0 on"),
        ({"s": ["a"] * 6}, "needs at least two that begin at different times"),
    ],
)
def test_a_log_whose_sessions_are_not_known(tmp_path: Path, columns: dict[str, object], message: str) -> None:
    with pytest.raises(LogFileError, match=message):
        _load(tmp_path, **columns)
