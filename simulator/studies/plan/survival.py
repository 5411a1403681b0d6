"""What do the contingencies of a stage ask for, and what do they cost?

The capacity is searched twice: for the healthy peaks, and for these and every contingency. The months of both are
simulated on the same users with the same luck, so that what surviving costs is a difference of pairs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulator.economics.accounts import Accounts
from simulator.results.samples import CONFIDENCE
from simulator.studies.capacity.capacity import StageCapacity
from simulator.studies.capacity.peak_trial import Refusal
from simulator.studies.common.objectives import SloVerdict, tightest, worst
from simulator.studies.common.replicator import Evidence
from simulator.theory.estimate import Estimate
from simulator.theory.intervals import mean_interval


@dataclass(frozen=True)
class Endured:
    """One contingency."""

    name: str
    tightest: SloVerdict | None  # over all peaks; None: there are no objectives


@dataclass(frozen=True)
class Survival:
    """The contingencies of a stage.

    Attributes
    ----------
    endured : each, with the objective that has the least room under it
    without : amounts that would do if nothing went wrong, knob path → region → amount
    without_is_feasible : they meet every objective while nothing goes wrong
    extra_month_usd : what a month costs more, because there is enough to survive
    set_by : why an amount is not a level lower, knob path → region
    decisive : the refusal under a contingency that most of the extra is held for; None: nothing is held for any
    """

    endured: tuple[Endured, ...]
    without: Mapping[str, Mapping[str, float]]
    without_is_feasible: bool
    extra_month_usd: Estimate
    set_by: Mapping[str, Mapping[str, Refusal]]
    decisive: Refusal | None


def endured(evidence: Sequence[Evidence]) -> tuple[Endured, ...]:
    """Every contingency of the evidence, in its order."""
    names = dict.fromkeys(at.contingency for at in evidence if at.contingency is not None)
    return tuple(
        Endured(name, tightest(worst(of for at in evidence if at.contingency == name for of in at.verdicts)))
        for name in names
    )


def decisive(bare: StageCapacity, capacity: StageCapacity) -> Refusal | None:
    """Of what refuses a level less under a contingency, that which costs most beyond the capacity without any."""
    extra_usd: dict[Refusal, float] = {}
    for axis in capacity.searched.axes:
        refusal = capacity.set_by.get(axis.path, {}).get(axis.region)
        if refusal is None or refusal.contingency is None:
            continue
        held, without = (
            axis.cost_usd[axis.levels.index(of.amounts[axis.path][axis.region])] for of in (capacity, bare)
        )
        if held > without:
            extra_usd[refusal] = extra_usd.get(refusal, 0.0) + held - without
    return max(extra_usd, key=lambda refusal: extra_usd[refusal], default=None)


def extra_usd(without: Accounts, month: Accounts) -> Estimate:
    """Cost of a month more than without, over the replications that both have; a 95 % interval of pairs."""
    before, after = without.money(), month.money()
    n_pairs = min(len(before), len(after))
    return mean_interval((after[:n_pairs] - before[:n_pairs]).tolist(), CONFIDENCE)
