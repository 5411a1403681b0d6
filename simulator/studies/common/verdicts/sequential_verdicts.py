"""Hold criteria against replications of a stage, and replicate until each is decided."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import nan

from simulator.studies.common.replications import Replications
from simulator.studies.common.replicator import first_runs, measured_actions
from simulator.studies.common.two_futures import Futures, broken_value, unseen
from simulator.studies.common.verdicts.criteria import Criterion
from simulator.studies.common.verdicts.objectives import slack_of
from simulator.theory.estimate import Estimate
from simulator.theory.verdict import Verdict, verdict


@dataclass(frozen=True)
class CriterionVerdict:
    """A criterion at one stage: what was measured, and whether it holds."""

    criterion: Criterion
    stage: str | None
    estimate: Estimate | None  # None: nothing was observed
    verdict: Verdict
    slack: float  # signed distance to the limit, see `simulator.studies.common.verdicts.objectives.slack_of`
    n_runs: int
    futures: Futures | None = None  # some runs collapsed; None: none did


def judge(replications: Replications, criteria: Sequence[Criterion]) -> tuple[CriterionVerdict, ...]:
    """Hold criteria against the replications so far.

    Left out are those on what the stage does not include, unless they name the stage themselves. What it includes and
    nobody asked for in the window is undecided.
    """
    verdicts = []
    for criterion in criteria:
        if criterion.stage is None and not replications.includes(criterion.measure):
            continue
        found = replications.estimate(criterion.measure)
        objective = criterion.objective
        decided: Verdict = "UNDECIDED" if found is None else verdict(found, objective.op, objective.limit)
        futures = replications.futures(criterion.measure)
        broken = broken_value(futures, objective.op, objective.limit)
        decided = unseen(decided, futures) if broken is None else "FAIL"
        value = found.value if broken is None and found is not None else broken
        slack = nan
        if value is not None:
            slack = slack_of(criterion.measure.metric, objective.op, objective.limit, value)
        verdicts.append(
            CriterionVerdict(
                criterion,
                replications.stage,
                found,
                decided,
                slack,
                len(replications.results),
                futures,
            )
        )
    return tuple(verdicts)


def looks(
    replications: Replications, criteria: Sequence[Criterion], min_runs: int, max_runs: int
) -> Iterator[tuple[int, tuple[CriterionVerdict, ...]]]:
    """Replicate until every criterion is decided; yields the number of replications and the verdicts at each look.

    The number doubles from look to look, up to `max_runs`.
    """
    first = first_runs(measured_actions(replications.window), min_runs)
    n_runs = max(min_runs, min(first, max_runs))
    while True:
        replications.extend(n_runs)
        verdicts = judge(replications, criteria)
        yield n_runs, verdicts
        is_open = any(found.verdict == "UNDECIDED" and found.estimate for found in verdicts)
        if not is_open or n_runs >= max_runs:
            return
        n_runs = min(2 * n_runs, max_runs)
