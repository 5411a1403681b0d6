"""A tree of values that remember where they were written, and what can be done with it: merge and set."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from simulator.scenario.read.yaml_source import Path_, Place, YamlSource

_NAME_KEYS = ("name", "model_name")


@dataclass
class Located:
    """A value and its place; maps and lists hold `Located` values."""

    value: Any
    place: Place

    def plain(self) -> Any:
        """The value without places."""
        if isinstance(self.value, dict):
            return {key: item.plain() for key, item in self.value.items()}
        if isinstance(self.value, list):
            return [item.plain() for item in self.value]
        return self.value

    def copy(self) -> "Located":
        """The same tree, free to be changed; values below maps and lists are never changed in place."""
        if isinstance(self.value, dict):
            return Located({key: item.copy() for key, item in self.value.items()}, self.place)
        if isinstance(self.value, list):
            return Located([item.copy() for item in self.value], self.place)
        return Located(self.value, self.place)

    def walk(self, path: Path_ = ()) -> Iterator[tuple[Path_, "Located"]]:
        """Every value below, with its path."""
        yield path, self
        items: Iterable[tuple[str | int, Located]] = ()
        if isinstance(self.value, dict):
            items = self.value.items()
        if isinstance(self.value, list):
            items = enumerate(self.value)
        for key, item in items:
            yield from item.walk((*path, key))

    def find(self, path: Path_) -> "Located | None":
        """The value at a path, or None."""
        at: Located = self
        for key in path:
            is_item = isinstance(at.value, list) and isinstance(key, int) and key < len(at.value)
            if not is_item and not (isinstance(at.value, dict) and key in at.value):
                return None
            at = at.value[key]
        return at


def locate(source: YamlSource, file: str) -> Located:
    """The tree of a file's content."""
    return _locate(source.data, (), source, Place(file, 1, 1))


def _locate(data: Any, path: Path_, source: YamlSource, around: Place) -> Located:
    place = source.places.get(path, around)
    if isinstance(data, dict):
        return Located({key: _locate(item, (*path, key), source, place) for key, item in data.items()}, place)
    if isinstance(data, list):
        return Located(
            [_locate(item, (*path, index), source, place) for index, item in enumerate(data)], place
        )
    return Located(data, place)


def merge(base: Located, over: Located) -> Located:
    """`over` on top of `base`: maps merge, lists of named items merge by name, null removes; else replace."""
    if isinstance(base.value, dict) and isinstance(over.value, dict):
        merged = dict(base.value)
        for key, item in over.value.items():
            if item.value is None:
                merged.pop(key, None)
            else:
                merged[key] = merge(merged[key], item) if key in merged else item
        return Located(merged, over.place)
    if _is_named(base) and _is_named(over):
        items = list(base.value)
        names = [name_of(item) for item in items]
        for item in over.value:
            name = name_of(item)
            if name in names:
                items[names.index(name)] = merge(items[names.index(name)], item)
            else:
                items.append(item)
        return Located(items, over.place)
    return over


def _is_named(node: Located) -> bool:
    return (
        isinstance(node.value, list)
        and bool(node.value)
        and all(name_of(item) is not None for item in node.value)
    )


def name_of(item: Located) -> str | None:
    """Name of a list's item: its `name` or `model_name`."""
    if isinstance(item.value, dict):
        for key in _NAME_KEYS:
            if key in item.value and isinstance(item.value[key].value, str):
                return str(item.value[key].value)
    return None
