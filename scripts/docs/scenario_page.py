"""The reference of scenario files, written from the models, so that it cannot fall behind them.

`python -m scripts.docs.scenario_page > docs/reference/scenario.md`
"""

import types
from collections.abc import Iterator, Mapping
from datetime import date
from enum import Enum
from inspect import cleandoc
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from simulator import units
from simulator.mechanisms.distributions import Distribution
from simulator.mechanisms.releases.condition import Condition
from simulator.scenario.model import Scenario

_INTRODUCTION = """# Scenario files

Every key of a scenario file. This page is written by `python -m scripts.docs.scenario_page`; edit the
descriptions in `simulator/scenario/model.py` and `simulator/mechanisms/*/config.py` instead. `rollout schema`
prints the same as JSON Schema, and `rollout validate FILE` tells what is wrong with a file, and where.

Quantities are written as people write them, and each kind has one base unit:

| kind | written as | a plain number is |
| --- | --- | --- |
"""
_PLAIN_NUMBER = {
    "Seconds": ("time span", "seconds"),
    "RatePerSecond": ("rate", "per second"),
    "UserRate": ("rate of a user", "per second"),
    "TokensPerMinute": ("tokens per minute", "per minute"),
    "Count": ("whole number", "itself"),
    "Share": ("share", "0 to 1"),
    "SignedShare": ("change", "0.04 is + 4 %"),
    "Quantity": ("quantity", "itself; time spans in seconds"),
    "UsdPerHour": ("price per hour", "US dollars"),
    "UsdPerCall": ("price per call", "US dollars"),
    "UsdPerMonth": ("price per month", "US dollars"),
    "UsdPerMillionTokens": ("price per million tokens", "US dollars"),
    "Objective": ("objective", "not allowed"),
}
_DISTRIBUTIONS: tuple[type[BaseModel], ...] = get_args(get_args(Distribution)[0])
_DISTRIBUTIONS_TEXT = """
A random quantity, in the unit of the key that holds it (time spans in seconds, lengths in tokens), chosen by
its `distribution`.
"""
_OBJECTIVE_EXAMPLES = ("p95 < 8s", ">= 99.5%", "< $0.35")
_NAMES: dict[Any, str] = {
    str: "text",
    bool: "true or false",
    int: "integer",
    float: "number",
    date: "date",
    Any: "any value",
}


def scenario_page() -> str:
    """Return the page as Markdown: a section per part of a scenario, in the order in which they are met."""
    kinds = [
        f"| {name} | {', '.join(f'`{example}`' for example in _examples(kind))} | {number} |"
        for kind, (name, number) in _PLAIN_NUMBER.items()
    ]
    models = list(_models(Scenario, {}))
    plain = [model for model in models if model not in _DISTRIBUTIONS]  # distributions come last, together
    sections = [line for model in [*plain, *_DISTRIBUTIONS] for line in _section(model)]
    return _INTRODUCTION + "\n".join([*kinds, "", *sections]).rstrip() + "\n"


def _models(model: type[BaseModel], seen: dict[type[BaseModel], None]) -> dict[type[BaseModel], None]:
    """Return a model and all that it is made of, depth first."""
    if model not in seen and model not in (units.Objective, units.WorkdayRate, Condition):
        seen[model] = None
        for hint in _hints(model).values():
            for part in _parts(hint):
                _models(part, seen)
    return seen


def _parts(hint: Any) -> Iterator[type[BaseModel]]:
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        yield hint
    for argument in get_args(hint):
        yield from _parts(argument)


def _section(model: type[BaseModel]) -> list[str]:
    title = "The file" if model is Scenario else _title(model)
    level = "###" if model in _DISTRIBUTIONS else "##"
    lines = ["## Distributions", "", cleandoc(_DISTRIBUTIONS_TEXT), ""] if model is _DISTRIBUTIONS[0] else []
    lines += [f"{level} {title}", ""]
    if model.__doc__:
        lines += [cleandoc(model.__doc__), ""]
    hints = _hints(model)
    lines += ["| key | what | default | meaning |", "| --- | --- | --- | --- |"]
    for name, field in model.model_fields.items():
        cells = (
            f"`{field.alias or name}`",
            _what(hints[name]),
            _default(field, hints[name]),
            field.description or "",
        )
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return [*lines, ""]


def _hints(model: type[BaseModel]) -> dict[str, Any]:
    hints = get_type_hints(model, include_extras=True)
    return {name: hints[name] for name in model.model_fields}


def _what(hint: Any) -> str:
    """Return a type in words, with links to the sections of its parts."""
    for kind, (name, _) in _PLAIN_NUMBER.items():
        if hint == getattr(units, kind):
            return name
    if hint is Condition:
        return "condition"
    if hint == Distribution:
        return "[distribution](#distributions)"
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _what(arguments[0])
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(_what(part) for part in arguments if part is not type(None)))
    if origin is Literal:
        return " or ".join(f"`{_spelled(value)}`" for value in arguments)
    if origin is list:
        return f"list of {_what(arguments[0])}"
    if origin is dict:
        key = "name" if _what(arguments[0]) == "text" else _what(arguments[0])
        return f"{{{key}: {_what(arguments[1])}}}"
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return f"[{_title(hint)}](#{_title(hint).lower().replace(' ', '-')})"
    return _NAMES[hint]


def _title(model: type[BaseModel]) -> str:
    """Return `RoutingPolicy` as `Routing policy`."""
    name = model.__name__
    spaced = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()
    return spaced[:1].upper() + spaced[1:]


def _default(field: FieldInfo, hint: Any) -> str:
    if field.is_required():
        return "**required**"
    default = field.get_default(call_default_factory=True, validated_data={})
    if default is None or default is PydanticUndefined:
        return "none"
    is_time_span = isinstance(default, float) and units.Seconds in (hint, *get_args(hint))
    return f"`{_spelled(default)}{'s' if is_time_span else ''}`"


def _spelled(value: object) -> str:
    """Return a default as it would be written in a file."""
    if isinstance(value, BaseModel):
        return _spelled(value.model_dump(exclude_defaults=True))
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {_spelled(part)}' for key, part in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(_spelled(part) for part in value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    return str(value) or '""'


def _examples(kind: str) -> tuple[str, ...]:
    hint = getattr(units, kind)
    if hint is units.Objective:
        return _OBJECTIVE_EXAMPLES
    schemas = [part for part in get_args(hint) if hasattr(part, "json_schema")]
    return tuple(schemas[0].json_schema["examples"])


if __name__ == "__main__":
    print(scenario_page(), end="")
