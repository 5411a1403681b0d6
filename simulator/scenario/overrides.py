"""`--set a.b=c`: values that replace those of the file; list items are named by their name."""

from collections.abc import Sequence
from difflib import get_close_matches

from simulator.scenario.errors import Problem, ScenarioError
from simulator.scenario.located import Located, locate, name_of, snake_case
from simulator.scenario.yaml_source import Place, parse_source

ORIGIN = "--set"


def apply_overrides(tree: Located, overrides: Sequence[str]) -> None:
    """Set every `path=value` in the tree; in place.

    Raises
    ------
    ScenarioError
        If an override is not of that form, or leads through a list item that does not exist.
    """
    for override in overrides:
        path, separator, text = override.partition("=")
        if not separator or not path.strip():
            raise _problem(
                override, f"`{override[:60]}` is not of the form path=value", "e.g. window.duration=2h"
            )
        value = locate(parse_source(text, ORIGIN), ORIGIN)
        _stamp(value)
        _set(tree, path.strip(), value)


def _stamp(value: Located) -> None:
    for _, node in value.walk():
        node.place = Place(ORIGIN, 1, 1)


def _set(tree: Located, path: str, value: Located) -> None:
    keys = path.split(".")
    at = tree
    for depth, key in enumerate(keys):
        is_last = depth == len(keys) - 1
        if isinstance(at.value, list):
            index = _item(at, key, path)
            if is_last:
                at.value[index] = value
            at = at.value[index]
        elif isinstance(at.value, dict):
            key = snake_case(key)
            if is_last:
                at.value[key] = value
            else:
                at = at.value.setdefault(key, Located({}, value.place))
        else:
            at.value = {}
            at.value[key] = value if is_last else Located({}, value.place)
            at = at.value[key]


def _item(at: Located, key: str, path: str) -> int:
    names = [name_of(item) for item in at.value]
    if key in names:
        return names.index(key)
    if key.isdigit() and int(key) < len(at.value):
        return int(key)
    known = [name for name in names if name is not None]
    close = get_close_matches(key, known, 1)
    hint = f"did you mean `{close[0]}`?" if close else f"there are {', '.join(known) or len(at.value)}"
    raise _problem(path, f"no item `{key}`", hint)


def _problem(path: str, message: str, hint: str) -> ScenarioError:
    return ScenarioError([Problem(ORIGIN, None, None, path, message, hint)])
