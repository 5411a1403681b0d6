"""Files are refused for what they are before anything is built from them."""

import itertools
import os
import time

import pytest

from simulator.scenario.read.errors import ScenarioError
from simulator.scenario.read.yaml_source import MAX_BYTES, parse_source, read_source


def _problem(text):
    with pytest.raises(ScenarioError) as caught:
        parse_source(text, "a.yaml")
    (problem,) = caught.value.problems
    return problem


def test_plain_words_mean_what_they_say():
    data = parse_source(
        '{a: no, b: 012, c: 1:30, d: true, e: ~, f: 1e3, g: "5", h: .5, i: 2027-01-04}', "f"
    ).data
    assert data == {
        "a": "no", "b": 12, "c": "1:30", "d": True, "e": None, "f": 1000.0, "g": "5", "h": 0.5,
        "i": "2027-01-04",
    }  # fmt: skip


def test_every_key_and_item_has_its_place():
    places = parse_source("a:\n  b: [x,\n      y]\n", "f").places
    assert {path: (place.line, place.column) for path, place in places.items()} == {
        ("a",): (1, 1), ("a", "b"): (2, 3), ("a", "b", 0): (2, 7), ("a", "b", 1): (3, 7),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: &x 1\nb: *x", 1, "anchors"),
        ("a: *x", 1, "anchors"),
        ("a: !!python/object:os.system x", 1, "tag"),
        ("a: 1\nb: 2\na: 3", 3, "first in line 1"),
        ("a: " + "[" * 60 + "]" * 60, 1, "nested more than 50 deep"),
        ("a: " + "9" * 5000, 1, "5000 digits"),
        ("a: x\0y", 1, "control character"),
        ("a: 1\n---\nb: 2", 2, "one document"),
        ("a: [1", 1, "not valid YAML"),
        ("? [a]\n: 1", 1, "plain word"),
        ("[" + ",".join(["1"] * 60_000) + "]", 1, "more than 50,000 values"),
        ("!" * 1_000_000, 1, "too long a word"),
        ("[" + ",".join(["!" * 1100] * 900), 1, "too long a word"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else str(value),
)
def test_what_a_scenario_must_not_use_is_refused_with_its_place(text, line, message):
    problem = _problem(text)
    assert problem.line == line
    assert message in problem.message


def test_a_tower_of_aliases_is_refused_at_once():
    names = "abcdefghi"
    rows = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    rows += [f"{n}: &{n} [{', '.join(['*' + m] * 9)}]" for m, n in itertools.pairwise(names)]
    begin = time.perf_counter()
    _problem("\n".join(rows))
    assert time.perf_counter() - begin < 0.1


@pytest.mark.parametrize(
    "content", [b"a: \xff\xfe", bytes(range(128, 192)) + b"\xff", "a: 1".encode("utf-16")]
)
def test_binary_content_gets_one_message(tmp_path, content):
    file = tmp_path / "a.yaml"
    file.write_bytes(content)
    with pytest.raises(ScenarioError, match="not UTF-8 text"):
        read_source(file, "a.yaml")


def test_the_first_byte_that_is_no_text_is_placed(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_bytes(b"metadata:\n  name: caf\xe9\n")
    with pytest.raises(ScenarioError, match=r"^a\.yaml:2:12: not UTF-8 text"):
        read_source(file, "a.yaml")


def test_a_large_file_is_refused_by_its_size(tmp_path):
    file = tmp_path / "large.yaml"
    with file.open("wb") as stream:
        stream.truncate(50 << 20)
    with pytest.raises(ScenarioError, match=f"at most {MAX_BYTES:,}"):
        read_source(file, "large.yaml")


def test_only_files_are_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for name, reason in (("pipe", "not a file"), (".", "not a file"), ("nothing", "No such file")):
        with pytest.raises(ScenarioError, match=reason):
            read_source(tmp_path / name, name)
