"""What do the contingencies of a stage ask for, and what do they cost?

The capacity is searched twice: for the healthy peaks, and for these and every contingency. The months of both are
simulated on the same users with the same luck, so that what surviving costs is a difference of pairs.
"""

from collections.abc import Sequence

from simulator.economics.accounts import Accounts
from simulator.results.samples import CONFIDENCE
from simulator.studies.capacity.capacity import StageCapacity
from simulator.studies.capacity.refusal import Refusal
from simulator.studies.common.replicator import Evidence
from simulator.studies.common.verdicts.objectives import SloVerdict, tightest, worst
from simulator.studies.plan.findings import ContingencyFinding, MonthDifference, Survival
from simulator.theory.estimate import Estimate
from simulator.theory.intervals import mean_interval


def survival_of(bare: StageCapacity, capacity: StageCapacity, extra_usd: Estimate) -> Survival:
    """What the contingencies ask for beyond a capacity that holds while nothing goes wrong.

    Parameters
    ----------
    bare, capacity : without contingencies, and with them
    extra_usd : what a month costs more with `capacity`
    """
    found = endured(capacity.evidence)
    refusal = decisive(bare, capacity)
    return Survival(
        contingencies=tuple(ContingencyFinding(name=name, tightest=of) for name, of in found.items()),
        decisive=None if refusal is None else refusal.contingency,
        tightest=_with_least_room(found),
        set_by=capacity.set_by,
        without=bare.amounts,
        without_is_feasible=bare.is_feasible,
        extra_cost=MonthDifference(month=extra_usd),
    )


def endured(evidence: Sequence[Evidence]) -> dict[str, SloVerdict | None]:
    """By contingency, in the order of the evidence, the objective with the least room over all peaks."""
    names = dict.fromkeys(at.contingency for at in evidence if at.contingency is not None)
    return {
        name: tightest(worst(of for at in evidence if at.contingency == name for of in at.verdicts))
        for name in names
    }


def _with_least_room(found: dict[str, SloVerdict | None]) -> str | None:
    """The contingency with the least room; what was not observed comes last."""
    known = {name: of for name, of in found.items() if of is not None}
    return min(known, key=lambda name: (known[name].estimate is None, known[name].slack), default=None)


def decisive(bare: StageCapacity, capacity: StageCapacity) -> Refusal | None:
    """The refusal under a contingency that costs most beyond the capacity without any; None: nothing is held for any."""
    if not capacity.is_feasible:
        return None
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
