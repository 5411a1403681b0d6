"""The options of a study, read from its fields: what the command line and the app's form are made of."""

from collections.abc import Iterator, Sequence
from dataclasses import MISSING, Field, dataclass, fields
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from simulator.studies.base import Option, Study


@dataclass(frozen=True)
class Asked:
    """A field of a study that can be given.

    Attributes
    ----------
    field : of the study's class
    option : how it is given
    kind : its type
    """

    field: Field[Any]
    option: Option
    kind: Any

    @property
    def name(self) -> str:
        """The field's name."""
        return self.field.name

    @property
    def flag(self) -> str:
        """The option as it is written on the command line."""
        return self.option.flag or "--" + self.field.name.replace("_", "-")

    @property
    def default(self) -> Any:
        """What holds where it is not given; None: nothing, or a value must be given."""
        return None if self.field.default is MISSING else self.field.default

    @property
    def is_required(self) -> bool:
        """Whether it must be given."""
        return self.field.default is MISSING and self.field.default_factory is MISSING

    @property
    def item(self) -> Any:
        """Type of one value, where it may be given several times; None: once."""
        if self.option.is_whole:
            return None
        for one in _parts(self.kind):
            if get_origin(one) is Sequence or (get_origin(one) is tuple and get_args(one)[-1] is ...):
                return get_args(one)[0]
        return None

    @property
    def plain(self) -> Any:
        """The type that a text is read as: what Python takes besides is for Python alone."""
        parts = _parts(self.kind if self.item is None else self.item)
        if Path in parts:
            return Path
        return parts[0] if parts[0] in (bool, int, float) or _has_choices(parts[0]) else str

    def parsed(self, given: Any) -> Any:
        """The field's value from what was given; what was not given stays as it is.

        Raises
        ------
        ValueError
            If a text is no value of it.
        """
        is_list = self.item is not None
        if given is None:
            return () if is_list and self.is_required else self.default
        if self.option.parse is None:
            return tuple(given) if is_list else given
        return tuple(map(self.option.parse, given)) if is_list else self.option.parse(given)


def options_of(study: type[Study[Any]]) -> Iterator[Asked]:
    """Every field of a study that can be given, in their order; `threads`, which all share, is last."""
    hints = get_type_hints(study, include_extras=True)
    for found in sorted(fields(study), key=lambda one: one.name == "threads"):
        hint = hints[found.name]
        if get_origin(hint) is Annotated:
            kind, *extras = get_args(hint)
            option = next((extra for extra in extras if isinstance(extra, Option)), None)
            if option is not None:
                yield Asked(found, option, kind)


def _parts(kind: Any) -> list[Any]:
    """The types that a field may have, None apart."""
    return [one for one in get_args(kind) if one is not NoneType] if isinstance(kind, UnionType) else [kind]


def _has_choices(kind: Any) -> bool:
    return get_origin(kind) is Literal or (isinstance(kind, type) and issubclass(kind, Enum))
