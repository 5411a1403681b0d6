"""May the rollout go on from a stage? Its exit gate and the entry gate of the next, measured as `rollout check` does.

A gate is measured at the stage that it looks at, with the capacity that was planned for it; what it decides is the stage
that it would let in. An approval is not simulated: it is asked for in time, and the decision waits for it.
"""

from collections.abc import Sequence
from datetime import timedelta
from math import ceil

from simulator.compiler.stage_shares import stage_start
from simulator.mechanisms.local_time import DAY_S
from simulator.scenario.calendar import approval_s, stage_wait_s
from simulator.scenario.deliverables import ready_to_begin
from simulator.scenario.model import Scenario, Stage
from simulator.studies.common.replications import Replications
from simulator.studies.common.replicator import Replicator
from simulator.studies.common.verdicts.criteria import gate_criteria
from simulator.studies.common.verdicts.objectives import Decision
from simulator.studies.common.verdicts.sequential_verdicts import looks
from simulator.studies.plan.findings import ApprovalNeeded, GateCondition, WaitsFor

_MAX_RUNS = 32


def gate_verdicts(replicator: Replicator, planned: Scenario, stage: Stage) -> tuple[GateCondition, ...]:
    """Whether the rollout may go on from a stage: every condition of both gates behind it.

    Parameters
    ----------
    planned : the scenario with the capacity of the stage, without incidents
    """
    criteria = gate_criteria(planned, stage)
    if not criteria:
        return ()
    found = Replications(planned, replicator.runner, stage.name, planned.seed, bills_month=True)
    *_, (_, verdicts) = looks(found, [one for _, one in criteria], replicator.min_runs, _MAX_RUNS)
    replicator.n_runs += len(found.results)
    gates = {criterion.subject: gate for gate, criterion in criteria}
    return tuple(
        GateCondition.of(one, gate=gates[one.criterion.subject], measured_at=stage.name) for one in verdicts
    )


def approval_needed(scenario: Scenario, stage: Stage) -> ApprovalNeeded | None:
    """Who must approve a stage, and until when they are to be asked; None: nobody."""
    if stage.gates is None or stage.gates.approval is None:
        return None
    asked = stage_start(scenario, stage) - timedelta(seconds=approval_s(stage))
    return ApprovalNeeded(by=stage.gates.approval.by, ask_by=asked.date())


def waits_for(scenario: Scenario, stage: Stage) -> WaitsFor | None:
    """What a stage waits for beyond the stages, pauses and approvals before it; None: nothing."""
    blocked = ready_to_begin(scenario, stage)
    waited_s = stage_wait_s(scenario, stage)
    if blocked is None or waited_s <= 0.0:
        return None
    return WaitsFor(days=ceil(waited_s / DAY_S), path=blocked[1])


def let_in(decision: Decision, gates: Sequence[GateCondition]) -> Decision:
    """The decision on a stage, given the gates in front of it."""
    verdicts = {gate.verdict for gate in gates}
    if decision == "NO-GO" or "FAIL" in verdicts:
        return "NO-GO"
    return "UNDECIDED" if "UNDECIDED" in verdicts else decision
