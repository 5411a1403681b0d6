"""How long is each stage of a rollout, with what is waited for between two of them?

A stage goes on while the next one waits for its pause, for an approval, or for what must be handed in before it, so that
stages neither overlap nor leave gaps. Before the first there is nothing: it begins the later.
"""

from datetime import UTC, datetime, time

from simulator.scenario.deliverables import ready_to_begin
from simulator.scenario.model import Scenario, Stage


def stage_length_s(scenario: Scenario, stage: Stage) -> float:
    """From a stage's begin to that of the next: its duration, its pause, and what the next one waits for."""
    place = [one.name for one in scenario.stages].index(stage.name)
    return _lengths_s(scenario)[place]


def stage_offset_s(scenario: Scenario, stage: Stage) -> float:
    """From the scenario's start to that of a stage."""
    place = [one.name for one in scenario.stages].index(stage.name)
    first = scenario.stages[0]
    return approval_s(first) + waits_s(scenario, first, approval_s(first)) + sum(_lengths_s(scenario)[:place])


def approval_s(stage: Stage) -> float:
    """How long a stage waits for its approval."""
    return 0.0 if stage.gates is None or stage.gates.approval is None else stage.gates.approval.takes


def waits_s(scenario: Scenario, stage: Stage, offset_s: float) -> float:
    """How long a stage that would begin so long after the scenario's start waits for what must be handed in before it."""
    if not any(item.due is not None for item in scenario.readiness.attested.values()):
        return 0.0
    blocked = ready_to_begin(scenario, stage)
    if blocked is None:
        return 0.0
    start = datetime.combine(scenario.start, time(), UTC)
    return max(0.0, (datetime.combine(blocked[0], time(), UTC) - start).total_seconds() - offset_s)


def stage_wait_s(scenario: Scenario, stage: Stage) -> float:
    """How long a stage waits for what must be handed in, beyond all else that it waits for."""
    place = [one.name for one in scenario.stages].index(stage.name)
    if place == 0:
        return waits_s(scenario, stage, approval_s(stage))
    before = scenario.stages[place - 1]
    pause_s = 0.0 if before.gates is None else before.gates.pause
    return stage_length_s(scenario, before) - before.duration - pause_s - approval_s(stage)


def _lengths_s(scenario: Scenario) -> list[float]:
    """Lengths of all stages, in their order."""
    first = scenario.stages[0]
    offset_s = approval_s(first) + waits_s(scenario, first, approval_s(first))
    lengths_s = []
    for stage, after in zip(scenario.stages, [*scenario.stages[1:], None], strict=True):
        length_s = stage.duration + (0.0 if stage.gates is None else stage.gates.pause)
        if after is not None:
            length_s += approval_s(after)
            length_s += waits_s(scenario, after, offset_s + length_s)
        lengths_s.append(length_s)
        offset_s += length_s
    return lengths_s
