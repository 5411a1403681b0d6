"""What every report is: typed, frozen, and JSON when it is serialised.

Names in JSON stay within a schema version; additions do not change it. An estimate is `{value, low, high}`, its 95 %
interval; low = high = value where it is exact, null where it is not known.
"""

import json
from abc import abstractmethod
from collections.abc import Mapping
from datetime import datetime
from importlib import import_module
from math import inf, isfinite, nan
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

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

from simulator import __version__
from simulator.mechanisms.replicas.catalog import load_profile
from simulator.metrics.registry import key_of
from simulator.render.sections import Figure, Section, Table, without_empty
from simulator.scenario.model import Scenario
from simulator.scenario.read.hashing import scenario_hash
from simulator.theory.estimate import Estimate
from simulator.theory.intervals import CONFIDENCE
from simulator.theory.verdict import Verdict

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure as PlotlyFigure

SCHEMA = 1
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
        return Estimate(
            nan if value is None else value, -inf if low is None else low, inf if high is None else high
        )
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


class Known(Record):
    """An estimate with more numbers beside it; null: not known."""

    value: float | None
    low: float | None
    high: float | None

    @property
    def estimate(self) -> Estimate | None:
        """The estimate with its interval; None: not known."""
        if self.value is None:
            return None
        return Estimate(
            self.value, -inf if self.low is None else self.low, inf if self.high is None else self.high
        )


class Estimated(Record):
    """A record of one estimate, whose value and bounds stand in JSON among its other keys.

    Attributes
    ----------
    estimate : None: nothing was observed
    """

    estimate: OptionalInterval

    @model_validator(mode="before")
    @classmethod
    def _read_bounds(cls, found: object) -> object:
        if not isinstance(found, Mapping) or "estimate" in found:
            return found
        bounds = {name: found.get(name) for name in _BOUNDS}
        return {**found, "estimate": None if bounds["value"] is None else bounds}

    @model_serializer(mode="wrap")
    def _with_bounds(self, serialized: SerializerFunctionWrapHandler) -> dict[str, Any]:
        found = serialized(self)
        return {**(found.pop("estimate") or dict.fromkeys(_BOUNDS)), **found}


class MonthlyCost(Record):
    """What a month of 730 h costs, USD."""

    month: Number


class StepTimes(Record):
    """Where the step times of a pool are from, and how far they are off."""

    model: str
    gpu: str
    engine: str
    tensor_parallel: int
    fit_error_mean: float | None
    fit_error_worst: float | None
    gpu_power_w: float | None
    source: str


class Shown(Record):
    """What a verb prints, as JSON or as sections."""

    view: ClassVar[str]  # module whose `sections(report)` shows it

    schema_version: Annotated[int, json_key("schema")] = SCHEMA

    @property
    @abstractmethod
    def subject(self) -> str:
        """What the report is about, for the title of its page."""

    def sections(self) -> list[Section]:
        """The report as sections, which every renderer can draw."""
        return without_empty(import_module(self.view).sections(self))

    def to_frame(self) -> "pd.DataFrame":
        """The first table, a row per line; estimates with their interval in `…_low` and `…_high`."""
        from simulator.render.dataframe import frame

        return frame(next(section for section in self.sections() if isinstance(section, Table)))

    def figure(self) -> "PlotlyFigure":
        """The first figure.

        Raises
        ------
        LookupError
            If the report has none.
        """
        found = next((section for section in self.sections() if isinstance(section, Figure)), None)
        if found is None:
            raise LookupError(f"a {type(self).__name__} has no figure; use to_frame()")
        return found.draw()

    def to_html(self) -> str:
        """A page that needs no network, and prints well."""
        from simulator.render.html import page

        return page(f"{self.title} of {self.subject}", self.sections())

    def to_markdown(self) -> str:
        """A summary for a pull request."""
        from simulator.render.markdown import markdown

        return markdown(self.sections())

    @property
    def title(self) -> str:
        """What the report is, in a word or two."""
        return type(self).__name__.removesuffix("Report")

    def _repr_html_(self) -> str:
        """Show the tables in a notebook."""
        from simulator.render.html import fragment

        return fragment(self.sections())


class Report(Shown):
    """What a study found: its numbers, where they are from, and whether something is missing."""

    interrupted: bool = False

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Verdicts or decisions that the exit code tells."""
        return ()


class JudgedReport(Report):
    """A report with a verdict, so that a test can say `assert scenario.drill()`."""

    verdict: Verdict | None  # None: there is nothing to judge

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The verdict."""
        return () if self.verdict is None else (self.verdict,)

    def not_passed(self) -> list[str]:
        """What does not pass, a line each."""
        return []

    def __bool__(self) -> bool:
        """Whether it passes."""
        return self.verdict == "PASS"

    def __repr__(self) -> str:
        """Show what does not pass, so that a failed `assert` says it."""
        return "\n".join([f"<{type(self).__name__} {self.verdict}>", *self.not_passed()])


class ScenarioReport(Report):
    """What a study found about one scenario; `about(scenario)` gives the first fields."""

    scenario: str
    scenario_hash: str
    engine_version: str
    interval_level: float
    wall_s: float = 0.0

    @property
    def subject(self) -> str:
        """The scenario's name."""
        return self.scenario


def about(scenario: Scenario) -> dict[str, Any]:
    """Fields that say which scenario and which engine a report is of."""
    return {
        "scenario": scenario.metadata.name,
        "scenario_hash": scenario_hash(scenario),
        **about_engine(),
    }


def about_engine() -> dict[str, Any]:
    """Fields that say what simulated, and at which level intervals are."""
    return {"engine_version": __version__, "interval_level": CONFIDENCE}


def step_times(scenario: Scenario, base_dir: Path) -> dict[str, StepTimes]:
    """Where the step times of each pool are from, by model name."""
    found = {}
    for model in scenario.model_list:
        if model.pool is not None:
            profile = load_profile(model.pool, base_dir)
            found[model.model_name] = StepTimes(
                model=profile.model,
                gpu=profile.gpu,
                engine=profile.engine,
                tensor_parallel=model.pool.tensor_parallel,
                fit_error_mean=finite(profile.fit_error_mean),
                fit_error_worst=finite(profile.fit_error_worst),
                gpu_power_w=finite(profile.gpu_power_w),
                source=profile.source,
            )
    return found
