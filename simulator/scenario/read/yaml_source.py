"""Reading one untrusted YAML or JSON file: plain values, the place of each, limits before anything is built.

Values are made from the parser's events, so aliases, tags, duplicate keys, depth and size are refused as they
are met. Plain scalars follow the YAML 1.2 core schema: `no` is a word, `1:30` is a word, `012` is twelve.
"""

import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML, events
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from simulator.scenario.read.errors import Problem, ScenarioError

MAX_BYTES = 1 << 20
MAX_DEPTH = 50
MAX_NODES = 50_000
MAX_INTEGER_DIGITS = 18
_KEPT = 16  # parsed texts: those that a process is at, with what they extend

Path_ = tuple[str | int, ...]

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_LONG_WORD = re.compile(
    r"(?<![^\s\[\]{},:?-])[!&*%]\S{1000}|[!&*%]{1000}"
)  # tags, anchors, aliases, directives
_NULL = {"", "~", "null", "Null", "NULL"}
_BOOLEAN = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


@dataclass(frozen=True)
class Place:
    """Where a key stands: file as the user named it, line and column from 1."""

    file: str
    line: int
    column: int


@dataclass(frozen=True)
class YamlSource:
    """The content of a file, and the place of every key and list item by its path; never changed."""

    data: Any
    places: Mapping[Path_, Place]


def read_source(path: Path, name: str) -> YamlSource:
    """Read a file; `name` is how messages call it.

    Raises
    ------
    ScenarioError
        If the file is missing, too large, not text, not YAML, or uses what a scenario must not.
    """
    return _parsed(_read_text(path, name), name)


def _read_text(path: Path, name: str) -> str:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise _refused(name, "is not a file")
        if status.st_size > MAX_BYTES:
            raise _refused(
                name, f"the file has {status.st_size:,} bytes; a scenario has at most {MAX_BYTES:,}"
            )
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        column = error.start - before.rfind(b"\n")
        problem = Problem(name, before.count(b"\n") + 1, column, "", "not UTF-8 text", "save it as UTF-8")
        raise ScenarioError([problem]) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise (
            error if isinstance(error, ScenarioError) else _refused(name, f"cannot be read: {reason}")
        ) from None


def parse_text(text: str, name: str) -> YamlSource:
    """Parse an untrusted text that is no file, of the size that a file may have.

    Raises
    ------
    ScenarioError
        As for `read_source`.
    """
    n_bytes = len(text.encode(errors="surrogatepass"))
    if n_bytes > MAX_BYTES:
        raise _refused(name, f"it has {n_bytes:,} bytes; a scenario has at most {MAX_BYTES:,}")
    return _parsed(text, name)


@lru_cache(_KEPT)
def _parsed(text: str, name: str) -> YamlSource:
    """Parse a text once: a scenario is read again for every what-if, and parsing takes nine tenths of that time."""
    return parse_source(text, name)


def parse_source(text: str, name: str) -> YamlSource:
    """Parse the text of a scenario, as `read_source` does."""
    places: dict[Path_, Place] = {}
    _refuse_characters(text, name)
    try:
        stream = YAML(typ="safe", pure=True).parse(text)
        return YamlSource(_Builder(stream, name, places).document(), places)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = f"not valid YAML: {error.problem or error.context or 'cannot be parsed'}"
        if mark is None:
            raise _refused(name, message) from None
        raise ScenarioError([Problem(name, mark.line + 1, mark.column + 1, "", message)]) from None
    except (YAMLError, RecursionError, UnicodeError) as error:
        raise _refused(
            name, f"not valid YAML: {str(error).splitlines()[0][:200] if str(error) else 'cannot be parsed'}"
        ) from None


def _refuse_characters(text: str, name: str) -> None:
    """Refuse what is no text, and words that the parser would need minutes for."""
    for pattern, message in (
        (_CONTROL, "not text: holds the control character {!a}"),
        (_LONG_WORD, "too long a word"),
    ):
        found = pattern.search(text)
        if found is not None:
            line = text.count("\n", 0, found.start()) + 1
            column = found.start() - text.rfind("\n", 0, found.start())
            raise ScenarioError([Problem(name, line, column, "", message.format(found[0]))])


def _refused(name: str, message: str) -> ScenarioError:
    return ScenarioError([Problem(name, None, None, "", message)])


class _Builder:
    """Makes plain values from parser events."""

    def __init__(self, stream: Iterator[Any], name: str, places: dict[Path_, Place]) -> None:
        self._stream = stream
        self._name = name
        self._places = places
        self._n_nodes = 0

    def document(self) -> Any:
        data: Any = None
        n_documents = 0
        for event in self._stream:
            if isinstance(event, events.DocumentStartEvent):
                n_documents += 1
                if n_documents > 1:
                    raise self._problem(
                        event, (), "a scenario file holds one document", "remove the `---` line"
                    )
            elif isinstance(event, events.NodeEvent):
                data = self._node(event, (), 0)
        return data

    def _node(self, event: Any, path: Path_, depth: int) -> Any:
        self._n_nodes += 1
        if self._n_nodes > MAX_NODES:
            raise self._problem(event, (), f"more than {MAX_NODES:,} values", "split the scenario")
        if depth > MAX_DEPTH:
            raise self._problem(event, (), f"nested more than {MAX_DEPTH} deep")
        if isinstance(event, events.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise self._problem(
                event, path, "anchors and aliases are not allowed", "write the value out, or use `extends`"
            )
        tag = getattr(event, "ctag", None) or getattr(event, "tag", None)
        if tag is not None and str(tag) not in ("", "!", "None"):
            raise self._problem(event, path, f"the tag {str(tag)[:40]} is not allowed", "remove it")
        if isinstance(event, events.MappingStartEvent):
            return self._mapping(path, depth)
        if isinstance(event, events.SequenceStartEvent):
            return self._sequence(path, depth)
        return self._scalar(event, path)

    def _mapping(self, path: Path_, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        while not isinstance(event := next(self._stream), events.MappingEndEvent):
            if not isinstance(event, events.ScalarEvent):
                raise self._problem(event, path, "a key must be a plain word")
            self._node(event, path, depth)
            key = event.value
            here = (*path, key)
            if key in result:
                first = self._places[here]
                raise self._problem(
                    event, here, f"the key stands twice, first in line {first.line}", "keep one of them"
                )
            self._places[here] = self._place(event)
            result[key] = self._node(next(self._stream), here, depth + 1)
        return result

    def _sequence(self, path: Path_, depth: int) -> list[Any]:
        result: list[Any] = []
        while not isinstance(event := next(self._stream), events.SequenceEndEvent):
            here = (*path, len(result))
            self._places[here] = self._place(event)
            result.append(self._node(event, here, depth + 1))
        return result

    def _scalar(self, event: Any, path: Path_) -> Any:
        text = event.value
        if "\0" in text:
            raise self._problem(event, path, "contains a NUL character")
        if event.style is not None:
            return " ".join(text.split()) if len(text.splitlines()) > 1 else text.rstrip("\r\n")
        if text in _NULL:
            return None
        if text in _BOOLEAN:
            return _BOOLEAN[text]
        if _INTEGER.fullmatch(text):
            if len(text) > MAX_INTEGER_DIGITS:
                raise self._problem(event, path, f"a number of {len(text)} digits is too long")
            return int(text)
        return float(text) if _FLOAT.fullmatch(text) else text

    def _place(self, event: Any) -> Place:
        return Place(self._name, event.start_mark.line + 1, event.start_mark.column + 1)

    def _problem(self, event: Any, path: Path_, message: str, hint: str = "") -> ScenarioError:
        place = self._place(event)
        return ScenarioError([Problem(place.file, place.line, place.column, dotted(path), message, hint)])


def dotted(path: Path_) -> str:
    """A path as users write it: `stages.0.exposure`."""
    return ".".join(map(str, path))
