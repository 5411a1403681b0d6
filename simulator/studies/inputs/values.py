"""The values of a scenario, one per line as `--set` takes them, and where each comes from."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simulator.scenario.read.catalogs import in_catalog
from simulator.scenario.read.explain import readable
from simulator.scenario.read.load import LoadedScenario
from simulator.scenario.read.source_map import Located

DEFAULT = "default"

_Keys = tuple[str | int, ...]


def value_lines(loaded: LoadedScenario, *, resolved: bool, origin: bool) -> list[str]:
    """Return lines `path=value`, in the order of the file or, resolved, of the model.

    Parameters
    ----------
    loaded : the scenario and the places of its values
    resolved : all values in base units, defaults included; otherwise those given, as they were written
    origin : add `# file:line`, `# --set`, `# catalog …` or `# default` to each line
    """
    document = loaded.scenario.model_dump(mode="json", by_alias=True) if resolved else loaded.document
    if resolved:
        for written, slo in zip(document.get("slos", ()), loaded.scenario.slos, strict=True):
            written.update(objective=slo.objective.text)
    rows = [
        (f"{readable(loaded.full_tree, keys)}={_written(value)}", _origin(loaded.full_tree, keys))
        for keys, value in _leaves(document, ())
    ]
    if not origin:
        return [line for line, _ in rows]
    width = min(max((len(line) for line, _ in rows), default=0), 60)
    return [f"{line:<{width}}  # {place}" for line, place in rows]


def _leaves(value: Any, keys: _Keys) -> Iterator[tuple[_Keys, Any]]:
    """Walk down to what is no map or list, and to empty ones."""
    items: Sequence[tuple[str | int, Any]] = ()
    if isinstance(value, Mapping):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    if not items:
        yield keys, value
    for key, item in items:
        yield from _leaves(item, (*keys, key))


def _origin(tree: Located, keys: _Keys) -> str:
    """Place of a value, or of what it was read from; a key that is in no file has its default."""
    at = tree
    for depth in range(1, len(keys) + 1):
        below = tree.find(keys[:depth])
        if below is None:
            return DEFAULT if isinstance(at.value, dict | list) else _place(at)
        at = below
    return _place(at)


def _place(node: Located) -> str:
    place = node.place
    has_no_lines = place.file.startswith("--") or in_catalog(place.file)
    return place.file if has_no_lines else f"{place.file}:{place.line}"


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
