"""Every law is noticed when it is broken, by its name and with its numbers."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from simulator.metrics.columns import AreaColumn, CountColumn, Metric, UsageColumn
from simulator.results.conservation import ConservationError, check_conservation
from simulator.results.run_result import RunResult


def changed(run: RunResult, name: str, place: tuple, by: float) -> RunResult:
    """Return the run with one number of one array changed."""
    array = getattr(run, name).copy()
    array[place] += by
    return replace(run, **{name: array})


def test_a_consistent_run_passes(make_run: Callable) -> None:
    for seed in range(5):
        check_conservation(make_run(seed).result)


@pytest.mark.parametrize(
    ("name", "place", "by", "message"),
    [
        (
            "counts",
            (3, 1, CountColumn.ARRIVED),
            1,
            r"actions, workload 'tickets' in 'us': arrived \d+ is not succ",
        ),
        ("counts", (0, 1, CountColumn.FAILED), 1, "actions"),
        ("in_flight", (2,), 1, "actions, workload 'calls' in 'eu'"),
        ("counts", (3, 0, CountColumn.INVALID), 10_000, "parts.*invalid .* more than rejected"),
        ("counts", (3, 0, CountColumn.CORRECT), 10_000, "parts.*correct .* more than succeeded [+] degraded"),
        ("counts", (3, 0, CountColumn.CACHE_HITS), 10_000, "parts.*cache_hits"),
        (
            "usage",
            (4, 0, 1, UsageColumn.ATTEMPTS),
            1,
            "attempts, workload 'tickets' in 'eu' at model 'large' in 'us'",
        ),
        ("usage", (4, 0, 1, UsageColumn.TIMED_OUT), 1, "attempts"),
        ("usage", (4, 0, 1, UsageColumn.WASTED_INPUT_TOKENS), 1e9, "tokens.*wasted_input_tokens"),
        ("usage", (4, 0, 1, UsageColumn.BUSY_S), -1e9, "usage: a value is negative"),
        ("usage", (4, 0, 1, UsageColumn.BUSY_S), np.nan, "usage: a value is negative or not a number"),
        ("histogram", (0, Metric.RESOLUTION, 70), 1, "measures, .*resolution"),
        ("latency_sum_s", (5, 0), 1e-3, "latencies, workload 'tickets' in 'eu'"),
        (
            "areas",
            (0, AreaColumn.SERVERS_S),
            -1000.0,
            "capacity, model 'large' in 'eu': busy .* more than servers",
        ),
        ("areas", (2, AreaColumn.BUSY_S), 1e9, "capacity, service 'crm' in 'eu'"),
        ("areas", (1, AreaColumn.SOJOURN_S), 1e-4, "Little's law, model 'large' in 'us'"),
    ],
)
def test_a_broken_law_is_named(make_run: Callable, name: str, place: tuple, by: float, message: str) -> None:
    with pytest.raises(ConservationError, match=message):
        check_conservation(changed(make_run().result, name, place, by))


def test_busy_is_bounded_by_those_in_the_system_where_servers_are_unlimited(make_run: Callable) -> None:
    run = changed(make_run().result, "areas", (0, AreaColumn.SERVERS_S), 0.0)
    run.areas[0, AreaColumn.SERVERS_S] = 0.0
    check_conservation(run)
    with pytest.raises(ConservationError, match="more than in system"):
        check_conservation(changed(run, "areas", (0, AreaColumn.BUSY_S), 1e9))


def test_attempts_in_progress_are_counted(make_run: Callable) -> None:
    run = changed(make_run().result, "usage", (4, 0, 1, UsageColumn.ATTEMPTS), 2)
    in_progress = np.zeros((3, 3), np.int64)
    with pytest.raises(ConservationError, match="in progress 0"):
        check_conservation(run, in_progress)
    in_progress[0, 1] = 2
    check_conservation(run, in_progress)


def test_rounding_is_no_violation(make_run: Callable) -> None:
    run = make_run().result
    by = 1e-10 * run.areas[0, AreaColumn.IN_SYSTEM_S]
    check_conservation(changed(run, "areas", (0, AreaColumn.SOJOURN_S), by))
