"""A recorded log gives the same demand in whatever file and unit it is kept; one that cannot be used says why."""

import contextlib
import gzip
import hashlib
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest

from simulator.mechanisms.traffic import log_file
from simulator.mechanisms.traffic.config import Trace
from simulator.mechanisms.traffic.log_file import LogFileError
from simulator.mechanisms.traffic.trace import TraceData, load_trace

TIMES_S = [100.0, 100.5, 100.5, 103.0, 104.0]  # gaps 0.5, 0, 2.5, 1: mean 1
PROMPTS = [10, 0, 30, 40, 50]
OUTPUTS = [1, 2, 3, 4, 5]
COLUMNS = {"time": "t", "prompt_tokens": "p", "output_tokens": "o"}


def _frame(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"t": TIMES_S, "p": PROMPTS, "o": OUTPUTS, "other": "x", **columns})


def _write(frame: pd.DataFrame, path: Path) -> None:
    if ".csv" in path.name:
        frame.to_csv(path, index=False)
    elif path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_json(path, orient="records", lines=True)


def _load(folder: Path, frame: pd.DataFrame, name: str = "log.csv", **keys: Any) -> TraceData:
    _write(frame, folder / name)
    return load_trace(Trace(file=name, **{**COLUMNS, **keys}), folder)


@pytest.mark.parametrize(
    "name", ["log.csv", "log.csv.gz", "log.jsonl", "log.ndjson", "log.jsonl.gz", "LOG.CSV.GZ", "log.parquet"]
)
def test_every_kind_of_file_gives_the_same(tmp_path: Path, name: str) -> None:
    if name.isupper():
        path = tmp_path / name
        path.write_bytes(gzip.compress(_frame().to_csv(index=False).encode()))
        trace = load_trace(Trace(file=name, **COLUMNS), tmp_path)
    else:
        trace = _load(tmp_path, _frame(), name)
    assert trace.gap is not None
    assert trace.gap.tolist() == [1.0, 0.5, 0.0, 2.5, 1.0]
    assert trace.rate_rps == 1.0
    assert trace.lengths is not None
    assert trace.lengths.tolist() == [[10, 1], [1, 2], [30, 3], [40, 4], [50, 5]]  # no prompt is empty
    assert trace.sha256 == hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()


@pytest.mark.parametrize(("unit", "per_second"), [("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9)])
def test_times_have_a_unit(tmp_path: Path, unit: str, per_second: int) -> None:
    times = [round(time_s * per_second) for time_s in (100.0, 100.5, 103.0)]
    trace = _load(tmp_path, _frame().iloc[:3].assign(t=times), time_unit=unit)
    assert trace.rate_rps == pytest.approx(2.0 / 3.0, rel=1e-9)


@pytest.mark.parametrize(
    "stamps",
    [
        ["2026-01-05T00:00:00Z", "2026-01-05T00:00:01.5Z", "2026-01-05T00:00:04Z"],
        ["2026-01-05 00:00:00", "2026-01-05 00:00:01.500", "2026-01-05 00:00:04"],
        ["2026-01-05T00:00:00Z", "2026-01-05T01:00:01.5+01:00", "2026-01-04T19:00:04-05:00"],
    ],
)
@pytest.mark.parametrize("name", ["log.csv", "log.jsonl", "log.parquet"])
def test_times_may_be_dates(tmp_path: Path, stamps: list[str], name: str) -> None:
    trace = _load(tmp_path, _frame().iloc[:3].assign(t=stamps), name)
    assert trace.gap is not None
    assert trace.gap * 2.0 == pytest.approx([2.0, 1.5, 2.5], rel=1e-9)
    assert trace.rate_rps == pytest.approx(0.5, rel=1e-9)


@pytest.mark.parametrize("column", ["timestamp", "arrived_at", "date"])
def test_a_name_does_not_make_numbers_dates(tmp_path: Path, column: str) -> None:
    times_s = [1.7e9 + time_s for time_s in TIMES_S]
    frame = _frame(t=times_s).rename(columns={"t": column})
    assert _load(tmp_path, frame, "log.jsonl", time=column, time_unit="ms").rate_rps == pytest.approx(1000.0)


def test_parquet_may_hold_moments(tmp_path: Path) -> None:
    stamps = pd.to_datetime(pd.Series(TIMES_S), unit="s", utc=True)
    assert _load(tmp_path, _frame(t=stamps), "log.parquet").rate_rps == pytest.approx(1.0, rel=1e-9)


def test_only_the_columns_that_are_named_are_used(tmp_path: Path) -> None:
    arrivals = _load(tmp_path, _frame(), prompt_tokens=None, output_tokens=None)
    assert arrivals.lengths is None
    outputs = _load(tmp_path, _frame(), time=None, prompt_tokens=None)
    assert (outputs.gap, outputs.rate_rps) == (None, None)
    assert outputs.lengths is not None
    assert outputs.lengths.tolist() == [[1, output] for output in OUTPUTS]


@given(st.lists(st.floats(0.0, 1e4), min_size=2, max_size=50).filter(lambda gaps: sum(gaps) > 1e-3))
def test_gaps_have_the_mean_one_and_the_recorded_rate(gaps_s: list[float]) -> None:
    times_s = 1e3 + np.concatenate([[0.0], np.cumsum(gaps_s)])
    with tempfile.TemporaryDirectory() as folder:
        trace = _load(Path(folder), pd.DataFrame({"t": times_s}), prompt_tokens=None, output_tokens=None)
    assert trace.gap is not None
    assert trace.rate_rps is not None
    assert trace.gap.size == times_s.size
    assert trace.gap.mean() == pytest.approx(1.0, rel=1e-9)
    assert trace.gap[0] == 1.0
    replayed_s = np.cumsum(trace.gap[1:]) / trace.rate_rps
    assert replayed_s == pytest.approx(times_s[1:] - times_s[0], rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"t": [1.0, 2.0, 1.5, 3.0, 4.0]}, r"row 3 is before row 2; sort by 't'"),
        ({"t": [1.0] * 5}, "at least two different times"),
        ({"t": [1.0, None, 2.0, 3.0, 4.0]}, "empty or infinite times"),
        ({"t": [1.0, 2.0, 3.0, 4.0, np.inf]}, "empty or infinite times"),
        ({"t": ["1", "2", "yesterday", "4", "5"]}, "row 3 of 't' is neither a number nor an ISO 8601 time"),
        ({"p": [1, 2, -3, 4, 5]}, "row 3 of 'p' is not a number of tokens"),
        ({"p": [1, 2, 3, None, 5]}, "row 4 of 'p'"),
        ({"o": [1, "many", 3, 4, 5]}, "row 2 of 'o'"),
        ({"o": [1, 2, 3, 4, 2e8]}, "row 5 of 'o'"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, columns: dict[str, list[Any]], message: str) -> None:
    with pytest.raises(LogFileError, match=message):
        _load(tmp_path, _frame(**columns))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("log.txt", b"t\n1\n", "unknown kind of file; use .csv, .jsonl or .parquet, maybe with .gz"),
        ("log.csv", b"", "the file is empty"),
        ("log.csv", b"t,p,o\n", "the trace has no rows"),
        ("log.csv", b"a,b\n1,2\n", "no column 't', 'p', 'o'; the columns are a, b"),
        ("log.csv.gz", b"t,p,o\n1,2,3\n", "cannot be read as a trace"),
        ("log.csv.gz", gzip.compress(b"t,p,o\n" * 900, mtime=0)[:-20], "cannot be read as a trace"),
        ("log.jsonl", b"[1, 2", "cannot be read as a trace"),
        ("log.parquet", b"t,p,o\n", "cannot be read as a trace"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(LogFileError, match=message) as caught:
        load_trace(Trace(file=name, **COLUMNS), tmp_path)
    assert name in str(caught.value)


def test_requests_of_one_tick_are_spread_over_it(tmp_path: Path) -> None:
    """100 ticks of 3 s with 10 requests each: uniform in their tick, in order, the same each time."""
    frame = pd.DataFrame({"t": np.repeat(3.0 * np.arange(100), 10), "p": 5, "o": 5})
    trace = _load(tmp_path, frame, spread=True)
    assert trace.gap is not None
    assert trace.rate_rps is not None
    times_s = np.concatenate([[0.0], np.cumsum(trace.gap[1:]) / trace.rate_rps]).reshape(100, 10)
    ticks_s = 3.0 * np.arange(100)
    earliest_s = (ticks_s - times_s[:, 0]).max()  # of the first request, after its tick
    latest_s = (ticks_s + 3.0 - times_s[:, -1]).min()
    assert 0.0 <= earliest_s < latest_s < 3.0
    after_tick_s = times_s - ticks_s[:, None] + (earliest_s + latest_s) / 2.0
    assert kstest(after_tick_s.ravel() / 3.0, "uniform").pvalue > 1e-4
    again = _load(tmp_path, frame, spread=True)
    assert again.gap is not None
    assert np.array_equal(again.gap, trace.gap)


def test_blocks_are_known_by_their_ids(tmp_path: Path) -> None:
    frame = _frame(ids=[[0, 1], [0], [], [0, 1, 7], [2**40]])
    units = _load(tmp_path, frame, "log.jsonl", hash_ids="ids", block_tokens=64).units
    assert units is not None
    assert units.tokens == 64
    assert units.n_distinct == 4
    assert units.rows.tolist() == [[0, 2], [2, 1], [3, 0], [3, 3], [6, 1]]
    zero, one, _, _, _, seven, large = units.keys.tolist()
    assert units.keys.tolist() == [zero, one, zero, zero, one, seven, large]
    assert len({zero, one, seven, large}) == 4
    parquet = _load(tmp_path, frame, "log.parquet", hash_ids="ids").units
    assert parquet is not None
    assert parquet.rows.tolist() == units.rows.tolist()
    assert not set(parquet.keys.tolist()) & set(units.keys.tolist())  # another file, other blocks


@pytest.mark.parametrize(
    ("name", "ids", "message"),
    [
        (
            "log.csv",
            [[1], [2], [3], [4], [5]],
            "row 1 of 'ids' is not a list of numbers; lists are possible in",
        ),
        ("log.jsonl", [[1], [2], None, [4], [5]], "row 3 of 'ids' is not a list of numbers"),
        ("log.jsonl", [["a"], ["b"], [], [], []], "'ids' has ids that are not whole numbers"),
        ("log.jsonl", [[1.5], [2.0], [], [], []], "'ids' has ids that are not whole numbers"),
    ],
)
def test_bad_ids_are_named(tmp_path: Path, name: str, ids: list[Any], message: str) -> None:
    with pytest.raises(LogFileError, match=message):
        _load(tmp_path, _frame(ids=ids), name, hash_ids="ids")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(LogFileError, match=r"gone\.csv: cannot be read as a trace"):
        load_trace(Trace(file="gone.csv", time="t"), tmp_path)


def test_a_file_that_unpacks_beyond_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.mechanisms.traffic.log_file._MAX_BYTES", 10_000)
    (tmp_path / "log.csv.gz").write_bytes(gzip.compress(b"t\n" + b"1\n" * 10_000))
    with pytest.raises(LogFileError, match="unpacks to more than 2 GiB"):
        load_trace(Trace(file="log.csv.gz", time="t"), tmp_path)


def test_rows_without_an_answer_are_left_out_and_counted(tmp_path: Path) -> None:
    """Exports keep failed requests with no output tokens: none of them is a short answer, and gaps close over them."""
    trace = _load(tmp_path, _frame().assign(o=[1, 0, 3, 0, 5]))
    assert (trace.n_rows, trace.n_left_out) == (5, 2)
    assert trace.gap is not None
    assert trace.gap.tolist() == [1.0, 0.25, 1.75]  # of times 100, 100.5, 104
    assert trace.lengths is not None
    assert trace.lengths[:, 1].tolist() == [1, 3, 5]
    with pytest.raises(LogFileError, match="no row of 'o' has an answer"):
        _load(tmp_path, _frame().assign(o=0))


def test_rows_are_those_of_the_file_after_some_were_left_out(tmp_path: Path) -> None:
    with pytest.raises(LogFileError, match="row 4 is before row 3"):
        _load(tmp_path, _frame().assign(t=[0.0, 1.0, 3.0, 2.0, 5.0], o=[1, 0, 3, 4, 5]))


def test_a_file_that_is_written_again_is_read_again(tmp_path: Path) -> None:
    first = _load(tmp_path, _frame())
    assert load_trace(Trace(file="log.csv", **COLUMNS), tmp_path) is first
    second = _load(tmp_path, _frame().assign(o=[9, 9, 9, 9, 12345]))
    assert second.sha256 != first.sha256


@pytest.mark.parametrize(
    ("times", "keys", "message"),
    [
        ([0.0, 1e300], {}, "beyond the year 2200"),
        ([1.7e12, 1.7e12 + 6000], {}, "with `time_unit: ms` they are of 2023"),
        ([1.7e15, 1.7e15 + 6000], {}, "with `time_unit: us` they are of 2023"),
        ([1.7e18, 1.7e18 + 6e9], {"time_unit": "ms"}, "with `time_unit: ns` they are of 2023"),
        ([0, 1], {"time_unit": "ns"}, "is `time_unit: ns` the unit of 't'"),
        ([0.0, 1e-12], {}, "2 requests in 1e-12 s"),
        ([0.0, 1e-320], {}, "more than 1e\\+06"),
    ],
)
def test_times_that_no_log_has_are_a_slip_of_the_unit(
    times: list[float], keys: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(LogFileError, match=message):
        _load(tmp_path, pd.DataFrame({"t": times, "p": 1, "o": 1}), **keys)


@pytest.mark.parametrize("name", ["log.jsonl", "log.jsonl.gz"])
def test_lists_too_deep_for_the_reader_are_refused(name: str, tmp_path: Path) -> None:
    line = b'{"t": 0, "p": 1, "o": ' + b"[" * 5000 + b"]" * 5000 + b"}"
    good = b'{"t": 0, "p": 1, "o": 1, "note": "' + b"[{" * 200 + rb"\\\"" + b'"}'
    path = tmp_path / name
    text = good + b"\n" + line + b"\n"
    path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    with pytest.raises(LogFileError, match="row 2 nests lists or objects more than 64 deep"):
        load_trace(Trace(file=name, **COLUMNS), tmp_path)
    text = good + b"\n" + good.replace(b'"t": 0', b'"t": 1')
    path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    assert load_trace(Trace(file=name, **COLUMNS), tmp_path).n_rows == 2


def test_a_few_bytes_of_parquet_that_stand_for_many_rows_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_file, "MAX_ROWS", 1000)
    frame = pd.DataFrame({"t": np.arange(2000.0), "p": 1, "o": 1})
    for name in ("log.parquet", "log.csv"):
        with pytest.raises(LogFileError, match="more than 1,000 rows"):
            _load(tmp_path, frame, name)
    monkeypatch.setattr(log_file, "_MAX_BYTES", 100)
    with pytest.raises(LogFileError, match="more than 2 GiB"):
        _load(tmp_path, frame.head(500), "log.parquet")


@pytest.mark.parametrize("name", ["log.csv", "log.jsonl", "log.parquet"])
def test_prompts_and_names_are_not_read(name: str, tmp_path: Path) -> None:
    _write(_frame(prompt="secret", user="someone"), tmp_path / name)
    assert list(log_file.read_log(tmp_path / name, name, ["t", "o"]).columns) == ["t", "o"]


@given(
    st.binary(max_size=400),
    st.sampled_from(["log.csv", "log.jsonl", "log.parquet", "log.csv.gz", "log.jsonl.gz"]),
)
def test_whatever_a_file_holds_there_is_one_clear_message(content: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(LogFileError):
        (Path(folder) / name).write_bytes(content)
        load_trace(Trace(file=name, **COLUMNS), Path(folder))
