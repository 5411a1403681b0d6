"""UNDECIDED names what is missing: which measure, how far, and what to do."""

import pytest

from simulator.scenario.model import Slo
from simulator.studies.common.two_futures import Futures
from simulator.studies.common.verdicts.objectives import SloVerdict, judge
from simulator.studies.common.verdicts.verdict_view import open_notes
from simulator.theory.estimate import Estimate

SLO = Slo.model_validate({"name": "fast", "indicator": "latency", "objective": "p95 < 6s", "workload": "ask"})
AROUND = judge(SLO, Estimate(6.1, 5.8, 6.4))
COLLAPSED = Futures(n_collapsed=1, n_runs=16, collapsed=Estimate(5.0, 4.9, 5.1), others=None)


@pytest.mark.parametrize(
    ("found", "parts"),
    [
        (AROUND, ("fast is undecided: p95 latency of ask 6.1 s ± 0.3, limit < 6 s", "longer windows")),
        (judge(SLO, None), ("p95 latency of ask, limit < 6 s", "nothing was observed")),
        (
            judge(SLO, Estimate(5.0, 4.9, 5.1)).model_copy(
                update={"verdict": "UNDECIDED", "futures": COLLAPSED}
            ),
            ("runs that collapsed", "availability"),
        ),
    ],
    ids=["on both sides", "nothing observed", "not seen"],
)
def test_what_is_undecided_says_what_is_missing(found: SloVerdict, parts: tuple[str, ...]) -> None:
    [line] = open_notes([found])
    for part in parts:
        assert part in line


def test_what_is_decided_needs_no_words() -> None:
    assert not list(open_notes([judge(SLO, Estimate(6.4, 6.1, 6.7)), judge(SLO, Estimate(5.0, 4.9, 5.1))]))
    assert judge(SLO, Estimate(6.4, 6.1, 6.7)).verdict == "FAIL"
