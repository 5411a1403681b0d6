"""Catalogs: numbers that a scenario names instead of writing them, each with its source.

They stand in `catalog_data/`, a YAML file each: an entry has `values`, or `models` with values each, and `from` names the
source of all its keys or of each. Those of places and of step times stand with their mechanisms
(`simulator/mechanisms/regions/data`, `simulator/mechanisms/replicas/profiles`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from simulator.mechanisms.sources import Source
from simulator.scenario.read.source_map import Located, locate
from simulator.scenario.read.yaml_source import Place, read_source

_FOLDER = Path(__file__).parents[1] / "catalog_data"
_PLACE = "catalog "  # before the name of a catalog and of an entry: where a value of a catalog stands

NAMES = ("rate_limits", "limit_rules", "provisioned", "incidents", "gpu_prices", "profiles", "languages")


@dataclass(frozen=True)
class Entry:
    """What a catalog says under one name.

    Attributes
    ----------
    content : values by key, as a scenario would write them; empty: the entry has `models`
    models : the same by the provider's name of a model
    sources : by key of the values
    facts : what else the entry says, e.g. the GPU that a price is for
    """

    catalog: str
    name: str
    content: Located
    models: Mapping[str, Located]
    sources: Mapping[str, Source]
    facts: Mapping[str, str]


@dataclass(frozen=True)
class Catalog:
    """A catalog: what it is about, the key of a scenario that names its entries, and these."""

    name: str
    about: str
    key: str
    entries: Mapping[str, Entry]


@cache
def catalog(name: str) -> Catalog:
    """One of the catalogs of `NAMES`."""
    tree = locate(read_source(_FOLDER / f"{name}.yaml", f"{name}.yaml"), f"{name}.yaml")
    parts = tree.value
    sources = {
        key: Source(**{part: str(value) for part, value in source.plain().items()})  # type: ignore[arg-type]
        for key, source in parts["sources"].value.items()
    }
    entries = {
        entry: _entry(name, entry, node.value, sources) for entry, node in parts["entries"].value.items()
    }
    return Catalog(name, parts["about"].value, parts["key"].value, entries)


def in_catalog(file: str) -> bool:
    """Whether the `file` of a place is an entry of a catalog."""
    return file.startswith(_PLACE)


def source_of(file: str, key: str) -> Source | None:
    """Source of a value by the `file` of its place and its key; None: it stands in no catalog."""
    if not in_catalog(file):
        return None
    name, _, entry = file.removeprefix(_PLACE).partition("/")
    return catalog(name).entries[entry].sources[key]


def _entry(name: str, entry: str, parts: dict[str, Located], sources: Mapping[str, Source]) -> Entry:
    models = {model: _placed(values, name, entry) for model, values in _map(parts.get("models")).items()}
    values = _placed(parts.get("values") or Located({}, parts["from"].place), name, entry)
    named: Any = parts["from"].plain()
    of_keys: dict[str, Source] = {}
    for key, item in (pair for each in (values, *models.values()) for pair in each.value.items()):
        source = sources[named if isinstance(named, str) else named[key]]
        within = [path[-1] for path, _ in item.walk() if path and isinstance(path[-1], str)]
        of_keys |= dict.fromkeys((key, *within), source)
    facts = {key: str(node.value) for key, node in parts.items() if key not in ("from", "values", "models")}
    return Entry(name, entry, values, models, of_keys, facts)


def _map(node: Located | None) -> dict[str, Located]:
    return {} if node is None else node.value


def _placed(node: Located, name: str, entry: str) -> Located:
    """The same values, standing in the catalog."""
    placed = node.copy()
    for _, item in placed.walk():
        item.place = Place(f"{_PLACE}{name}/{entry}", item.place.line, item.place.column)
    return placed
