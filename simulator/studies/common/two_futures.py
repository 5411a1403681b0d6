"""Where some runs collapse and others do not: both figures, instead of a mean of neither.

An objective that is missed in the runs that collapsed is missed: what happens in one hour of forty happens to every rollout
that lasts for weeks, and stays. One that is met in them does not see the collapse, and says nothing: no run may collapse
where something passes.
"""

from collections.abc import Callable, Sequence
from math import inf

from simulator.metrics.registry import label_of
from simulator.render.numbers import estimate, quantity, unit_of
from simulator.results.collapse import Collapse, collapse_of
from simulator.results.run_result import RunResult
from simulator.studies.record import OptionalInterval, Record
from simulator.theory.estimate import Estimate
from simulator.theory.verdict import Verdict, meets


class Futures(Record):
    """One measure in the runs that collapsed, and in the others.

    Attributes
    ----------
    collapsed, others : None: nothing was observed in them
    """

    n_collapsed: int
    n_runs: int
    collapsed: OptionalInterval
    others: OptionalInterval


class CollapsedRuns(Record):
    """Some runs of one window collapsed.

    Attributes
    ----------
    workload, region : whose answers show it most; None: everybody's
    good_share, good_share_of_others : late in the window, of what arrives, in these runs and in the others
    """

    n_collapsed: int
    n_runs: int
    workload: str | None
    region: str | None
    good_share: float
    good_share_of_others: float

    @classmethod
    def of(cls, results: Sequence[RunResult]) -> "CollapsedRuns | None":
        """What replications of a window tell; None: they tell of one future."""
        found = collapse_of(results)
        if found is None:
            return None
        return cls(
            n_collapsed=len(found.collapsed),
            n_runs=len(results),
            workload=found.selection.workload,
            region=found.selection.region,
            good_share=found.good_share,
            good_share_of_others=found.good_share_of_others,
        )

    @property
    def message(self) -> str:
        """One line for people."""
        part = ", ".join(name for name in (self.workload, self.region) if name is not None)
        down, well = (quantity(share, "share") for share in (self.good_share, self.good_share_of_others))
        return (
            f"{self.n_collapsed} of {self.n_runs} runs collapsed: late in them {down} of what arrives is answered well, "
            f"{well} in the others{f' ({part})' if part else ''}"
        )


class StageCollapse(CollapsedRuns):
    """Some runs of a stage collapsed; None: at full exposure."""

    stage: str | None


def futures_of(
    results: Sequence[RunResult], measured: Callable[[Sequence[RunResult]], Estimate | None]
) -> Futures | None:
    """A measure in either future; None: there is one."""
    found = collapse_of(results)
    return None if found is None else in_either(found, measured)


def in_either(found: Collapse, measured: Callable[[Sequence[RunResult]], Estimate | None]) -> Futures:
    """A measure in the runs that collapsed, and in the others."""
    return Futures(
        n_collapsed=len(found.collapsed),
        n_runs=len(found.collapsed) + len(found.others),
        collapsed=measured(found.collapsed),
        others=measured(found.others),
    )


def broken_value(futures: Futures | None, op: str, limit: float) -> float | None:
    """What the runs that collapsed show of an objective that they miss; None: they meet it, or none collapsed."""
    if futures is None:
        return None
    if futures.collapsed is None:
        return inf if op.startswith("<") else -inf
    return None if meets(futures.collapsed.value, op, limit) else futures.collapsed.value


def unseen(decided: Verdict, futures: Futures | None) -> Verdict:
    """The verdict on an objective that is met in either future: it does not see that some runs collapsed."""
    return "UNDECIDED" if futures is not None and decided == "PASS" else decided


def futures_text(futures: Futures, metric: str) -> str:
    """Both figures: `7 of 40 runs collapsed: p95 latency 31 s in them, 2.1 s in the others`."""
    unit = unit_of(metric)
    down, well = (
        "nothing observed" if one is None else estimate(one, unit).line
        for one in (futures.collapsed, futures.others)
    )
    return (
        f"{futures.n_collapsed} of {futures.n_runs} runs collapsed: {label_of(metric)} {down} in them, {well} in the "
        "others"
    )
