"""The points of a sweep as runs: each checked before the first is simulated, and with the key it is kept under."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from simulator.compiler.external_files import check_external_files
from simulator.economics.price_book import price_book
from simulator.engine import Runner
from simulator.scenario.files import file_digest
from simulator.scenario.read.errors import ScenarioError
from simulator.scenario.read.load import LoadedScenario, with_overrides
from simulator.scenario.read.overrides import given_by
from simulator.studies.run.execution import RunParts, RunSpec, execute, run_identity
from simulator.studies.sweep.designs import Values
from simulator.studies.sweep.parameters import Parameter

VARY = "--vary"
_MAX_PROBLEMS = 10
_KEPT = 256  # runs of points: those of a sweep of usual size are checked once, for their keys and to be run


@dataclass(frozen=True)
class Point:
    """One point: its number in the design, its values, and the key of its run."""

    index: int
    values: Values
    key: str


class PointMaker:
    """Makes the run of any point of a scenario, without reading its files again.

    Parameters
    ----------
    loaded : what is varied
    factors : at which paths
    stage, replications : of every point; replication k has the scenario's seed + k at every point
    """

    def __init__(
        self, loaded: LoadedScenario, factors: Sequence[Parameter], stage: str | None, replications: int
    ) -> None:
        self.factors = tuple(factors)
        self._loaded = loaded
        self._stage = stage
        self._replications = replications
        self._digest_of: Callable[[Path], str] = cache(file_digest)
        self._made: Callable[[Values], RunSpec] = lru_cache(_KEPT)(self._make)

    def spec(self, values: Values) -> RunSpec:
        """The run of a point, made again only where it was not made lately.

        Raises
        ------
        ScenarioError
            If the scenario is not valid with these values; the messages name `--vary`.
        """
        return self._made(values)

    def _make(self, values: Values) -> RunSpec:
        overrides = [factor.override(value) for factor, value in zip(self.factors, values, strict=True)]
        try:
            loaded = with_overrides(self._loaded, overrides)
            check_external_files(loaded)
        except ScenarioError as error:
            raise given_by(VARY, error) from None
        scenario = loaded.scenario
        seeds = tuple(range(scenario.seed, scenario.seed + self._replications))
        return RunSpec(loaded.at_stage(self._stage).scenario, loaded.base_dir, self._stage, seeds)

    def key(self, values: Values) -> str:
        """The key of a point's run."""
        spec = self.spec(values)
        return run_identity(spec, price_book(spec.scenario), self._digest_of).key

    def points(self, design: Sequence[Values], runner: Runner) -> list[Point]:
        """All points of a design; errors of several are reported together.

        Raises
        ------
        ScenarioError
            If the scenario is not valid at some points.
        """
        points: list[Point] = []
        problems: Mapping[str, ScenarioError] = {}
        for index, values in enumerate(design):
            if runner.cancel.is_set() or len(problems) >= _MAX_PROBLEMS:
                break
            try:
                points.append(Point(index, values, self.key(values)))
            except ScenarioError as error:
                problems = {str(error): error, **problems}
        if problems:
            raise ScenarioError([problem for error in problems.values() for problem in error.problems])
        return points


@dataclass(frozen=True)
class PointTask:
    """A point and its run, as they are sent to a worker."""

    point: Point
    spec: RunSpec


def compute(task: PointTask, cancel: threading.Event | None = None) -> RunParts:
    """Simulate a point on one thread: what a worker does, wherever it is."""
    runner = Runner(n_threads=1, cancel=cancel or threading.Event())
    return execute(task.spec, price_book(task.spec.scenario), runner)
