"""The question of `rollout sweep`: how does the scenario answer at many points, and which of them are Pareto-optimal?"""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

from simulator.studies.base import Option, ReportT, Study, check_stage
from simulator.studies.sweep.design_kind import DesignKind

if TYPE_CHECKING:
    from simulator.engine import Runner
    from simulator.scenario.model import Scenario
    from simulator.scenario.read.load import LoadedScenario
    from simulator.studies.sweep.report import Goal, SweepReport


def _shard(text: str) -> tuple[int, int]:
    from simulator.studies.sweep.designs import parse_shard

    return parse_shard(text)


@dataclass(frozen=True)
class PointsStudy(Study[ReportT]):
    """What a sweep and a search have in common: what is varied, how each point is run, and what is wanted.

    In Python `vary` may also be a mapping: `{"services.desk.replicas": [2, 3], "caches.answers.ttl": "lognormal(1m,1h)"}`.
    """

    vary: Annotated[
        Sequence[str] | Mapping[str, str | Sequence[object]],
        Option(
            "What to vary: a list (a.b=1,2,3), whole numbers (a.b=1..9 by 2) or a distribution "
            "(a.b=uniform(1m, 5m)); may be repeated.",
            metavar="PATH=VALUES",
        ),
    ]
    out: Annotated[
        Path | str, Option("Folder that keeps the points.", metavar="DIR", is_folder=True, in_app=False)
    ]
    _: KW_ONLY
    stage: Annotated[
        str | None,
        Option("Stage whose demand is simulated.", metavar="NAME", shown_default="full exposure"),
    ] = None
    replications: Annotated[
        int, Option("Runs of every point, each with its own seed.", metavar="N", min=1, max=1000)
    ] = 5
    minimise: Annotated[
        Sequence[str],
        Option("A response to be low, e.g. latency.p95; may be repeated.", metavar="NAME"),
    ] = ()
    maximise: Annotated[Sequence[str], Option("A response to be high; may be repeated.", metavar="NAME")] = ()
    executor: Annotated[
        str,
        Option(
            "Where points are simulated: threads, processes, or dask://HOST:PORT.",
            metavar="WHERE",
            in_app=False,
        ),
    ] = "threads"
    workers: Annotated[
        int | None,
        Option(
            "Points simulated at the same time.",
            metavar="N",
            shown_default="all cores",
            min=1,
            max=256,
            in_app=False,
        ),
    ] = None
    threads: int | None = field(init=False, repr=False, default=None)  # as many as workers

    def __post_init__(self) -> None:
        """A worker is a thread."""
        object.__setattr__(self, "threads", self.workers)

    def check(self, scenario: "Scenario") -> None:
        """Complain about a stage that is not there."""
        check_stage(scenario, self.stage)

    @property
    def folder(self) -> Path:
        """Where points are kept."""
        return Path(self.out)

    @property
    def vary_texts(self) -> list[str]:
        """What is varied, as on the command line."""
        if not isinstance(self.vary, Mapping):
            return list(self.vary)
        return [
            f"{path}={values if isinstance(values, str) else ','.join(map(str, values))}"
            for path, values in self.vary.items()
        ]

    @property
    def goals(self) -> "list[Goal]":
        """Responses to be low, and to be high."""
        from simulator.studies.sweep.report import Goal

        low = [Goal(response=name, direction="minimise") for name in self.minimise]
        return low + [Goal(response=name, direction="maximise") for name in self.maximise]


@dataclass(frozen=True)
class SweepStudy(PointsStudy["SweepReport"]):
    """Run a scenario at many points and keep every one; what was run before is not run again."""

    verb: ClassVar[str] = "sweep"

    _: KW_ONLY
    design: Annotated[str, Option("How points are chosen.", choices=DesignKind)] = DesignKind.GRID
    points: Annotated[
        int | None,
        Option("Points of lhs and sobol, at most of saltelli; levels in a grid.", metavar="N"),
    ] = None
    csv: Annotated[
        Path | str | None,
        Option(
            "Points from a file: a column per path, a row per point.",
            metavar="FILE",
            is_input=True,
            in_app=False,
        ),
    ] = None
    resume: Annotated[
        bool, Option("Go on with the sweep in the folder; another one is an error.", in_app=False)
    ] = False
    shard: Annotated[
        tuple[int, int] | None,
        Option("Only this part of the points; see merge.", metavar="K/N", parse=_shard, in_app=False),
    ] = None

    def run(self, loaded: "LoadedScenario", runner: "Runner") -> "SweepReport":
        """Simulate every point that is not in the folder yet."""
        from simulator.studies.sweep.sweep import sweep

        return sweep(loaded, self, runner)
