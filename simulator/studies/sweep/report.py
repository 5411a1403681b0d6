"""What `rollout sweep` and `rollout merge` report: every point with its responses, and what moves what."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field, computed_field, model_serializer, model_validator

from simulator.studies.record import Interval, Record, finite, if_any, if_known, json_key
from simulator.studies.report import ScenarioReport
from simulator.theory.estimate import Estimate
from simulator.theory.intervals import CONFIDENCE

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure

Direction = Literal["minimise", "maximise"]
Setting = float | str  # a number in base units (durations: s), or a word

_LOW, _HIGH = ".low", ".high"
_OF_THE_POINT = ("point", "key", "verdict", "is_pareto", "is_feasible")


class VariedPath(Record):
    """A path of the scenario that a sweep varies: its levels, or its distribution.

    Attributes
    ----------
    levels : as written
    distribution, parameters, unit : name and arguments of the distribution, and the unit these are in
    """

    path: str
    levels: Annotated[tuple[str, ...] | None, if_known] = None
    distribution: Annotated[str | None, if_known] = None
    parameters: Annotated[tuple[float, ...] | None, if_known] = None
    unit: Annotated[str | None, if_known] = None


class Goal(Record):
    """A response that is to be low, or high."""

    response: str
    direction: Direction

    @property
    def sign(self) -> float:
        """Factor that makes low good."""
        return 1.0 if self.direction == "minimise" else -1.0


class SweepPoint(Record):
    """One point; in JSON a flat row, as in `responses.parquet`: a key per path, and three per response.

    Attributes
    ----------
    point : its number in the design
    key : of its run in the store
    settings : what each path was set to
    verdict : the worst of the scenario's objectives; None: it has none
    responses : what was measured, by name; None: nothing was observed
    is_pareto : no other point is as good in every goal and better in one
    is_feasible : it meets every constraint; None: there are none
    """

    point: int
    key: str
    settings: Mapping[str, Setting]
    verdict: str | None
    responses: Mapping[str, Interval | None]
    is_pareto: bool
    is_feasible: bool | None = None

    def value(self, name: str) -> Setting | None:
        """What a path was set to, or what was measured of a response; None: nothing was observed."""
        found = self.responses.get(name)
        return self.settings.get(name) if found is None else finite(found.value)

    @model_serializer(mode="plain")
    def row(self) -> dict[str, object]:
        """The point as a flat row."""
        whole = {**self.settings, "verdict": self.verdict, **dict(_flat(self.responses))}
        feasible = {} if self.is_feasible is None else {"is_feasible": self.is_feasible}
        return {"point": self.point, "key": self.key, **whole, "is_pareto": self.is_pareto, **feasible}

    @model_validator(mode="before")
    @classmethod
    def _from_row(cls, found: object) -> object:
        """Read a flat row: what has an interval was measured, the rest was set."""
        if not isinstance(found, Mapping) or "settings" in found:
            return found
        measured = [name for name in found if f"{name}{_LOW}" in found and f"{name}{_HIGH}" in found]
        taken = {*_OF_THE_POINT, *(f"{name}{end}" for name in measured for end in ("", _LOW, _HIGH))}
        return {
            **{name: found[name] for name in _OF_THE_POINT if name in found},
            "settings": {name: value for name, value in found.items() if name not in taken},
            "responses": {
                name: {"value": found[name], "low": found[f"{name}{_LOW}"], "high": found[f"{name}{_HIGH}"]}
                if (found[name], found[f"{name}{_LOW}"]) != (None, None)
                else None
                for name in measured
            },
        }


class Sensitivity(Record):
    """What one varied path does to one response.

    Attributes
    ----------
    factor : the path
    first_order, half_width : share of the variance that it explains alone, and half the width of its 95 % interval
    total, total_half_width : the share that it has a part in, likewise; None: the design does not tell
    pawn : median distance of distributions, in [0, 1]
    """

    response: str
    factor: str
    first_order: float
    half_width: float
    total: float | None
    total_half_width: float | None
    pawn: float


class FailedPoint(Record):
    """A point that failed every time it was tried, and why the last time."""

    point: int
    reason: str


class SweepFiles(Record):
    """Where the tables and the page are."""

    responses: str
    sensitivity: str
    page: str


class SweepReport(ScenarioReport):
    """What came of every point of a sweep.

    Attributes
    ----------
    seed : of the first replication of every point
    replications : of every point
    design : how the points were chosen
    shard : part of the points that this folder is for, (number from 1, of how many)
    n_points : of the design
    n_simulated, n_reused : points that were run now, and that were known from before
    missing : points that are not in the folder yet
    failed : part of them: what was tried now and failed every time; `--resume` tries it again
    damaged : what is wrong with stored runs of points; those were set aside and run again, or stay missing
    sensitivities : of what the sweep is after, to each path; empty where there are too few points
    """

    view: ClassVar[str] = "simulator.studies.sweep.view"

    interval_level: Annotated[float, Field(exclude=True)] = CONFIDENCE
    stage: str | None
    seed: int
    replications: int
    design: str
    factors: tuple[VariedPath, ...]
    shard: tuple[int, int] | None
    n_points: int
    n_simulated: int
    n_reused: int
    missing: tuple[int, ...]
    failed: Annotated[tuple[FailedPoint, ...], if_any] = ()
    damaged: Annotated[tuple[str, ...], if_any] = ()
    goals: tuple[Goal, ...]
    points: tuple[SweepPoint, ...]
    sensitivities: Annotated[tuple[Sensitivity, ...], json_key("sensitivity")]
    files: SweepFiles

    @computed_field  # type: ignore[prop-decorator]
    @property
    def pareto(self) -> tuple[int, ...]:
        """Numbers of the points on the Pareto front."""
        return tuple(point.point for point in self.points if point.is_pareto)

    @property
    def paths(self) -> list[str]:
        """What was varied."""
        return [factor.path for factor in self.factors]

    @property
    def responses(self) -> list[str]:
        """Names of what was measured."""
        return list(self.points[0].responses) if self.points else []

    @property
    def seen_goals(self) -> list[str]:
        """Responses that the sweep is after, as far as anything was observed of them."""
        names = dict.fromkeys(goal.response for goal in self.goals)
        return [name for name in names if any(point.value(name) is not None for point in self.points)]

    @property
    def folder(self) -> Path:
        """Where the runs, the tables and the page are."""
        return Path(self.files.responses).parent

    @property
    def title(self) -> str:
        """What the report is."""
        return "Sweep"

    def to_frame(self) -> "pd.DataFrame":
        """A row per point: the values that were set, and every response, as in `responses.parquet`."""
        from simulator.studies.sweep.response_table import response_frame

        return response_frame(self.points)

    def sensitivity(self) -> "pd.DataFrame":
        """How much each path moves each response, as in `sensitivity.parquet`."""
        from simulator.studies.sweep.response_table import sensitivity_frame

        return sensitivity_frame(self.sensitivities)

    def figure(self, response: str = "latency.p95") -> "Figure":
        """A response against every path, the Pareto front filled.

        Raises
        ------
        KeyError
            If the sweep has no such response.
        """
        from simulator.studies.sweep.figures import response_figure

        return response_figure(self, response)


def _flat(responses: Mapping[str, Estimate | None]) -> Iterator[tuple[str, float | None]]:
    for name, found in responses.items():
        yield name, None if found is None else finite(found.value)
        yield f"{name}{_LOW}", None if found is None else finite(found.low)
        yield f"{name}{_HIGH}", None if found is None else finite(found.high)
