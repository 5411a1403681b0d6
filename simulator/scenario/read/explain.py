"""From pydantic's errors to one clear problem per mistake, at its line.

Where a key takes several kinds of values, pydantic reports what each of them misses. The document itself says
which kind was meant (a map, a list or a word; and of maps the one with these keys), so only that kind's
errors are kept.
"""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from simulator.scenario.read.catalogs import in_catalog
from simulator.scenario.read.errors import Problem
from simulator.scenario.read.model_schema import (
    TAGS,
    Kinds,
    fields_of,
    has_free_keys,
    is_written_as_text,
    keys_of,
    kinds_at,
    literals,
    meant,
    models_in,
    origin_of,
)
from simulator.scenario.read.source_map import Located, name_of
from simulator.scenario.read.yaml_source import Path_

_TYPES = {
    "string_type": "expected text",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_parsing_size": "expected a whole number",
    "int_from_float": "expected a whole number",
    "float_type": "expected a number",
    "float_parsing": "expected a number",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "list_type": "expected a list",
    "dict_type": "expected a map",
    "model_type": "expected a map of keys",
    "model_attributes_type": "expected a map of keys",
    "finite_number": "must be a finite number",
    "greater_than": "must be above {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than": "must be below {lt:g}",
    "less_than_equal": "must be at most {le:g}",
    "too_short": "needs at least {min_length}",
    "too_long": "has {actual_length} items, at most {max_length} are possible",
    "string_too_short": "must not be empty",
    "string_too_long": "is longer than {max_length} characters",
}
_MAX_ERRORS = 100  # explained; nobody reads more at once
_WITHOUT_VALUE = ("too_short", "too_long", "string_too_short", "string_too_long")


def explain(error: ValidationError, tree: Located) -> list[Problem]:
    """Problems of a document that does not fit the model, in the order of the file, one per place."""
    document = tree.plain()
    kept: dict[Path_, tuple[str, str]] = {}
    missed: dict[Path_, tuple[str, str]] = {}
    for item in error.errors(include_url=False)[:_MAX_ERRORS]:
        path, is_meant = _descend(document, item)
        if is_meant and (path not in kept or item["type"] == "value_error"):
            kept[path] = _message(document, path, item)
        elif is_meant:
            continue
        else:
            missed.setdefault(path, _no_kind(document, path))
    for path, (message, hint) in missed.items():
        if not any(path == other[: len(path)] or other == path[: len(other)] for other in kept):
            kept[path] = (message, hint)
    for path in _explained_by_a_typo(kept):
        del kept[path]
    problems = [problem_at(tree, path, message, hint) for path, (message, hint) in kept.items()]
    return sorted(problems, key=lambda problem: (problem.file, problem.line or 0, problem.column or 0))


def problem_at(tree: Located, path: Path_, message: str, hint: str = "") -> Problem:
    """A problem at the nearest place that the file has for a path; of a value of a catalog, where that is named."""
    known = path
    while known and ((found := tree.find(known)) is None or in_catalog(found.place.file)):
        known = known[:-1]
    place = (tree.find(known) or tree).place
    return Problem(place.file, place.line, place.column, readable(tree, path), message, hint)


def _descend(document: Any, item: Any) -> tuple[Path_, bool]:
    """Path in the document of an error, and whether it comes from the kind that was meant.

    Pydantic's location holds, between the document's keys, the name of the kind it tried.
    """
    path: list[str | int] = []
    content = document
    location = item["loc"]
    for position, key in enumerate(location):
        is_last = position == len(location) - 1
        if _is_key(key, content) and not _is_kind(key, path, document):
            content = content[key]
            path.append(key)
        elif is_last and item["type"] in ("missing", "extra_forbidden"):
            path.append(key)
        elif not _fits(str(key), content, path, document):
            return tuple(path), False
    return tuple(path), True


def _is_key(key: str | int, content: Any) -> bool:
    if isinstance(content, list):
        return isinstance(key, int) and key < len(content)
    return isinstance(content, dict) and key in content


def _is_kind(key: str | int, path: Sequence[str | int], document: Any) -> bool:
    """Whether a part of a location that is also a key of the document means the kind all the same."""
    kinds = kinds_at(path, document)
    return len(kinds) > 1 and any(getattr(kind, "__name__", None) == key for kind in kinds)


def _fits(label: str, content: Any, path: Sequence[str | int], document: Any) -> bool:
    """Whether a kind, by pydantic's name for it, is the one that the content speaks for."""
    if label.startswith("dict["):
        return isinstance(content, dict)
    if label.startswith("list["):
        return isinstance(content, list)
    kinds = kinds_at(path, document)
    if label.startswith("tagged-union["):
        return not isinstance(content, dict) or [m.__name__ for m in meant(kinds, content)] != ["TokenTrace"]
    named = [kind for kind in kinds if getattr(kind, "__name__", None) == label]
    if any(map(is_written_as_text, named)):
        return isinstance(content, str)
    if named and label not in ("str", "int", "float"):
        return isinstance(content, dict) and [m.__name__ for m in meant(kinds, content)] == [label]
    if isinstance(content, dict) and any(content.get(tag) == label for tag in TAGS):
        return True
    return label == "[key]" or not isinstance(content, dict | list)


def _explained_by_a_typo(kept: Mapping[Path_, tuple[str, str]]) -> list[Path_]:
    """Missing keys whose misspelling is already reported beside them."""
    suggested = {
        (path[:-1], hint.split("`")[1])
        for path, (message, hint) in kept.items()
        if message.startswith("unknown key") and hint.startswith("did you mean")
    }
    return [path for path, (message, _) in kept.items() if _is_missing(message) and _split(path) in suggested]


def _is_missing(message: str) -> bool:
    return message.startswith("the key ") and message.endswith("is missing")


def _split(path: Path_) -> tuple[Path_, str]:
    return path[:-1], str(path[-1])


def _message(document: Any, path: Path_, item: Any) -> tuple[str, str]:
    kind = item["type"]
    if kind == "extra_forbidden":
        content = _content(document, path[:-1])
        known = [key for key in keys_of(kinds_at(path[:-1], document), content) if key not in content]
        return f"unknown key `{_short(path[-1])}`", nearest(str(path[-1]), known)
    if kind == "missing":
        return f"the key `{path[-1]}` is missing", ""
    if kind == "value_error":
        return str(item["ctx"]["error"]), _nearest_word(document, path, item["input"])
    if kind == "literal_error":
        options = [str(option) for option in literals_at(document, path)]
        return f"`{_short(item['input'])}` is none of {', '.join(options)}", nearest(item["input"], options)
    if kind.startswith("union_tag"):
        key = item["ctx"]["discriminator"].strip("'")
        options = [
            str(word)
            for kind in models_in(kinds_at(path, document))
            if key in fields_of(kind)
            for word in literals(fields_of(kind)[key])
        ]
        tag = _content(document, path).get(key)
        if tag is None:
            return f"the key `{key}` is missing", f"one of {', '.join(options)}"
        return f"`{key}: {_short(tag)}` is none of {', '.join(options)}", nearest(tag, options)
    if kind in _TYPES:
        message = _TYPES[kind].format(**item.get("ctx", {}))
        if kind == "string_type" and isinstance(item["input"], int | float):
            return f"{message}, not `{_short(item['input'])}`", "write it in quotes"
        return (message if kind in _WITHOUT_VALUE else f"{message}, not `{_short(item['input'])}`"), ""
    return f"{item['msg'].removeprefix('Input should be ')}: `{_short(item['input'])}`", ""


def literals_at(document: Any, path: Path_) -> list[Any]:
    """The words that a key takes."""
    return [value for kind in kinds_at(path, document) for value in literals(kind)]


def _nearest_word(document: Any, path: Path_, value: Any) -> str:
    return nearest(value, [str(option) for option in literals_at(document, path)])


def _no_kind(document: Any, path: Path_) -> tuple[str, str]:
    """What is wrong with a value that is none of the kinds that its key takes."""
    content = _value(document, path)
    kinds = kinds_at(path, document)
    if isinstance(content, dict) and models_in(kinds):
        return _no_single_model(kinds, content)
    words = literals_at(document, path)
    expected = [f"`{word}`" for word in words if isinstance(word, str)]
    expected += ["a map"] if models_in(kinds) or has_free_keys(kinds) else []
    expected += ["a list"] if any(origin_of(kind) is list for kind in kinds) else []
    expected += ["a number"] if any(kind in (int, float) for kind in kinds) else []
    hint = nearest(content, [str(word) for word in words])
    return f"expected {' or '.join(expected)}, not `{_short(content)}`", hint


def _no_single_model(kinds: Kinds, content: Mapping[str, Any]) -> tuple[str, str]:
    options = keys_of(kinds, {})
    given = [key for key in content if key in options]
    unknown = [key for key in content if key not in options]
    if len(given) > 1:
        return f"{' and '.join(f'`{key}`' for key in given)} in one", "make each an item of its own"
    if unknown:
        key = unknown[0]
        return f"unknown key `{_short(key)}`", nearest(key, options) or f"one of {', '.join(options)}"
    return "is empty", f"give one of {', '.join(options)}"


def _value(document: Any, path: Path_) -> Any:
    """The value at a path, or None."""
    content = document
    for key in path:
        try:
            content = content[key]
        except (KeyError, IndexError, TypeError):
            return None
    return content


def _content(document: Any, path: Path_) -> Mapping[str, Any]:
    """The map at a path; an empty one if something else is there."""
    content = _value(document, path)
    return content if isinstance(content, dict) else {}


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def nearest(word: Any, options: Sequence[str]) -> str:
    """`did you mean …?`, if an option is spelled like the word."""
    close = get_close_matches(str(word)[:100], options, 1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else ""


def readable(tree: Located, path: Path_) -> str:
    """A path with list items by their name: `workloads.answer-ticket.timeout`."""
    parts = []
    for depth, key in enumerate(path):
        node = tree.find(path[: depth + 1])
        name = name_of(node) if isinstance(key, int) and node is not None else None
        parts.append(name or str(key))
    return ".".join(parts)
