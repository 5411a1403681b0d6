"""Logs that are broken, of other units and zones, or no logs: one clear message, or rows that are counted and left out."""

import gzip
import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.formats.logs import json_cells
from simulator.formats.logs.errors import LogError
from simulator.formats.logs.read import read_log
from tests.unit.formats.logs.foreign import FORMS, json_lines, table, write

_QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _written(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@_QUICK
@given(st.sampled_from(sorted(FORMS)), st.data())
def test_damage_never_ends_in_a_traceback(tmp_path: Path, form: str, data: st.DataObject) -> None:
    whole = write(tmp_path, form, table(12)).read_bytes()
    start = data.draw(st.integers(0, len(whole)))
    damaged = (
        whole[:start] + data.draw(st.binary(max_size=40)) + whole[start + data.draw(st.integers(0, 200)) :]
    )
    path = _written(tmp_path, "damaged", damaged)
    for least in (0, json_cells.LEAST_FOR_ARROW):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(json_cells, "LEAST_FOR_ARROW", least)
            try:
                found = read_log(path)
            except LogError as error:
                told = str(error)
            else:
                told = "" if found.frame.empty else str(path)
        assert str(path) in told


@_QUICK
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "startTime",
                        "spend",
                        "prompt_tokens",
                        "completion_tokens",
                        "metadata",
                        "resourceSpans",
                        "spans",
                        "attributes",
                        "time",
                    ]
                ),
                inner,
                max_size=6,
            )
        ),
        max_leaves=12,
    )
)
def test_odd_documents_never_end_in_a_traceback(tmp_path: Path, document: object) -> None:
    base = {"startTime": 1.7e9, "spend": 1, "prompt_tokens": 3, "completion_tokens": 4}
    odd = document if isinstance(document, dict) else {"metadata": document}
    path = _written(tmp_path, "odd.jsonl", json_lines([base, {**base, **odd}, odd]))
    try:
        told = read_log(path).name
    except LogError as error:
        told = str(error)
    assert str(path) in told


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.jsonl", b"", "is empty"),
        ("a.csv", b"  \n \n", "is empty"),
        ("a.csv", b"a,b\n1,2\n", "is no log that is known; its columns are a, b"),
        ("a.csv", b"startTime,spend,prompt_tokens,completion_tokens\n", "holds no request"),
        ("a.zip", b"PK\x03\x04abc", "a ZIP archive or a workbook"),
        ("a.gz", b"\x1f\x8bnothing", "cannot be unpacked"),
        ("a.parquet", b"PAR1broken", "cannot be read"),
        ("a.jsonl", b'{"a": ' + b"[" * 5000 + b"]" * 5000 + b"}\n", "no row that can be read"),
        ("a.bin", b"\x00\x01\x02" * 50, "is no text"),
    ],
)
def test_what_is_no_log_is_said(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    with pytest.raises(LogError, match=message):
        read_log(_written(tmp_path, name, data))


def test_a_bomb_within_gzip_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.formats.logs.documents.MAX_BYTES", 1 << 16)
    path = _written(
        tmp_path, "a.jsonl.gz", gzip.compress(json_lines([{"startTime": 1, "x": "y" * 1000}] * 200))
    )
    with pytest.raises(LogError, match="unpacks to more than"):
        read_log(path)


def test_deep_nesting_in_one_row_is_that_row_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_cells, "LEAST_FOR_ARROW", 0)
    path = write(tmp_path, "spend.jsonl", table(20))
    deep = b'{"startTime": "2026-09-10T00:00:00Z", "messages": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n"
    path.write_bytes(path.read_bytes() + deep)
    found = read_log(path)
    assert len(found.frame) == 20
    assert found.left_out == {"no rows: broken or cut off": 1}


@pytest.mark.parametrize("factor", [1, 1000, 1_000_000, 1_000_000_000])
def test_epoch_times_of_any_unit_are_the_same(tmp_path: Path, factor: int) -> None:
    rows = [{"ts": (1_789_000_000 + k) * factor, "input_tokens": 5, "output_tokens": 6} for k in range(5)]
    found = read_log(_written(tmp_path, "a.jsonl", json_lines(rows)))
    np.testing.assert_allclose(found.frame["time"], 1_789_000_000 + np.arange(5), atol=1e-3)


def test_times_of_no_date_need_a_unit(tmp_path: Path) -> None:
    rows = [{"ts": 40 * k, "input_tokens": 5, "output_tokens": 6} for k in range(50)]
    path = _written(tmp_path, "a.jsonl", json_lines(rows))
    with pytest.raises(LogError, match=r"--columns time=COLUMN:ms"):
        read_log(path)
    found = read_log(path, "time=ts:ms,input=input_tokens,output=output_tokens")
    assert found.clock.is_relative
    assert found.frame["time"].max() == pytest.approx(1.96)


def test_latency_in_no_plausible_unit_is_asked_for(tmp_path: Path) -> None:
    rows = [{"timestamp": "2026-09-10T00:00:00Z", "latency": 1500 + k, "output_tokens": 6} for k in range(30)]
    path = _written(tmp_path, "a.jsonl", json_lines(rows))
    with pytest.raises(LogError, match="latency=latency:ms"):
        read_log(path)
    found = read_log(path, "time=timestamp,latency=latency:ms,output=output_tokens")
    assert found.frame["latency"].median() == pytest.approx(1.5145)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ("time", "no NAME=COLUMN"),
        ("when=a", "no `when`; the names are time"),
        ("input=a:ms", "has no unit"),
        ("time=nothing", "no column nothing; there are a, b"),
    ],
)
def test_bad_columns_are_said(tmp_path: Path, columns: str, message: str) -> None:
    with pytest.raises(LogError, match=message):
        read_log(_written(tmp_path, "a.csv", b"a,b\n1,2\n"), columns)


def test_stamps_of_several_zones_are_one_time(tmp_path: Path) -> None:
    stamps = [
        "2026-09-10T10:00:00Z",
        "2026-09-10T12:00:01+02:00",
        "2026-09-10T05:30:02-04:30",
        "2026-09-10 10:00:03 UTC",
    ]
    rows = [{"timestamp": stamp, "input_tokens": 5, "output_tokens": 6} for stamp in stamps]
    found = read_log(_written(tmp_path, "a.jsonl", json_lines(rows)))
    np.testing.assert_allclose(np.diff(found.frame["time"]), 1.0)
    assert found.clock.offsets == {"+00:00", "+02:00", "-04:30"}


def test_local_stamps_follow_summer_time(tmp_path: Path) -> None:
    zone = ZoneInfo("Europe/Berlin")
    stamps = ["2026-03-29 01:59:00", "2026-03-29 03:01:00", "2026-10-25 01:30:00", "2026-10-25 03:30:00"]
    rows = [{"timestamp": stamp, "input_tokens": 5, "output_tokens": 6} for stamp in stamps]
    found = read_log(_written(tmp_path, "a.jsonl", json_lines(rows)), zone=zone)
    expected = [datetime.fromisoformat(stamp).replace(tzinfo=zone).timestamp() for stamp in stamps]
    np.testing.assert_allclose(found.frame["time"], expected)
    assert found.frame["time"][1] - found.frame["time"][0] == 120.0


def test_rows_that_are_no_requests_are_counted(tmp_path: Path) -> None:
    good = {"timestamp": "2026-09-10T00:00:00Z", "input_tokens": 5, "output_tokens": 6}
    rows = [good] * 3 + [
        {**good, "timestamp": "yesterday"},
        {**good, "input_tokens": -4},
        {**good, "output_tokens": 1e12},
    ]
    found = read_log(_written(tmp_path, "a.jsonl", json_lines(rows)))
    assert found.n_rows == 6
    assert len(found.frame) == 3
    assert sum(found.left_out.values()) == 3


def test_embeddings_are_no_requests(tmp_path: Path) -> None:
    path = write(tmp_path, "spend.jsonl", table(10))
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    lines[3]["call_type"] = "aembedding"
    path.write_bytes(json_lines(lines))
    found = read_log(path)
    assert len(found.frame) == 9
    assert found.left_out == {"of embeddings and other calls that generate nothing": 1}


def test_ragged_and_latin_tables(tmp_path: Path) -> None:
    text = (
        "timestamp;input_tokens;output_tokens;model;note\n2026-09-10T00:00:00Z;5;6;größe;a\nshort;1\n"
        "2026-09-10T00:00:01Z;7;8;größe;b\n"
    )
    found = read_log(_written(tmp_path, "a.csv", text.encode("latin-1")))
    assert list(found.frame["input"]) == [5.0, 7.0]
    assert found.left_out == {"no rows: broken or cut off": 1}


@pytest.mark.parametrize("form", ["spend.jsonl", "spend.csv"])
def test_a_packed_file_that_was_cut_off_is_read_as_far_as_it_goes(tmp_path: Path, form: str) -> None:
    whole = write(tmp_path, form, table(400), is_packed=True).read_bytes()
    found = read_log(_written(tmp_path, "cut.gz", whole[: len(whole) // 2]))
    assert 100 < len(found.frame) < 300
    assert any("ends early" in note for note in found.notes)
