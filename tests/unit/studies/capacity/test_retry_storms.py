"""Where retries may feed a collapse, a capacity is taken after enough runs to see one; a collapse forbids PASS."""

from collections.abc import Callable
from typing import Any

import pytest

from simulator.economics.price_book import price_book
from simulator.engine import Runner
from simulator.scenario.model import Scenario
from simulator.studies.capacity.retry_storms import ENOUGH_RUNS, may_collapse
from simulator.studies.capacity.stage_search import search_stage
from simulator.studies.common.replicator import Replicator
from simulator.studies.common.two_futures import Futures, unseen
from simulator.studies.plan.plan import PlanOptions, plan
from simulator.theory.estimate import Estimate

Desk = Callable[..., Scenario]
SEED = 5  # of its first eight runs none collapses, of sixteen some do
STUBBORN = {"choose": ["desk"], "per_try_timeout": 2.5, "num_retries": 3, "backoff": {"base": 0.2}}


def _retrying(desk: Desk, rate_rps: float, route: dict[str, Any], **changes: Any) -> Scenario:
    """Eight servers that answer 16/s at most and do not notice who has given up."""
    work = {"distribution": "exponential", "mean": 0.5}
    return desk(
        workloads=[{"name": "ask", "arrival_rate": {"home": rate_rps}, "steps": [{"call": "to-desk"}]}],
        services={
            "desk": {"replicas": 8, "max_ongoing_requests": 1, "service_time": work, "cancellation": False}
        },
        routes={"to-desk": route},
        window={"duration": 1200.0, "warmup": 600.0},
        slos=[{"name": "answered", "indicator": "availability", "objective": ">= 50%"}],
        **changes,
    )


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        (STUBBORN, True),
        (STUBBORN | {"num_retries": 0}, False),
        (STUBBORN | {"retry_on": ["rate_limit", "overload"]}, False),
        ({"choose": ["desk"], "num_retries": 3}, False),
    ],
    ids=["again after a time-out", "no retries", "only what was turned away", "nobody gives up"],
)
def test_retries_feed_a_collapse_where_work_is_done_for_those_who_gave_up(
    desk: Desk, route: dict[str, Any], expected: bool
) -> None:
    assert may_collapse(_retrying(desk, 6.0, route)) is expected


@pytest.mark.parametrize(("timeout", "expected"), [(5.0, True), (None, False)])
def test_users_who_give_up_and_ask_again_feed_it_too(
    desk: Desk, timeout: float | None, expected: bool
) -> None:
    ask = {"name": "ask", "arrival_rate": {"home": 1.0}, "steps": [{"call": "desk"}], "timeout": timeout}
    assert may_collapse(desk(workloads=[ask | {"asks_again": {"share": 0.5, "after": 60.0}}])) is expected


def test_a_storm_that_few_runs_do_not_show_is_no_go(desk: Desk) -> None:
    """A quarter of the runs collapses: from this seed, none of the first eight."""
    scenario = _retrying(desk, 12.4, STUBBORN, seed=SEED, capacity={})
    stage = plan(scenario, PlanOptions(["all"]), Runner()).stages[0]
    assert stage.collapse is not None
    assert stage.collapse.n_runs >= ENOUGH_RUNS
    assert stage.decision != "GO"
    assert stage.verdicts[0].estimate is not None
    assert stage.verdicts[0].estimate.low > 0.5, "on average it is met"


def test_a_capacity_that_collapses_in_more_runs_is_not_bought(desk: Desk) -> None:
    knob = {"path": "services.desk.replicas", "min": 8, "max": 12}
    scenario = _retrying(desk, 12.4, STUBBORN, seed=SEED, capacity={"knobs": [knob]})
    found = search_stage(Replicator(Runner()), scenario, scenario.stages[1], price_book(scenario))
    [amounts] = found.capacity.amounts.values()
    assert amounts["home"] > 8
    assert {of.verdict for at in found.capacity.evidence for of in at.verdicts} == {"PASS"}


@pytest.mark.parametrize("decided", ["FAIL", "UNDECIDED"])
def test_an_objective_that_does_not_see_a_collapse_says_nothing(decided: Any) -> None:
    futures = Futures(n_collapsed=1, n_runs=16, collapsed=Estimate(1.0, 0.9, 1.1), others=None)
    assert unseen("PASS", futures) == "UNDECIDED"
    assert unseen(decided, futures) == decided
    assert unseen("PASS", None) == "PASS"
