"""A scenario in Python, with the verbs of the command line that simulate.

Each returns a report: the document that the verb prints with `--json`, typed, with `.to_frame()` and `.figure()`.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from simulator.compiler.external_files import check_external_files
from simulator.engine import Runner, threads_or_all
from simulator.scenario.model import Scenario
from simulator.scenario.read.load import LoadedScenario
from simulator.scenario.read.overrides import override_texts
from simulator.studies.backtest.study import BacktestStudy
from simulator.studies.base import SelfMade, Study
from simulator.studies.bridge.study import BridgeStudy
from simulator.studies.calibrate.study import CalibrateStudy
from simulator.studies.canary.study import CanaryStudy
from simulator.studies.check.study import CheckStudy
from simulator.studies.cliff.study import CliffStudy
from simulator.studies.compare.report import CompareReport
from simulator.studies.compare.study import CompareStudy
from simulator.studies.cost.study import CostStudy
from simulator.studies.drift.study import DriftStudy
from simulator.studies.drill.study import DrillStudy
from simulator.studies.flow.study import FlowStudy
from simulator.studies.inputs.imported.imported import ImportedScenario, imported
from simulator.studies.inputs.scenario_file import load_scenario_file
from simulator.studies.optimise.study import OptimiseStudy
from simulator.studies.plan.study import PlanStudy
from simulator.studies.registry import STUDIES, study_class
from simulator.studies.report import Report
from simulator.studies.run.study import RunStudy
from simulator.studies.size.study import SizeStudy
from simulator.studies.sweep.study import SweepStudy
from simulator.studies.track.study import TrackStudy
from simulator.studies.what_if.study import WhatIfStudy

P = ParamSpec("P")
ReportT = TypeVar("ReportT", bound=Report)
Overrides = Mapping[str, object] | Sequence[str]


def load(path: str | os.PathLike[str], overrides: Overrides = ()) -> "Rollout":
    """Read and check a scenario file.

    Parameters
    ----------
    path : of a YAML or JSON file
    overrides : values that replace those of the file: `{"window.duration": "2h"}` or `["window.duration=2h"]`

    Raises
    ------
    ScenarioError
        With every mistake found, each with file, line and column.
    """
    return Rollout(Path(path), override_texts(overrides))


def _method(study: Callable[P, Study[ReportT]]) -> "Callable[Concatenate[Rollout, P], ReportT]":
    """The method that asks a study's question: it takes the study's options, and is typed by them."""

    def ask(rollout: "Rollout", /, *args: P.args, **options: P.kwargs) -> ReportT:
        return rollout.study(study(*args, **options))

    ask.__doc__ = study.__doc__
    return ask


class Rollout:
    """A checked scenario, ready to be simulated. It never changes: `with_values` makes another one."""

    def __init__(self, path: Path, overrides: Sequence[str] = ()) -> None:
        self.path = path
        self.overrides = tuple(overrides)
        self._loaded = load_scenario_file(path, self.overrides)
        check_external_files(self._loaded)

    def __repr__(self) -> str:
        """Show how it was loaded."""
        return f"<Rollout {self.scenario.metadata.name!r} of {str(self.path)!r}>"

    @property
    def scenario(self) -> Scenario:
        """Every value of the scenario, defaults included."""
        return self._loaded.scenario

    @property
    def loaded(self) -> LoadedScenario:
        """The scenario with the place of every value."""
        return self._loaded

    @property
    def stages(self) -> tuple[str, ...]:
        """Names of the stages, in their order."""
        return tuple(stage.name for stage in self.scenario.stages)

    def with_values(self, overrides: Overrides) -> "Rollout":
        """The same file with further values replaced."""
        return Rollout(self.path, [*self.overrides, *override_texts(overrides)])

    def study(self, study: Study[ReportT]) -> ReportT:
        """Answer the question of any study, e.g. `DriftStudy(stage="pilot")`."""
        study.check(self.scenario)
        return study.run(self._loaded, Runner(self._loaded.base_dir, threads_or_all(study.threads)))

    run = _method(RunStudy)
    check = _method(CheckStudy)
    drill = _method(DrillStudy)
    cliff = _method(CliffStudy)
    backtest = _method(BacktestStudy)
    calibrate = _method(CalibrateStudy)
    canary = _method(CanaryStudy)
    drift = _method(DriftStudy)
    cost = _method(CostStudy)
    bridge = _method(BridgeStudy)
    flow = _method(FlowStudy)
    optimise = _method(OptimiseStudy)
    plan = _method(PlanStudy)
    sweep = _method(SweepStudy)
    track = _method(TrackStudy)
    what_if = _method(WhatIfStudy)

    if not TYPE_CHECKING:  # a checker knows the methods above; a study that was added has one all the same

        def __getattr__(self, name: str) -> Callable[..., Report]:
            """The method of a registered study that is not listed above."""
            verb = name.replace("_", "-")
            if verb not in STUDIES or issubclass(study_class(verb), SelfMade):
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            return partial(_method(study_class(verb)), self)

    def compare(
        self,
        head: "Rollout | str | os.PathLike[str]",
        *,
        stages: Sequence[str] | None = None,
        replications: int = 8,
        budget: int = 32,
        tolerance: float = 0.05,
        threads: int | None = None,
    ) -> CompareReport:
        """What `head` makes worse or better against this scenario, as `rollout compare` does."""
        other = head if isinstance(head, Rollout) else load(head)
        return other.study(
            CompareStudy(
                base=self,
                stages=stages,
                replications=replications,
                budget=budget,
                tolerance=tolerance,
                threads=threads,
            )
        )


def _question(study: Callable[P, SelfMade[ReportT]]) -> Callable[P, ReportT]:
    """The function that asks a question for which nobody needs a scenario, typed by the study's options."""

    def ask(*args: P.args, **options: P.kwargs) -> ReportT:
        asked = study(*args, **options)
        loaded = asked.made()
        asked.check(loaded.scenario)
        return asked.run(loaded, _runner(asked.threads))

    ask.__doc__ = study.__doc__
    return ask


size = _question(SizeStudy)


def import_configs(paths: Sequence[str | os.PathLike[str]], name: str = "imported") -> ImportedScenario:
    """A scenario from what other tools configure (LiteLLM, vLLM, Ray Serve, Argo …), as `rollout import` writes it.

    Parameters
    ----------
    name : of the scenario

    Raises
    ------
    ConfigError
        If a file cannot be read, or none says anything that a scenario can.
    """
    return imported([Path(path) for path in paths], name, Path())


def _runner(threads: int | None) -> Runner:
    return Runner(n_threads=threads_or_all(threads))
