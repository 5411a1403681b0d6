"""`--set a.b=c`: values that replace those of the files; list items go by name or number."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from simulator.scenario.model import Scenario
from simulator.scenario.read.errors import Problem, ScenarioError
from simulator.scenario.read.explain import nearest
from simulator.scenario.read.key_case import spelled_as_known
from simulator.scenario.read.model_schema import ROOT, Kinds, below, has_free_keys, keys_of
from simulator.scenario.read.source_map import Located, locate, name_of
from simulator.scenario.read.yaml_source import Place, parse_source

ORIGIN = "--set"
_PLACE = Place(ORIGIN, 1, 1)
_DEFAULT_REGIONS = Scenario.model_fields["regions"].get_default(call_default_factory=True)


def override_texts(overrides: Mapping[str, object] | Sequence[str]) -> list[str]:
    """Overrides as texts `path=value`, as given to `--set`.

    Raises
    ------
    TypeError
        If they are one text.
    """
    if isinstance(overrides, Mapping):
        return [f"{path}={value}" for path, value in overrides.items()]
    if isinstance(overrides, str):
        raise TypeError("overrides are a mapping, or a sequence of texts `path=value`")
    return list(overrides)


def given_by(option: str, error: ScenarioError) -> ScenarioError:
    """The same error about overrides that were given by another option than `--set`."""
    return ScenarioError([replace(one, file=option) if one.file == ORIGIN else one for one in error.problems])


def apply_overrides(tree: Located, overrides: Sequence[str]) -> list[Located]:
    """Set every `path=value` in the tree; in place. The value `null` removes a key; returns the values.

    Raises
    ------
    ScenarioError
        If an override is not of that form, or its path leads nowhere.
    """
    values = []
    for override in overrides:
        path, separator, text = override.partition("=")
        if not separator or not path.strip():
            raise _problem(
                override[:60], f"`{override[:60]}` is not of the form path=value", "e.g. window.duration=2h"
            )
        value = locate(parse_source(text, ORIGIN), ORIGIN)
        for _, node in value.walk():
            node.place = _PLACE
        if path.strip().startswith("regions.") and "regions" not in tree.value:
            tree.value["regions"] = Located({name: Located({}, _PLACE) for name in _DEFAULT_REGIONS}, _PLACE)
        _set(tree, ROOT, path.strip(), path.strip().split("."), value)
        values.append(value)
    return values


def tree_of_values(data: Any) -> Located:
    """The tree of a document that stands in no file."""
    if isinstance(data, dict):
        return Located({key: tree_of_values(item) for key, item in data.items()}, _PLACE)
    if isinstance(data, list):
        return Located([tree_of_values(item) for item in data], _PLACE)
    return Located(data, _PLACE)


def _set(at: Located, kinds: Kinds, path: str, keys: list[str], value: Located) -> None:
    """Walk down `keys` from a node and set the value at their end."""
    if isinstance(at.value, list):
        index, n_used = _item(at, path, keys)
        if n_used == len(keys):
            at.value[index] = value
        else:
            _set(at.value[index], below(kinds, index, None), path, keys[n_used:], value)
        return
    if not isinstance(at.value, dict):
        at.value, at.place = {}, _PLACE
    content = {key: item.value for key, item in at.value.items()}
    key, n_used = _key(at, kinds, path, keys, content)
    if n_used == len(keys):
        if value.value is None:
            at.value.pop(key, None)
        else:
            at.value[key] = value
        return
    child = at.value.setdefault(key, Located({}, _PLACE))
    _set(child, below(kinds, key, content), path, keys[n_used:], value)


def _key(
    at: Located, kinds: Kinds, path: str, keys: list[str], content: dict[str, object]
) -> tuple[str, int]:
    """The key that the path goes on with, and how many of its parts that takes (names may hold dots)."""
    known = keys_of(kinds, content)
    key = spelled_as_known(keys[0], known)
    if key in known:
        return key, 1
    for n_used in range(len(keys), 0, -1):
        if ".".join(keys[:n_used]) in at.value:
            return ".".join(keys[:n_used]), n_used
    if has_free_keys(kinds) and len(keys) == 1:
        return keys[0], 1
    options = list(dict.fromkeys([*known, *at.value]))
    message = f"no `{keys[0]}` here" if has_free_keys(kinds) else f"unknown key `{keys[0]}`"
    raise _problem(path, message, nearest(keys[0], options) or _listed(options))


def _item(at: Located, path: str, keys: list[str]) -> tuple[int, int]:
    """The list item that the path goes on with, and how many of its parts that takes."""
    names = [name_of(item) for item in at.value]
    for n_used in range(len(keys), 0, -1):
        if ".".join(keys[:n_used]) in names:
            return names.index(".".join(keys[:n_used])), n_used
    if keys[0].isascii() and keys[0].isdigit() and len(keys[0]) < 10 and int(keys[0]) < len(names):
        return int(keys[0]), 1
    known = [name for name in names if name is not None]
    raise _problem(path, f"no item `{keys[0]}`", nearest(keys[0], known) or _listed(known))


def _listed(options: Sequence[str]) -> str:
    return f"there are: {', '.join(options[:30])}" if options else "there is nothing to set"


def _problem(path: str, message: str, hint: str) -> ScenarioError:
    return ScenarioError([Problem(ORIGIN, None, None, path[:100], message, hint)])
