"""What other tools' files say of a scenario: parts with their origin, what is lost, and what is still open."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.errors import RolloutError
from simulator.formats.documents import ForeignMap


class ConfigError(RolloutError, ValueError):
    """A configuration that cannot be read; the message says what it needs."""


@dataclass(frozen=True)
class Block:
    """A block of the scenario.

    Attributes
    ----------
    value : plain values
    origin : file and line, in words
    stubs : keys that nobody said, with what stands in their place
    weight : of a deployment among those of its name
    """

    value: ForeignMap
    origin: str
    stubs: tuple[str, ...] = ()
    weight: Any = None

    def text(self, key: str) -> str:
        """What stands at a key that every block of its kind has."""
        return str(self.value[key])


@dataclass(frozen=True)
class Rate:
    """How many tests were passed.

    Attributes
    ----------
    n : tests with an answer
    file : that says so
    """

    passed: int
    n: int
    file: str


@dataclass
class Imported:
    """Everything that was found in the files.

    Attributes
    ----------
    models, routes, slos : blocks of the scenario; routes by name
    pools : deployments of an engine, by the deployment's name
    scaling : autoscaling of deployments, by the deployment's name
    canary : steps of a canary; `templates` has the names that each analysis among them asks for
    analyses : what canaries measure, by the name of its template
    rates : tests passed, by what the tool calls a model
    dropped : what could not be carried over, and why
    open : what must still be answered
    """

    models: list[Block] = field(default_factory=list)
    routes: dict[str, Block] = field(default_factory=dict)
    slos: list[Block] = field(default_factory=list)
    pools: dict[str, Block] = field(default_factory=dict)
    scaling: dict[str, Block] = field(default_factory=dict)
    canary: Block | None = None
    analyses: dict[str, Block] = field(default_factory=dict)
    rates: dict[str, Rate] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    formats: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was found that a scenario can say."""
        return not (self.models or self.slos or self.pools or self.scaling or self.canary or self.rates)


def place(document: Any, key: Any, name: str) -> str:
    """Where a key of a document stands."""
    try:
        return f"{name}:{document.lc.key(key)[0] + 1}"
    except (AttributeError, KeyError, TypeError):
        return name


def item_place(items: Any, index: int, name: str) -> str:
    """Where an item of a list stands."""
    try:
        return f"{name}:{items.lc.item(index)[0] + 1}"
    except (AttributeError, KeyError, TypeError):
        return name


def count(value: Any) -> int | None:
    """A whole number, also one written `80_000`, which is a word in YAML 1.2."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        return int(float(str(value).replace("_", "").strip("'\" ")))
    except (ValueError, OverflowError):
        return None


def number(value: Any) -> float | None:
    """A finite number."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        found = float(str(value).replace("_", "").strip("'\" "))
    except ValueError:
        return None
    return found if abs(found) < 1e15 else None


def mapping(value: Any) -> ForeignMap:
    """A mapping; empty where it is none."""
    return value if isinstance(value, Mapping) else {}


def items(value: Any) -> list[Any]:
    """A list; empty where it is none."""
    return value if isinstance(value, list) else []
