"""Is there a stage that includes what must hold? Of what no stage includes nothing would ever be observed."""

from collections.abc import Iterator

from simulator.metrics.dimensions import REGION, STAGE, WORKLOAD
from simulator.scenario.check.diagnostics import Finding
from simulator.scenario.model import Scenario, Stage
from simulator.scenario.read.yaml_source import Path_
from simulator.scenario.thresholds import EVERY, parse_threshold_name


def check_included(scenario: Scenario) -> Iterator[Finding]:
    """Findings about objectives and thresholds of a workload or a region that their stages leave out."""
    if not scenario.stages:
        return
    for index, slo in enumerate(scenario.slos):
        if slo.workload is not None:
            yield from _left_out(("slos", index, "workload"), scenario.stages, slo.workload, None)
    for text in scenario.thresholds:
        labels = parse_threshold_name(text).labels
        asked = labels.get(STAGE.name, EVERY)
        stages = [stage for stage in scenario.stages if asked in (EVERY, stage.name)]
        workload, region = labels.get(WORKLOAD.name), labels.get(REGION.name)
        yield from _left_out(
            ("thresholds", text),
            stages,
            None if workload == EVERY else workload,
            None if region == EVERY else region,
        )


def _left_out(
    path: Path_, stages: list[Stage], workload: str | None, region: str | None
) -> Iterator[Finding]:
    nothing = "so that nothing would be observed"
    if workload is not None and not any(
        stage.workloads is None or workload in stage.workloads for stage in stages
    ):
        hint = "add it to the `workloads` of a stage, or remove what must hold for it"
        yield Finding(path, f"no stage includes the workload `{workload}`, {nothing}", hint)
    if region is not None and not any(_exposure(stage, region) > 0.0 for stage in stages):
        hint = "give a stage an `exposure` there, or remove what must hold for it"
        yield Finding(path, f"no stage exposes users in `{region}`, {nothing}", hint)


def _exposure(stage: Stage, region: str) -> float:
    return stage.exposure.get(region, 0.0) if isinstance(stage.exposure, dict) else stage.exposure
