"""What does each lever save in a month of 730 h, and what would users feel in the busiest hour?"""

from collections.abc import Sequence

from simulator.economics.currency import Currency
from simulator.results.paired import PairedDifference
from simulator.studies.cost.case_report import LeverSaving, LeverSavings
from simulator.studies.cost.levers import LeverEffect
from simulator.theory.estimate import Estimate


def lever_savings(stage: str, effects: Sequence[LeverEffect], currency: Currency) -> LeverSavings:
    """Levers at the end of a stage, in their order."""
    return LeverSavings(stage=stage, rows=tuple(_saving(effect, currency) for effect in effects))


def _saving(effect: LeverEffect, currency: Currency) -> LeverSaving:
    points = effect.lever.points
    return LeverSaving(
        lever=effect.lever.name,
        points=points,
        saving_per_point=None if points is None else currency.of(effect.saving_usd_per_point),
        saving=currency.estimate(_negated(effect.cost_usd.difference)),
        latency_p95=_difference(effect.latency_p95),
        success_rate=_difference(effect.success_rate),
    )


def _negated(estimate: Estimate) -> Estimate:
    return Estimate(-estimate.value, -estimate.high, -estimate.low)


def _difference(found: PairedDifference | None) -> Estimate | None:
    return None if found is None else found.difference
