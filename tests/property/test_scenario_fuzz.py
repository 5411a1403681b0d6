"""Whatever a file holds, it is loaded or refused with reasons: never another exception."""

import copy
import json
import math
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from simulator.scenario.read.errors import Problem, ScenarioError
from simulator.scenario.read.hashing import scenario_hash
from simulator.scenario.read.load import load_scenario

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "scenarios/support-copilot.yaml").read_text(encoding="utf-8")
DOCUMENT = json.loads(json.dumps(YAML(typ="safe", pure=True).load(TEXT), default=str))

_KEYS = [
    "name",
    "trace",
    "distribution",
    "mean",
    "choose",
    "replicas",
    "regions",
    "steps",
    "maxOngoingRequests",
    "x",
]
_WORDS = [
    "",
    "no",
    "peak",
    "1e308",
    "-5%",
    "p(95) < 8s",
    "5 rps",
    "$3/Mtok",
    "é✓\u202e",
    "{",
    "a.b",
    "nan",
    "inf",
    "0",
]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**19), 10**19),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([1e308, -1e308, 5e-324, 0, -1, 2**63, math.inf, math.nan]),
    st.sampled_from(_WORDS),
    st.text(max_size=12),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(_KEYS) | st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "data").symlink_to(ROOT / "scenarios/data")
    return folder


def _try(folder: Path, content: bytes, overrides: list[str] | None = None) -> None:
    file = folder / "scenario.yaml"
    file.write_bytes(content)
    problems: tuple[Problem, ...] = ()
    try:
        scenario_hash(load_scenario(file, overrides or []).scenario)
    except ScenarioError as error:
        problems = error.problems or (Problem("", None, None, "", ""),)
    for problem in problems:
        assert problem.file
        assert problem.message.strip()
        assert "\n" not in str(problem)
        assert len(str(problem)) < 2000
    assert len({(problem.path, problem.message) for problem in problems}) == len(problems)


def _paths(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(found for key, item in items for found in _paths(item, (*path, key)))]


PATHS = [path for path in _paths(DOCUMENT) if path]


def _mutate(document: Any, path: tuple[Any, ...], how: str, value: Any) -> None:
    for key in path[:-1]:
        document = document[key]
    key = path[-1]
    if how == "set":
        document[key] = value
    elif how == "drop":
        del document[key]
    elif how == "wrap":
        document[key] = [document[key]]
    elif how == "nest":
        document[key] = {str(value): document[key]}
    elif isinstance(document, dict):
        document[str(value)] = document.pop(key)
    else:
        document.append(copy.deepcopy(document[key]))


_HOW = st.sampled_from(["set", "set", "set", "drop", "wrap", "nest", "move"])
_SLOW = settings(max_examples=80, deadline=timedelta(seconds=5), derandomize=True)


@_SLOW
@given(st.lists(st.tuples(st.sampled_from(PATHS), _HOW, VALUES), min_size=1, max_size=3))
def test_mutated_documents(folder: Path, mutations: list[tuple[tuple[Any, ...], str, Any]]) -> None:
    document = copy.deepcopy(DOCUMENT)
    for path, how, value in mutations:
        try:
            _mutate(document, path, how, value)
        except (KeyError, IndexError, TypeError, AttributeError):
            continue  # an earlier mutation took the place away
    _try(folder, json.dumps(document).encode())


@settings(_SLOW, max_examples=100)
@given(
    st.integers(0, len(TEXT)),
    st.integers(0, 40),
    st.text(alphabet="{}[]:-,#&*!|>'\"%@`\n\t ax0.\0é", max_size=8),
)
def test_mutated_text(folder: Path, start: int, n_cut: int, piece: str) -> None:
    _try(folder, (TEXT[:start] + piece + TEXT[start + n_cut :]).encode())


@settings(_SLOW, max_examples=100)
@given(st.binary(max_size=300))
def test_random_bytes(folder: Path, content: bytes) -> None:
    _try(folder, content)


@settings(_SLOW, max_examples=50)
@given(VALUES)
def test_any_value_in_place_of_the_document(folder: Path, value: Any) -> None:
    _try(folder, json.dumps(value).encode())


@settings(_SLOW, max_examples=60)
@given(st.sampled_from(PATHS), st.text(max_size=6), VALUES)
def test_overrides(folder: Path, path: tuple[Any, ...], suffix: str, value: Any) -> None:
    _try(folder, TEXT.encode(), [".".join(map(str, path)) + suffix + "=" + json.dumps(value)])


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "a: [", "{a: [", "? ", "'", '"', "|\n"])
def test_deep_nesting(folder: Path, opening: str) -> None:
    _try(folder, (opening * 20_000).encode())


_STRANGE = [math.nan, math.inf, 1e308, -1, "\u202e", {}, []]


@pytest.mark.parametrize(("path", "value"), list(zip(PATHS[::4], cycle(_STRANGE), strict=False)), ids=str)
def test_strange_values_everywhere(folder: Path, path: tuple[Any, ...], value: Any) -> None:
    document = copy.deepcopy(DOCUMENT)
    _mutate(document, path, "set", value)
    _try(folder, json.dumps(document).encode())


def test_duplicate_keys(folder: Path) -> None:
    lines = TEXT.splitlines(keepends=True)
    for number in range(0, len(lines), 9):
        _try(folder, "".join([*lines[:number], lines[number], *lines[number:]]).encode())
