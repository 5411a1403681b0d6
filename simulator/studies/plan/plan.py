"""Plan a rollout: every stage in its order, what to buy before it, what it costs, and whether to go.

Read `simulator.studies.plan.stages` next: it plans one stage.
"""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulator.economics.price_book import price_book
from simulator.engine import Cancelled, Runner
from simulator.errors import InvalidScenarioError
from simulator.scenario.model import Scenario, Stage
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.capacity.knobs import Amounts, present_amounts, with_amounts
from simulator.studies.common.left_out import left_out_of_plan
from simulator.studies.common.priced import priced
from simulator.studies.common.replicator import MIN_RUNS, Replicator
from simulator.studies.common.step_times import step_times
from simulator.studies.common.verdicts.objectives import Decision
from simulator.studies.plan.basis import Plan, StageBasis
from simulator.studies.plan.findings import GateCondition
from simulator.studies.plan.gates import gate_verdicts
from simulator.studies.plan.ranges.bands import stage_ranges
from simulator.studies.plan.ranges.uncertainty import PlanUncertainty, plan_uncertainty
from simulator.studies.plan.report import PlanReport, StagePlan
from simulator.studies.plan.stages import Planner, Told
from simulator.studies.plan.study import PlanStudy

_STEPS = 100  # of progress per stage
_USUAL_SETTINGS = 12.0  # simulated for one stage; only the progress bar believes it
_WORST_FIRST: tuple[Decision, ...] = ("NO-GO", "UNDECIDED", "GO")


class PlanError(InvalidScenarioError):
    """A scenario that cannot be planned."""


@dataclass(frozen=True)
class PlanOptions:
    """How to plan.

    Attributes
    ----------
    stages : names of those to plan; None: all
    min_runs : replications of every window at least
    """

    stages: Sequence[str] | None = None
    min_runs: int = MIN_RUNS


def plan_scenario(loaded: LoadedScenario, study: PlanStudy, runner: Runner) -> PlanReport:
    """Plan every stage, and draw its uncertain inputs; when cancelled, report the stages that were finished."""
    begin_s = time.perf_counter()
    scenario = loaded.scenario
    min_runs = MIN_RUNS if study.replications is None else study.replications
    planned = plan(scenario, PlanOptions(min_runs=min_runs), runner)
    drawn = None if planned.interrupted else plan_uncertainty(scenario, planned, study.draws, runner)
    stages = _with_ranges(planned.stages, drawn)
    decisions = {stage.decision for stage in stages}
    is_cut = runner.cancel.is_set() if drawn is None else drawn.interrupted
    return PlanReport(
        **priced(scenario, price_book(scenario), loaded.base_dir),
        profiles=step_times(scenario, loaded.base_dir),
        seed=scenario.seed,
        replications=min_runs,
        n_runs=sum(stage.n_runs for stage in stages),
        decision=None
        if planned.interrupted
        else next((word for word in _WORST_FIRST if word in decisions), None),
        stages=stages,
        n_draws=0 if drawn is None else len(drawn.factors),
        left_out=left_out_of_plan(scenario),
        interrupted=planned.interrupted or is_cut,
        wall_s=time.perf_counter() - begin_s,
    )


def plan(scenario: Scenario, options: PlanOptions, runner: Runner) -> Plan:
    """Plan the stages of a rollout; of its incidents only drifts play, and those that `capacity.survive` names.

    When cancelled, the stages that were finished come back. A plan does not know its length beforehand, so its progress
    creeps towards the end of a stage and then jumps there.

    Parameters
    ----------
    scenario : checked scenario with stages

    Raises
    ------
    PlanError : no stages, or none of that name.
    KnobError : a knob that names nothing that can be bought.
    """
    wanted = _wanted(scenario, options.stages)
    replicator = Replicator(runner, options.min_runs)
    before: Amounts = present_amounts(scenario, [knob.path for knob in scenario.capacity.knobs])
    finished: list[tuple[StagePlan, StageBasis]] = []
    gates: dict[str | None, tuple[GateCondition, ...]] = {}  # in front of the stage
    interrupted = False
    for index, stage in enumerate(wanted):
        try:
            told = _told(runner, index, len(wanted), stage.name)
            planner = Planner.at(scenario, stage, replicator)
            planned, basis = planner.plan(stage, before, gates.get(stage.name, ()), told)
            finished.append((planned, basis))
            if index + 1 < len(wanted):
                capable = with_amounts(planner.calm, planned.capacity)
                gates[_next(scenario, stage)] = gate_verdicts(replicator, capable, stage)
        except Cancelled:
            interrupted = True
            break
        if planned.is_feasible:
            before = _most(before, planned.capacity)
        runner.progress((index + 1) * _STEPS, len(wanted) * _STEPS, stage.name)
    return Plan(tuple(of for of, _ in finished), tuple(of for _, of in finished), interrupted)


def _wanted(scenario: Scenario, names: Sequence[str] | None) -> list[Stage]:
    found = [stage for stage in scenario.stages if names is None or stage.name in names]
    unknown = sorted(set(names or ()) - {stage.name for stage in found})
    if unknown or not found:
        known = ", ".join(stage.name for stage in scenario.stages) or "none"
        raise PlanError(f"no stage {', '.join(unknown) or 'to plan'}; stages of the scenario: {known}")
    return found


def _told(runner: Runner, index: int, n_stages: int, name: str) -> Told:
    """How a stage tells its progress."""

    def told(what: str, n_settings: int) -> None:
        part = 1.0 - math.exp(-n_settings / _USUAL_SETTINGS)
        label = f"{name}: {what}, {n_settings} setting{'s' if n_settings != 1 else ''}"
        runner.progress(index * _STEPS + int(_STEPS * part), n_stages * _STEPS, label)

    return told


def _next(scenario: Scenario, stage: Stage) -> str | None:
    names = [one.name for one in scenario.stages]
    place = names.index(stage.name) + 1
    return names[place] if place < len(names) else None


def _most(before: Amounts, planned: Amounts) -> Mapping[str, Mapping[str, float]]:
    """What is in place after a stage: nothing is given back."""
    return {
        path: {region: max(amount, planned[path][region]) for region, amount in by_region.items()}
        for path, by_region in before.items()
    }


def _with_ranges(stages: Sequence[StagePlan], drawn: PlanUncertainty | None) -> tuple[StagePlan, ...]:
    if drawn is None:
        return tuple(stages)
    return tuple(
        stage.model_copy(update={"ranges": stage_ranges(drawn, of)})
        for stage, of in zip(stages, drawn.stages, strict=True)
    )
