"""From pydantic's errors to one clear problem per mistake, at its line."""

from collections.abc import Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from simulator.scenario.errors import Problem
from simulator.scenario.located import Located, name_of
from simulator.scenario.model import Scenario
from simulator.scenario.yaml_source import Path_

_STEP_KEYS = ("validate", "cache", "call", "generate", "review")
_TYPES = {
    "string_type": "expected text",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_from_float": "expected a whole number",
    "float_type": "expected a number",
    "float_parsing": "expected a number",
    "bool_type": "expected true or false",
    "list_type": "expected a list",
    "dict_type": "expected a map",
    "model_type": "expected a map of keys",
    "model_attributes_type": "expected a map of keys",
    "date_from_datetime_parsing": "expected a date such as 2027-01-04",
    "date_type": "expected a date such as 2027-01-04",
    "finite_number": "must be a finite number",
}


def explain(error: ValidationError, tree: Located) -> list[Problem]:
    """Problems of a document that does not fit the model, in the order of the file, one per place."""
    found: dict[Path_, list[tuple[int, Problem]]] = {}
    for item in error.errors(include_url=False, include_context=True):
        path, n_branches_missed = _descend(tree, item)
        problem = _problem(tree, path, item)
        found.setdefault(path, []).append((n_branches_missed + _unlikely(item, tree, path), problem))
    best = {path: min(problems, key=lambda scored: scored[0]) for path, problems in found.items()}
    certain = [(path, scored) for path, scored in best.items() if not _is_shadowed(path, scored[0], best)]
    return sorted(
        (problem for _, (_, problem) in certain), key=lambda p: (p.file, p.line or 0, p.column or 0)
    )


def _descend(tree: Located, item: Any) -> tuple[Path_, int]:
    """Path in the document of an error's location, which also names the branches of unions."""
    path: list[str | int] = []
    at: Located | None = tree
    location = item["loc"]
    n_skipped = 0
    for position, key in enumerate(location):
        is_last = position == len(location) - 1
        child = at.find((key,)) if at is not None else None
        if child is not None:
            path.append(key)
            at = child
        elif is_last and item["type"] in ("missing", "extra_forbidden"):
            path.append(key)
        else:
            n_skipped += 1
    return tuple(path), n_skipped


def _unlikely(item: Any, tree: Located, path: Path_) -> int:
    """Weight against an error that comes from a branch of a union the author did not mean."""
    value = tree.find(path)
    is_map = value is not None and isinstance(value.value, dict)
    if item["type"] in ("model_type", "dict_type", "list_type", "literal_error") and not is_map:
        return 3
    return 2 if item["type"] in ("float_type", "string_type", "int_type") and is_map else 0


def _is_shadowed(path: Path_, score: int, best: dict[Path_, tuple[int, Problem]]) -> bool:
    """Whether a better explained error stands at, above or below the same place."""
    return any(
        other != path and (other[: len(path)] == path or path[: len(other)] == other) and other_score < score
        for other, (other_score, _) in best.items()
    )


def _problem(tree: Located, path: Path_, item: Any) -> Problem:
    known = path if tree.find(path) is not None else path[:-1]
    node = tree.find(known)
    place = tree.place if node is None else node.place
    message, hint = _message(tree, path, item)
    return Problem(place.file, place.line, place.column, readable(tree, path), message, hint)


def _message(tree: Located, path: Path_, item: Any) -> tuple[str, str]:
    kind = item["type"]
    if kind == "extra_forbidden":
        return f"unknown key `{path[-1]}`", _nearest(str(path[-1]), _keys_at(tree, path[:-1]))
    if kind == "missing":
        return f"the key `{path[-1]}` is missing", ""
    if kind == "value_error":
        return str(item["ctx"]["error"]), ""
    if kind in ("literal_error", "enum"):
        options = [
            part.strip().strip("'") for part in item["ctx"]["expected"].replace(" or ", ", ").split(",")
        ]
        return f"`{_short(item['input'])}` is none of {', '.join(options)}", _nearest(
            str(item["input"]), options
        )
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        expected = item["ctx"].get("expected_tags", "")
        key = str(item["ctx"].get("discriminator", "")).strip("'")
        if "distribution" in key:
            tag = str(item["ctx"].get("tag", ""))
            options = (
                [part.strip().strip("'") for part in expected.split(",")] if expected else _distributions()
            )
            return f"`distribution` is none of {', '.join(options)}", _nearest(tag, options)
        return f"expected one of {expected or ', '.join(_STEP_KEYS)}", ""
    if kind in _TYPES:
        return f"{_TYPES[kind]}, not `{_short(item['input'])}`", ""
    return (
        f"{item['msg'].removeprefix('Input should be ').removeprefix('Value error, ')}: `{_short(item['input'])}`",
        "",
    )


def _distributions() -> list[str]:
    return ["constant", "exponential", "uniform", "lognormal", "gamma", "empirical"]


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _nearest(word: str, options: Sequence[str]) -> str:
    close = get_close_matches(word, options, 1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else ""


def _keys_at(tree: Located, path: Path_) -> list[str]:
    """Keys that a map at this path may have: those of the models that fit there."""
    models = _models_at(Scenario, path)
    keys = {field.alias or name for model in models for name, field in model.model_fields.items()}
    present = tree.find(path)
    used = set(present.value) if present is not None and isinstance(present.value, dict) else set()
    return sorted(keys - used) or sorted(keys)


def _models_at(root: type[BaseModel], path: Path_) -> list[type[BaseModel]]:
    kinds: list[Any] = [root]
    for key in path:
        following: list[Any] = []
        for kind in kinds:
            following += _below(kind, key)
        kinds = following
    return [model for kind in kinds for model in _models_in(kind)]


def _below(kind: Any, key: str | int) -> list[Any]:
    found = []
    for model in _models_in(kind):
        for name, field in model.model_fields.items():
            if key in (name, field.alias):
                found.append(field.annotation)
    if not found and not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        found = [argument for argument in get_args(kind) if argument not in (str, int, type(None))]
    return found


def _models_in(kind: Any) -> list[type[BaseModel]]:
    """Models among a type, its union's branches and its containers' items."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [kind]
    return [model for argument in get_args(kind) for model in _models_in(argument)]


def readable(tree: Located, path: Path_) -> str:
    """A path with list items by their name: `workloads.answer-ticket.timeout`."""
    parts = []
    for depth, key in enumerate(path):
        node = tree.find(path[: depth + 1])
        name = name_of(node) if isinstance(key, int) and node is not None else None
        parts.append(name or str(key))
    return ".".join(parts)


@lru_cache(maxsize=1)
def model_keys() -> frozenset[str]:
    """Every key that any model of the schema has."""
    keys: set[str] = set()
    seen: set[type[BaseModel]] = set()
    waiting: list[type[BaseModel]] = [Scenario]
    while waiting:
        model = waiting.pop()
        if model not in seen:
            seen.add(model)
            keys |= {field.alias or name for name, field in model.model_fields.items()}
            waiting += [
                below for field in model.model_fields.values() for below in _models_in(field.annotation)
            ]
    return frozenset(keys)
