"""What every report is: JSON that reads back to the same record, with null for what is not known."""

from datetime import UTC, datetime
from math import inf, isnan, nan

from simulator.studies.record import Estimated, Moment, Number, Record
from simulator.theory.estimate import Estimate


class _Measured(Estimated):
    name: str
    slack: Number


class _Parts(Record):
    start: Moment
    parts: tuple[_Measured, ...]


def test_an_estimate_stands_among_the_other_keys_of_its_record() -> None:
    start = datetime(2027, 1, 4, 9, tzinfo=UTC)
    known = _Measured(estimate=Estimate(2.0, 1.0, inf), name="wait", slack=0.5)
    unknown = _Measured(estimate=None, name="tokens", slack=nan)
    parts = _Parts(start=start, parts=(known, unknown))
    assert parts.to_dict() == {
        "start": "2027-01-04T09:00:00+00:00",
        "parts": [
            {"value": 2.0, "low": 1.0, "high": None, "name": "wait", "slack": 0.5},
            {"value": None, "low": None, "high": None, "name": "tokens", "slack": None},
        ],
    }
    again = _Parts.model_validate_json(parts.to_json())
    assert again.start == start
    assert again.parts[0] == known
    assert again.parts[1].estimate is None
    assert isnan(again.parts[1].slack)
