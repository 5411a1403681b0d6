"""How long is each stage of a rollout, with what is waited for between two of them?

A stage goes on while the next one waits for its pause or for an approval, so that stages neither overlap nor leave
gaps. Before the first there is nothing: it begins the later.
"""

from simulator.scenario.model import Scenario, Stage


def stage_length_s(scenario: Scenario, stage: Stage) -> float:
    """From a stage's begin to that of the next: its duration, its pause, and the next one's approval."""
    place = [one.name for one in scenario.stages].index(stage.name)
    after = scenario.stages[place + 1] if place + 1 < len(scenario.stages) else None
    pause_s = 0.0 if stage.gates is None else stage.gates.pause
    return stage.duration + pause_s + (0.0 if after is None else approval_s(after))


def stage_offset_s(scenario: Scenario, stage: Stage) -> float:
    """From the scenario's start to that of a stage."""
    offset_s = approval_s(scenario.stages[0])
    for earlier in scenario.stages:
        if earlier.name == stage.name:
            break
        offset_s += stage_length_s(scenario, earlier)
    return offset_s


def approval_s(stage: Stage) -> float:
    """How long a stage waits for its approval."""
    return 0.0 if stage.gates is None or stage.gates.approval is None else stage.gates.approval.takes
