"""Is everything there before a stage? The checklist, measured at the stage with the capacity that is planned for it.

What a study can measure it measures itself: `_MEASURED_BY` says which.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from importlib import import_module
from typing import Protocol, cast

from simulator.compiler.stage_shares import find_stage, stage_start
from simulator.engine import Runner
from simulator.scenario.deliverables import Delivery, asked_before, begin_by, deliveries
from simulator.scenario.model import Scenario
from simulator.scenario.readiness import (
    Attestation,
    FeedbackLoop,
    Item,
    Monitoring,
    ReleaseAndRollback,
    UnitEconomics,
)
from simulator.studies.common.checklist import Measurement, ReadinessItem, measured
from simulator.studies.common.verdicts.objectives import Decision
from simulator.theory.estimate import Estimate
from simulator.theory.verdict import worst

# Modules are named, not imported: a plan loads the studies that its checklist asks for.
_MEASURED_BY: Mapping[type[Item], str] = {
    ReleaseAndRollback: "simulator.studies.canary.checklist",
    Monitoring: "simulator.studies.drill.checklist",
    FeedbackLoop: "simulator.studies.drift.checklist",
}


class _Measures(Protocol):
    """What those modules have."""

    def measurements(
        self, item: Item, scenario: Scenario, stage: str, runner: Runner
    ) -> Sequence[Measurement]:
        """Measure an item at a stage."""


def readiness_of(
    scenario: Scenario, stage: str, per_success_usd: Estimate | None, runner: Runner
) -> tuple[ReadinessItem, ...]:
    """The checklist before a stage, in the scenario's order.

    Parameters
    ----------
    scenario : with its incidents, and with the capacity that is planned
    per_success_usd : cost of a successful action in the stage's month; None: there was none

    Raises
    ------
    Cancelled
        If it was cancelled.
    """
    found = []
    here = find_stage(scenario, stage)
    start = stage_start(scenario, here).date()
    asked = asked_before(scenario, here)
    expected = deliveries(asked)
    for name, item in scenario.readiness.items().items():
        if isinstance(item, Attestation):
            if name in asked:
                found.append(_attested(name, asked, expected, start))
            continue
        if item.stages is not None and stage not in item.stages:
            continue
        runner.progress(0, 0, name.replace("_", " "))
        if isinstance(item, UnitEconomics):
            measurements = unit_economics(item, per_success_usd, scenario.economics.value_per_success)
        else:
            study = cast(_Measures, import_module(_MEASURED_BY[type(item)]))
            measurements = tuple(study.measurements(item, scenario, stage, runner))
        found.append(
            ReadinessItem(
                name=name,
                kind="measured",
                owner=None,
                evidence=None,
                missing=item.missing,
                measurements=measurements,
                verdict=worst(one.verdict for one in measurements),
            )
        )
    return tuple(found)


def decided_with(decision: Decision, items: Sequence[ReadinessItem]) -> Decision:
    """The decision on a stage once its checklist counts: a missing item that blocks is a NO-GO."""
    blocking = [item.verdict for item in items if item.missing == "block"]
    if decision == "NO-GO" or "FAIL" in blocking:
        return "NO-GO"
    return "UNDECIDED" if "UNDECIDED" in blocking else decision


def _attested(
    name: str, items: Mapping[str, Attestation], expected: Mapping[str, Delivery], start: date
) -> ReadinessItem:
    """Somebody's word: it is there if it names its evidence, or is promised in time, and holds when the stage begins."""
    item = items[name]
    due = expected[name].ready if name in expected else None
    there = item.dated if item.evidence else due
    ends = None if item.expires is None or there is None else there + timedelta(seconds=item.expires)
    is_there = bool(item.evidence) or (due is not None and due <= start)
    holds = ends is None or ends >= start
    return ReadinessItem(
        name=name,
        kind="attested",
        owner=item.owner,
        evidence=item.evidence,
        missing=item.missing,
        measurements=(),
        verdict="PASS" if is_there and holds else "FAIL",
        due=due,
        begin_by=begin_by(items, name, start) if not item.evidence and item.takes > 0.0 else None,
        expired=None if holds else ends,
    )


def unit_economics(
    item: UnitEconomics, per_success_usd: Estimate | None, value_usd: float | None
) -> tuple[Measurement, ...]:
    """Whether the cost of a successful action is known well enough, and less than what it is worth, if that is said."""
    what = "half-width of the cost per success"
    if per_success_usd is None:
        return (measured(what, "share", None, "<=", item.within),)
    half_width_usd = per_success_usd.half_width
    half_width = Estimate.exact(half_width_usd / per_success_usd.value if half_width_usd > 0.0 else 0.0)
    found = [measured(what, "share", half_width, "<=", item.within)]
    if value_usd is not None:
        found.append(measured("cost per success", "money", per_success_usd, "<=", value_usd))
    return tuple(found)
