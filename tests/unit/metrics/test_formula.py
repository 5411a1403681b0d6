"""Formulas read as people write them, from what is computed."""

import pytest

from simulator.metrics.columns import AreaColumn, CountColumn, UsageColumn
from simulator.metrics.formula import (
    ANSWERED,
    DUE,
    HOURS,
    MINUTES,
    SECONDS,
    Ratio,
    of_actions,
    of_time,
    of_tries,
)


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (of_actions(ANSWERED, DUE), "(succeeded + degraded) / (ended - invalid + overdue)"),
        (of_actions(CountColumn.FAILED), "failed / ended"),
        (of_actions(CountColumn.ARRIVED, SECONDS), "arrived / s"),
        (of_tries(UsageColumn.ERRORS), "errors / attempts"),
        (of_tries(UsageColumn.ATTEMPTS, MINUTES), "attempts / min"),
        (of_time(AreaColumn.SPOT_INTERRUPTIONS, HOURS), "spot_interruptions / h"),
        (of_time(AreaColumn.BUSY_S, AreaColumn.SERVERS_S), "busy_s / servers_s"),
    ],
)
def test_a_formula_reads_as_people_write_it(ratio: Ratio, text: str) -> None:
    assert str(ratio) == text
