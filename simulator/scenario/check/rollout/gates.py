"""Do gates look at metrics and parts of the scenario that exist, and is there a stage that they are between?"""

from collections.abc import Iterator

from simulator.scenario.check.diagnostics import Finding
from simulator.scenario.check.rollout.thresholds import check_criterion
from simulator.scenario.model import Scenario
from simulator.scenario.read.yaml_source import Path_
from simulator.scenario.thresholds import ThresholdNameError, parse_threshold_name


def check_gates(scenario: Scenario) -> Iterator[Finding]:
    """Findings about the gates of stages."""
    last = len(scenario.stages) - 1
    for index, stage in enumerate(scenario.stages):
        if stage.gates is None:
            continue
        path: Path_ = ("stages", index, "gates")
        if stage.gates.model_fields_set == set():
            yield Finding(path, "is empty", "give `entry`, `exit`, `pause` or `approval`, or leave it out")
        if stage.gates.entry and index == 0:
            yield Finding((*path, "entry"), "there is no stage before this one to look at", "use `exit`")
        if stage.gates.exit and index == last:
            yield Finding(
                (*path, "exit"), "there is no stage after this one to hold back", "use `slos` or `thresholds`"
            )
        for side in ("entry", "exit"):
            for text, objectives in getattr(stage.gates, side).items():
                yield from _condition((*path, side, text), text)
                yield from check_criterion(scenario, (*path, side, text), text, objectives)


def _condition(path: Path_, text: str) -> Iterator[Finding]:
    """A gate looks at one stage, which its place says."""
    try:
        name = parse_threshold_name(text)
    except ThresholdNameError:
        return  # told by `check_criterion`
    if "stage" in name.labels:
        yield Finding(path, "a gate looks at the stage it stands at", "remove the label `stage`")
