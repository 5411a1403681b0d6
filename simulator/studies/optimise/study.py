"""The question of `rollout optimise`: which settings are Pareto-optimal, by several goals under constraints?"""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from simulator.studies.base import Option
from simulator.studies.sweep.study import PointsStudy

if TYPE_CHECKING:
    from simulator.engine import Runner
    from simulator.scenario.read.load import LoadedScenario
    from simulator.studies.optimise.report import OptimiseReport


@dataclass(frozen=True)
class OptimiseStudy(PointsStudy["OptimiseReport"]):
    """Search for Pareto-optimal points, by several goals under constraints."""

    verb: ClassVar[str] = "optimise"

    _: KW_ONLY
    subject_to: Annotated[
        Sequence[str],
        Option("What must hold, e.g. 'success_rate >= 0.9'; may be repeated.", metavar="LIMIT"),
    ] = ()
    points: Annotated[int, Option("Points tried at most.", metavar="N", min=1, max=100_000)] = 64

    def run(self, loaded: "LoadedScenario", runner: "Runner") -> "OptimiseReport":
        """Propose points and simulate those that are not in the folder yet."""
        from simulator.studies.optimise.optimise import optimise

        return optimise(loaded, self, runner)
