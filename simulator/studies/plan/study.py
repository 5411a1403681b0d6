"""Plan a rollout: every stage in its order, what to buy before it, what it costs, and whether to go.

Read `simulator.studies.plan.stages` next: it plans one stage.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from simulator.economics.price_book import price_book
from simulator.engine import Cancelled, Runner
from simulator.errors import InvalidScenarioError
from simulator.scenario.contingency_places import cases_of
from simulator.scenario.model import Scenario, Stage
from simulator.studies.capacity.knobs import present_amounts, with_amounts
from simulator.studies.common.replicator import MIN_RUNS, Replicator
from simulator.studies.plan.gates import GateVerdict, gate_verdicts, let_in
from simulator.studies.plan.readiness import decided_with, readiness_of
from simulator.studies.plan.report import Plan, StagePlan
from simulator.studies.plan.stages import plan_stage

_STEPS = 100  # of progress per stage
_USUAL_SETTINGS = 12.0  # simulated for one stage; only the progress bar believes it


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


def plan(scenario: Scenario, options: PlanOptions, runner: Runner) -> Plan:
    """Plan the stages of a rollout; of its incidents only those play that `capacity.survive` names.

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
    begin = time.perf_counter()
    cases = {stage.name: cases_of(scenario, stage.name) for stage in scenario.stages}
    whole, scenario = scenario, scenario.without_incidents()
    wanted = [stage for stage in scenario.stages if options.stages is None or stage.name in options.stages]
    unknown = sorted(set(options.stages or ()) - {stage.name for stage in wanted})
    if unknown or not wanted:
        known = ", ".join(stage.name for stage in scenario.stages) or "none"
        raise PlanError(f"no stage {', '.join(unknown) or 'to plan'}; stages of the scenario: {known}")
    book = price_book(scenario)
    replicator = Replicator(runner, options.min_runs)
    before = present_amounts(scenario, [knob.path for knob in scenario.capacity.knobs])
    finished: list[StagePlan] = []
    gates: dict[str | None, tuple[GateVerdict, ...]] = {}  # in front of the stage
    interrupted = False
    for index, stage in enumerate(wanted):

        def told(what: str, n_settings: int, index: int = index, name: str = stage.name) -> None:
            part = 1.0 - math.exp(-n_settings / _USUAL_SETTINGS)
            label = f"{name}: {what}, {n_settings} setting{'s' if n_settings != 1 else ''}"
            runner.progress(index * _STEPS + int(_STEPS * part), len(wanted) * _STEPS, label)

        try:
            planned = plan_stage(replicator, scenario, stage, book, before, told, cases[stage.name])
            planned = _with_readiness(runner, whole, planned, told)
            finished.append(_behind(planned, gates.get(stage.name, ())))
            if index + 1 < len(wanted):
                capable = with_amounts(scenario, planned.capacity)
                gates[_next(scenario, stage)] = gate_verdicts(replicator, capable, stage)
        except Cancelled:
            interrupted = True
            break
        if planned.is_feasible:
            before = _most(before, planned.capacity)
        runner.progress((index + 1) * _STEPS, len(wanted) * _STEPS, stage.name)
    return Plan(tuple(finished), interrupted, time.perf_counter() - begin)


def _with_readiness(
    runner: Runner, scenario: Scenario, planned: StagePlan, told: Callable[[str, int], None]
) -> StagePlan:
    """The stage with its checklist, measured with the capacity that was found, and counted in its decision."""

    def measuring(_done: int, _total: int, what: str) -> None:
        told(what, planned.n_settings)

    capable = with_amounts(scenario, planned.capacity)
    per_success_usd = planned.cost.per_successful_action_usd
    items = readiness_of(capable, planned.name, per_success_usd, runner.telling(measuring))
    return replace(planned, readiness=items, decision=decided_with(planned.decision, items))


def _behind(planned: StagePlan, gates: Sequence[GateVerdict]) -> StagePlan:
    """A stage with the gates in front of it, and what they make of its decision."""
    return replace(planned, gates=tuple(gates), decision=let_in(planned.decision, gates))


def _next(scenario: Scenario, stage: Stage) -> str | None:
    names = [one.name for one in scenario.stages]
    place = names.index(stage.name) + 1
    return names[place] if place < len(names) else None


def _most(
    before: Mapping[str, Mapping[str, float]], planned: Mapping[str, Mapping[str, float]]
) -> dict[str, dict[str, float]]:
    """What is in place after a stage: nothing is given back."""
    return {
        path: {region: max(amount, planned[path][region]) for region, amount in by_region.items()}
        for path, by_region in before.items()
    }
