"""Traces, profiles and prices that cannot be used are told with the place of the key that names them."""

from pathlib import Path

import pytest

from simulator.compiler.external_files import check_external_files
from simulator.scenario.read.errors import ScenarioError
from simulator.scenario.read.load import load_scenario

DESK = """
metadata: {name: desk}
workloads:
  - name: ticket
    arrival_rate: 1 rps
    profile: flat
    steps: [{call: desk}]
services: {desk: {service_time: {distribution: constant, value: 1s}}}
"""
MODEL = """
metadata: {name: ask}
workloads:
  - name: ask
    arrival_rate: 1 rps
    prompt_tokens: {distribution: constant, value: 100}
    output_tokens: {distribution: constant, value: 10}
    steps: [{generate: big}]
model_list:
  - {model_name: big, provider: openai, model: gpt-4o,
     ttft: {distribution: constant, value: 1s}, tpot: {distribution: constant, value: 10ms}}
"""


def _message(folder: Path, text: str) -> str:
    path = folder / "case.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        check_external_files(load_scenario(path))
    return str(caught.value).replace(str(path), "case.yaml")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "the file is empty"),
        ("ts,n\n0,1\n1,2\n", "no column 'time'; the columns are ts, n"),
        ("time\n", "the trace has no rows"),
        ("time\n0\n3\n1\n", "the times are not sorted: row 3 is before row 2; sort by 'time'"),
        ("time\n0\nabc\n", "row 2 of 'time' is neither a number nor an ISO 8601 time: 'abc'"),
        (
            "time\n2026-01-01T00:00:00Z\nsoon\n",
            "row 2 of 'time' is neither a number nor an ISO 8601 time: 'soon'",
        ),
        (
            "time,a\n1,2\n2,3,4,5\n",
            "cannot be read as a trace: row 3 has 4 cells, and the header 2",
        ),
        ("time\n5\n5\n", "a trace of arrivals needs at least two different times"),
    ],
)
def test_a_trace_that_cannot_be_replayed(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "log.csv").write_text(content, encoding="utf-8")
    text = DESK.replace("arrival_rate: 1 rps", "trace: {file: log.csv, time: time, replay: arrivals}")
    assert _message(tmp_path, text) == f"case.yaml:5:5: workloads.ticket.trace: log.csv: {message}"


def test_a_profile_that_is_no_week(tmp_path: Path) -> None:
    (tmp_path / "week.csv").write_text("hour,f\n0,1\n", encoding="utf-8")
    text = DESK.replace("profile: flat", "profile: {file: week.csv}")
    assert _message(tmp_path, text) == (
        "case.yaml:6:5: workloads.ticket.profile: profile week.csv: no column factor, hour_of_week"
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("gpt-4o", "gpt-4oh", "genai-prices knows no model 'gpt-4oh' of 'openai'; nearest: gpt-4o"),
        ("openai", "opnai", "genai-prices knows no provider 'opnai'; nearest: openai"),
    ],
)
def test_a_model_without_a_list_price(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert _message(tmp_path, MODEL.replace(old, new)).startswith(
        f"case.yaml:10:5: model_list.big: {message}"
    )


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "week.csv").write_text("", encoding="utf-8")
    text = MODEL.replace("gpt-4o", "gpt-4oh").replace("1 rps", "1 rps\n    profile: {file: week.csv}")
    assert len(_message(tmp_path, text).splitlines()) == 2


def test_what_can_be_used_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "fine.yaml"
    path.write_text(MODEL, encoding="utf-8")
    check_external_files(load_scenario(path))
