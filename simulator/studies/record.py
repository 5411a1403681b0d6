"""What every part of a report is: typed, frozen, and JSON when it is serialised.

Names in JSON stay within a schema version; additions do not change it. An estimate is `{value, low, high}`, its 95 %
interval; low = high = value where it is exact, null where it is not known; value null and low not: it is larger than `low`.
A metric has its key, `latency_s`.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from math import inf, isfinite, nan
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from simulator.metrics.registry import key_of
from simulator.theory.estimate import Estimate

_BOUNDS = ("value", "low", "high")


def json_key(name: str) -> Any:
    """The field's name in JSON, where it is not the attribute's."""
    return Field(validation_alias=name, serialization_alias=name)


def _is_none(value: object) -> bool:
    return value is None


def _is_empty(value: object) -> bool:
    return value is None or value in ((), {}, False)


if_known = Field(exclude_if=_is_none)  # the key is absent while the field is None
if_any = Field(exclude_if=_is_empty)  # the key is absent while the field is empty or False


def _read_estimate(found: object) -> object:
    if isinstance(found, Mapping):
        value, low, high = (found.get(key) for key in _BOUNDS)
        if value is None:
            value = nan if low is None else inf  # more than `low`
        return Estimate(value, -inf if low is None else low, inf if high is None else high)
    return found


def _read_estimates(found: object) -> object:
    if not isinstance(found, Mapping):
        return found
    if found.keys() == set(_BOUNDS):
        return _read_estimate(found)
    return {key: _read_estimates(part) for key, part in found.items()}


Interval = Annotated[Estimate, BeforeValidator(_read_estimate)]
of_intervals = BeforeValidator(
    _read_estimates
)  # what holds estimates at any depth, e.g. metrics of every part
OptionalInterval = Interval | None
Number = Annotated[  # nan: not known, null in JSON
    float, BeforeValidator(lambda found: nan if found is None else found)
]
Moment = Annotated[datetime, PlainSerializer(datetime.isoformat, return_type=str)]


def finite(number: float) -> float | None:
    """None for what JSON cannot say."""
    return number if isfinite(number) else None


class Record(BaseModel):
    """A part of a report."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        ser_json_inf_nan="null",
        alias_generator=key_of,  # metrics in a record, at any depth, have their keys: `latency_s`
    )

    def to_json(self, indent: int | None = None) -> str:
        """The record as JSON; what is not finite is null."""
        return self.model_dump_json(indent=indent)

    def to_dict(self) -> dict[str, Any]:
        """The record as plain values, as in its JSON."""
        found: dict[str, Any] = json.loads(self.to_json())
        return found

    def to_row(self) -> dict[str, object]:
        """Its numbers and words by their names in JSON, as a row of a table; what is a list or a map is left out."""
        return {
            field.serialization_alias or name: value
            for name, field in type(self).model_fields.items()
            if not isinstance(value := _in_row(getattr(self, name)), tuple | Mapping | Record)
        }


def _in_row(value: object) -> object:
    """What stands for a part of a record in a row: of what has an estimate, the estimate."""
    return getattr(value, "estimate", value) if isinstance(value, Record) else value


class Estimated(Record):
    """A record of one estimate, whose value and bounds stand in JSON among its other keys.

    Attributes
    ----------
    estimate : None: nothing was observed
    """

    estimate: OptionalInterval

    @property
    def value(self) -> float | None:
        """The value of the estimate; None: nothing was observed."""
        return None if self.estimate is None else self.estimate.value

    def to_row(self) -> dict[str, object]:
        """As of every record; the bounds are columns of their own, as in its JSON."""
        row = super().to_row()
        del row["estimate"]
        return {**row, **(dict.fromkeys(_BOUNDS) if self.estimate is None else self.estimate.to_dict())}

    @model_validator(mode="before")
    @classmethod
    def _read_bounds(cls, found: object) -> object:
        if not isinstance(found, Mapping) or "estimate" in found:
            return found
        bounds = {name: found.get(name) for name in _BOUNDS}
        return {**found, "estimate": None if bounds["value"] is None and bounds["low"] is None else bounds}

    @model_serializer(mode="wrap")
    def _with_bounds(self, serialized: SerializerFunctionWrapHandler) -> dict[str, Any]:
        found = serialized(self)
        return {**(found.pop("estimate") or dict.fromkeys(_BOUNDS)), **found}


class MonthlyCost(Record):
    """What a month of 730 h costs, USD."""

    month: Number
