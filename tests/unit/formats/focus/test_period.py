"""The periods that rows of the export cover."""

from datetime import UTC, datetime

import pytest

from simulator.formats.focus.period import Period, period_start

MOMENT = datetime(2027, 1, 18, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "start"),
    [
        ("hour", datetime(2027, 1, 18, 5, tzinfo=UTC)),
        ("day", datetime(2027, 1, 18, tzinfo=UTC)),
        ("month", datetime(2027, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_moment_lies_in_its_period(period: Period, start: datetime) -> None:
    assert period_start(MOMENT, period) == start
