"""May the rollout go on from a stage? Its exit gate and the entry gate of the next, measured as `rollout check` does.

A gate is measured at the stage that it looks at, with the capacity that was planned for it; what it decides is the stage
that it would let in. An approval is not simulated: it is asked for in time, and the decision waits for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from simulator.compiler.demand import stage_start
from simulator.scenario.calendar import approval_s
from simulator.scenario.model import Scenario, Stage
from simulator.studies.common.criteria import gate_criteria
from simulator.studies.common.objectives import Decision
from simulator.studies.common.replications import Replications
from simulator.studies.common.replicator import Replicator
from simulator.studies.common.sequential_verdicts import CriterionVerdict, looks

_MAX_RUNS = 32

Gate = Literal["exit", "entry"]


@dataclass(frozen=True)
class GateVerdict:
    """One condition of a gate.

    Attributes
    ----------
    gate : `exit` of the stage that was measured, or `entry` of the one after it
    measured_at : that stage
    """

    gate: Gate
    measured_at: str
    found: CriterionVerdict


@dataclass(frozen=True)
class ApprovalNeeded:
    """Somebody who must say yes before a stage begins."""

    by: str
    ask_by: date  # so that the answer is there when the stage begins


def gate_verdicts(replicator: Replicator, planned: Scenario, stage: Stage) -> tuple[GateVerdict, ...]:
    """Whether the rollout may go on from a stage: every condition of both gates behind it.

    Parameters
    ----------
    planned : the scenario with the capacity of the stage, without incidents
    """
    criteria = gate_criteria(planned, stage)
    if not criteria:
        return ()
    found = Replications(planned, replicator.runner, stage.name, planned.seed)
    *_, (_, verdicts) = looks(found, [one for _, one in criteria], replicator.min_runs, _MAX_RUNS)
    replicator.n_runs += len(found.results)
    gates = {criterion.subject: gate for gate, criterion in criteria}
    return tuple(GateVerdict(gates[found.criterion.subject], stage.name, found) for found in verdicts)


def approval_needed(scenario: Scenario, stage: Stage) -> ApprovalNeeded | None:
    """Who must approve a stage, and until when they are to be asked; None: nobody."""
    if stage.gates is None or stage.gates.approval is None:
        return None
    asked = stage_start(scenario, stage) - timedelta(seconds=approval_s(stage))
    return ApprovalNeeded(stage.gates.approval.by, asked.date())


def let_in(decision: Decision, gates: Sequence[GateVerdict]) -> Decision:
    """The decision on a stage, given the gates in front of it."""
    verdicts = {gate.found.verdict for gate in gates}
    if decision == "NO-GO" or "FAIL" in verdicts:
        return "NO-GO"
    return "UNDECIDED" if "UNDECIDED" in verdicts else decision
