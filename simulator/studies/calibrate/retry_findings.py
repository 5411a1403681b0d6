"""What a log says of attempts, calls and caches, which no key of a scenario states."""

from collections.abc import Iterator

import pandas as pd

from simulator.formats.logs.rows import LogRows
from simulator.studies.calibrate.actions import Actions
from simulator.studies.calibrate.estimators.forms import moments
from simulator.studies.calibrate.estimators.shares import share
from simulator.studies.calibrate.finding import LogFinding, Number


def retry_findings(actions: Actions, frame: pd.DataFrame) -> Iterator[LogFinding]:
    """Attempts of each call, calls of each turn, cache hits."""
    if actions.grouped_by:
        attempts, _ = moments(actions.attempts) if actions.attempts.size > 1 else (None, None)
        if attempts is not None:
            yield LogFinding(
                [
                    Number(
                        "attempts of each call",
                        attempts,
                        "number",
                        actions.attempts.size,
                        f"by {actions.grouped_by} id",
                    )
                ]
            )
        if actions.calls.size > 1 and float(actions.calls.mean()) > 1.05:
            calls, _ = moments(actions.calls)
            yield LogFinding(
                [Number("calls of models in each turn", calls, "number", actions.calls.size)],
                notes=[
                    "an action makes several calls: give the workload as many `generate` steps; lengths are of one call"
                ],
            )
    elif not LogRows(frame).is_answered.all():
        yield LogFinding(
            notes=[
                "the log has no ids of traces or sessions: retries count as demand, which is too high by them"
            ]
        )
    hits = frame["cache_hit"].dropna()
    if len(hits):
        yield LogFinding(
            [
                Number(
                    "answers from a cache",
                    share(int(hits.sum()), len(hits)),
                    "share",
                    len(hits),
                    "follows from `popularity` and `caches`",
                )
            ]
        )
