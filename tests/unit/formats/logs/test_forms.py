"""Every form of a log is brought to the same table, and nothing that was asked or answered is in it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator.formats.logs import json_cells
from simulator.formats.logs.read import ReadLog, read_log
from tests.unit.formats.logs.foreign import FORMS, SECRET, table, write

REQUESTS = table()
HIDDEN = {
    "aiperf": {"cost", "user", "model", "cached"},
    "bedrock": {"ttft", "cost", "user"},
    "helicone": set(),
    "plain": set(),
}


def _hidden(form: str) -> set[str]:
    return HIDDEN.get(form.split(".")[0].split("_")[0], {"cost"} if form.startswith("otlp") else set())


def _same(found: ReadLog, form: str, requests: pd.DataFrame = REQUESTS) -> None:
    frame = found.frame
    assert len(frame) == len(requests)
    hidden = _hidden(form)
    for column, tolerance in (
        ("time", 2e-3),
        ("latency", 2e-3),
        ("ttft", 2e-3),
        ("input", 0),
        ("output", 0),
        ("cached", 0),
        ("cost", 1e-9),
    ):
        if column not in hidden:
            np.testing.assert_allclose(
                frame[column], requests[column], rtol=0, atol=tolerance, err_msg=column
            )
    if "model" not in hidden:
        assert [str(name).rpartition("/")[2] for name in frame["model"]] == list(requests["model"])
    fates = list(frame["fate"])
    if form.startswith("langfuse"):  # says only that something failed
        assert [fate == "ok" for fate in fates] == [fate == "ok" for fate in requests["fate"]]
    else:
        assert fates == list(requests["fate"])
    if "user" not in hidden:
        assert frame["user"].nunique() == requests["user"].nunique()
    assert SECRET not in frame.to_string()
    assert "user-" not in frame.to_string()


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_read(tmp_path: Path, form: str) -> None:
    _same(read_log(write(tmp_path, form, REQUESTS)), form)


@pytest.mark.parametrize("form", ["spend.jsonl", "spend.csv", "otlp.jsonl", "spend.json"])
def test_gzip_changes_nothing(tmp_path: Path, form: str) -> None:
    _same(read_log(write(tmp_path, form, REQUESTS, is_packed=True)), form)


@pytest.mark.parametrize("form", [form for form in FORMS if form.endswith("jsonl") and "otlp" not in form])
def test_arrow_reads_what_python_reads(tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, form, REQUESTS)
    slow = read_log(path).frame
    monkeypatch.setattr(json_cells, "LEAST_FOR_ARROW", 0)
    quick = read_log(path)
    _same(quick, form)
    pd.testing.assert_frame_equal(slow, quick.frame, check_categorical=False, check_dtype=False)


def test_arrow_goes_on_where_lines_are_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_cells, "LEAST_FOR_ARROW", 0)
    path = write(tmp_path, "spend.jsonl", REQUESTS)
    path.write_bytes(path.read_bytes()[:-200])
    found = read_log(path)
    assert len(found.frame) == len(REQUESTS) - 1
    assert found.left_out == {"no rows: broken or cut off": 1}


def test_the_name_of_a_file_says_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, "spend.csv", REQUESTS).rename(tmp_path / "export.log")
    _same(read_log(path), "spend.csv")


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ("spend.csv", "LiteLLM spend logs"),
        ("payload.jsonl", "LiteLLM standard logging payloads"),
        ("otlp.jsonl", "OpenTelemetry GenAI spans (OTLP JSON)"),
        ("langfuse.parquet", "Langfuse observations"),
        ("bedrock.jsonl", "Bedrock model invocation log"),
        ("helicone.jsonl", "Helicone requests"),
        ("aiperf.jsonl", "AIPerf profile export"),
    ],
)
def test_tools_are_recognised(tmp_path: Path, form: str, name: str) -> None:
    assert read_log(write(tmp_path, form, REQUESTS)).dialect.name == name


def test_columns_by_their_names_are_said(tmp_path: Path) -> None:
    name = read_log(write(tmp_path, "plain.csv", REQUESTS)).dialect.name
    assert "time=created_at" in name
    assert "latency=latency_ms" in name
