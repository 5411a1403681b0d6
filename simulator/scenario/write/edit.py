"""How does a scenario's file get other values, with every comment and every other line as it was?

A value is replaced where it stands, in one line of flow style; a key that is new gets a line of its own. Nothing is written
here: texts are made of texts. What a replaced block held as comments moves above its key.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from simulator.scenario.read.yaml_source import Path_

_COMMENT = re.compile(r"(?:^|(?<=\s))#[^\n]*")
_WORD = r"[A-Za-z_/][A-Za-z0-9_./%-]*(?: [A-Za-z0-9_./%-]+)*"
_QUANTITY = r"-?[0-9][0-9_.]*(?:[A-Za-z%]+| [A-Za-z]+(?: [a-z]+)?)"
_PLAIN = re.compile(rf"{_WORD}|{_QUANTITY}|\d{{4}}-\d\d(?:-\d\d)?")
MORE = "+"
_NAMES = ("name", "model_name")  # by which items of lists are known
_RESERVED = {"true", "false", "null", "yes", "no", "on", "off", "~"}


@dataclass(frozen=True)
class Edit:
    """A value at a path; None takes the key away.

    Attributes
    ----------
    path : e.g. `("workloads", "ask", "burstiness")`: items of lists by place or by name, `"+"` for one more at their
        end; only the last level may be new
    value : plain values
    """

    path: Path_
    value: Any


class CannotEditError(ValueError):
    """A path that has no place in the text."""


def edited(text: str, edits: Sequence[Edit], outdated: Mapping[str, str] | None = None) -> str:
    """The text with every edit, one after the other.

    Parameters
    ----------
    outdated : words that begin the comment behind a value, and what takes their place once it is another value

    Raises
    ------
    CannotEditError
        If there is no mapping or list where a path leads.
    """
    for edit in edits:
        text = _one(text, edit, outdated or {})
    return text


def flow(value: Any) -> str:
    """A value in one line of YAML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key)}: {flow(below)}" for key, below in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value) if value != int(value) or abs(value) >= 1e15 else f"{value:.1f}"
    return _word(value)


def _key(key: object) -> str:
    """A key, which is always a word to who reads it: numbers need no quotes."""
    return f"{key:g}" if isinstance(key, int | float) and not isinstance(key, bool) else _word(str(key))


def _word(text: str) -> str:
    is_plain = _PLAIN.fullmatch(text) and text.lower() not in _RESERVED
    is_number = re.fullmatch(r"-?[0-9][0-9_]*(\.[0-9_]*)?", text)
    return text if is_plain and not is_number else json.dumps(text, ensure_ascii=False)


def _one(text: str, edit: Edit, outdated: Mapping[str, str]) -> str:
    root = YAML(typ="rt", pure=True).compose(text)
    node: Any = root
    for level in edit.path[:-1]:
        node = _below(node, level, edit.path)
    last = edit.path[-1]
    if isinstance(node, SequenceNode) and last == MORE:
        return _appended(text, node, edit.value)
    if isinstance(node, SequenceNode) and edit.value is None:
        return _without_item(text, node, _below(node, last, edit.path))
    if not isinstance(node, MappingNode):
        return _replaced(text, None, _below(node, last, edit.path), edit.value, outdated)
    place = next((n for n, (key, _) in enumerate(node.value) if key.value == last), None)
    if edit.value is None:
        return text if place is None else _removed(text, node, place)
    if place is None:
        return _inserted(text, node, str(last), edit.value)
    key, found = node.value[place]
    return _replaced(text, key, found, edit.value, outdated)


def _below(node: Any, level: str | int, path: Path_) -> Any:
    if isinstance(node, MappingNode):
        for key, found in node.value:
            if key.value == str(level):
                return found
    elif isinstance(node, SequenceNode):
        for place, item in enumerate(node.value):
            if place == level or (isinstance(level, str) and _name_of(item) == level):
                return item
    raise CannotEditError(f"there is no `{'.'.join(map(str, path))}` in the file")


def _name_of(item: Node) -> str | None:
    """What an item of a list is called."""
    if not isinstance(item, MappingNode):
        return None
    return next((str(value.value) for key, value in item.value if key.value in _NAMES), None)


def _end(node: Node) -> int:
    """Where the last character of a value stands; blocks end with what they hold."""
    is_block = isinstance(node, MappingNode | SequenceNode) and not node.flow_style and node.value
    if is_block:
        last = node.value[-1]
        return _end(last[1] if isinstance(node, MappingNode) else last)
    return int(node.end_mark.index)


def _replaced(text: str, key: Node | None, node: Node, value: Any, outdated: Mapping[str, str]) -> str:
    start, end, new = int(node.start_mark.index), _end(node), flow(value)
    is_block = isinstance(node, MappingNode | SequenceNode) and not node.flow_style
    is_literal = isinstance(node, ScalarNode) and node.style in ("|", ">")
    if key is None or not (is_block or is_literal):
        tail = "\n" if is_literal else ""
        gap = "" if start == 0 or text[start - 1] in " \n[{-" else " "
        return (
            f"{text[:start]}{gap}{new}{tail}{_moved(_dated(text[end:], outdated), len(new) - (end - start))}"
        )
    key_end, line = int(key.end_mark.index), text.rfind("\n", 0, int(key.start_mark.index)) + 1
    indent = " " * int(key.start_mark.column)
    kept = "".join(f"{indent}{comment}\n" for comment in _comments(text, key_end, end, node))
    if text[line : int(key.start_mark.index)].strip():  # the key stands behind a dash
        kept = ""
    return f"{text[:line]}{kept}{text[line:key_end]}: {new}{_newline(is_literal=is_literal)}{text[end:]}"


def _moved(rest: str, by: int) -> str:
    """What follows a value, a comment on its line in the same column as before where there is room."""
    found = re.match(r"( {2,})(#)", rest)
    if found is None:
        return rest
    return " " * max(2, len(found[1]) - by) + rest[found.end(1) :]


def _dated(rest: str, outdated: Mapping[str, str]) -> str:
    """What follows a value, its comment without words that the new value belies."""
    for word, instead in outdated.items():
        rest = re.sub(rf"\A([ ]+#[ ]*){re.escape(word)}\b", rf"\g<1>{instead}", rest)
    return rest


def _newline(*, is_literal: bool) -> str:
    return "\n" if is_literal else ""


def _comments(text: str, start: int, end: int, node: Node) -> Iterator[str]:
    """Comments between the scalars of a block."""
    place = start
    for scalar_start, scalar_end in (*_scalars(node), (end, end)):
        yield from _COMMENT.findall(text[place:scalar_start])
        place = scalar_end


def _scalars(node: Node) -> Iterator[tuple[int, int]]:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            yield from _scalars(key)
            yield from _scalars(value)
    elif isinstance(node, SequenceNode):
        for value in node.value:
            yield from _scalars(value)
    else:
        yield int(node.start_mark.index), int(node.end_mark.index)


def _line_end(text: str, place: int) -> int:
    found = text.find("\n", place)
    return len(text) if found < 0 else found


def _inserted(text: str, node: MappingNode, key: str, value: Any) -> str:
    new = f"{_word(key)}: {flow(value)}"
    is_list = isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)
    if is_list and not node.flow_style and not node.value[0][0].start_mark.column:
        new = "\n".join([f"{_word(key)}:", *(f"  - {flow(item)}" for item in value)])
    if node.flow_style:
        if not node.value:
            place = int(node.start_mark.index) + 1
            return f"{text[:place]}{new}{text[place:]}"
        place = _end(node.value[-1][1])
        return f"{text[:place]}, {new}{text[place:]}"
    place = _line_end(text, _end(node.value[-1][1]) if _is_open(text, node) else _end(node.value[-1][1]) - 1)
    indent = " " * int(node.value[0][0].start_mark.column)
    before = "" if text[:place].endswith("\n") else "\n"
    return f"{text[:place]}{before}{indent}{new}{text[place:]}"


def _is_open(text: str, node: MappingNode) -> bool:
    """Whether the last value of a block ends on its own line, not behind the line's end as literal texts do."""
    end = _end(node.value[-1][1])
    return end == 0 or text[end - 1] != "\n"


def _appended(text: str, node: SequenceNode, value: Any) -> str:
    if node.flow_style:
        if not node.value:
            place = int(node.start_mark.index) + 1
            return f"{text[:place]}{flow(value)}{text[place:]}"
        place = _end(node.value[-1])
        return f"{text[:place]}, {flow(value)}{text[place:]}"
    place = _line_end(text, _end(node.value[-1]))
    dash = text.rfind("-", 0, int(node.value[0].start_mark.index))
    column = dash - (text.rfind("\n", 0, dash) + 1)
    indent = " " * column
    return f"{text[:place]}\n{indent}- {flow(value)}{text[place:]}"


def _without_item(text: str, node: SequenceNode, item: Node) -> str:
    place = node.value.index(item)
    start, end = int(item.start_mark.index), _end(item)
    if node.flow_style:
        if place + 1 < len(node.value):
            end = int(node.value[place + 1].start_mark.index)
        elif place:
            start = _end(node.value[place - 1])
        return text[:start] + text[end:]
    return text[: text.rfind("\n", 0, start) + 1] + text[min(len(text), _line_end(text, end) + 1) :]


def _removed(text: str, node: MappingNode, place: int) -> str:
    key, value = node.value[place]
    start, end = int(key.start_mark.index), _end(value)
    if node.flow_style:
        if place + 1 < len(node.value):
            end = int(node.value[place + 1][0].start_mark.index)
        elif place:
            start = _end(node.value[place - 1][1])
        return text[:start] + text[end:]
    if len(node.value) == 1:
        raise CannotEditError(f"`{key.value}` is all there is in its block")
    if text[
        text.rfind("\n", 0, start) + 1 : start
    ].strip():  # the first key stands behind a dash: the next one moves up
        return text[:start] + text[int(node.value[place + 1][0].start_mark.index) :]
    line, over = text.rfind("\n", 0, start) + 1, _line_end(text, end)
    indent = " " * int(key.start_mark.column)
    comments = [*_comments(text, start, end, value), *_COMMENT.findall(text[end:over])]
    kept = "".join(f"{indent}{comment}\n" for comment in comments)
    return text[:line] + kept + text[min(len(text), over + 1) :]
