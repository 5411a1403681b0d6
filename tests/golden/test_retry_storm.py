"""The story of the retry storm holds: what it says of the collapse and of each cure."""

from pathlib import Path

import pytest

import simulator

_FILE = Path(__file__).parents[2] / "scenarios" / "retry-storm.yaml"


@pytest.mark.parametrize(
    ("cure", "answered"),
    [
        ((), 0.08),
        (("routes.search.retry_budget=10%",), 0.87),
        (("routes.search.propagate_deadline=true",), 0.97),
        (("services.index.cancellation=true",), 0.99),
    ],
)
def test_how_many_are_answered(cure: tuple[str, ...], answered: float) -> None:
    result = simulator.load(_FILE, cure).run()
    availability = result.metrics.availability
    assert availability is not None
    assert availability.low - 0.005 <= answered <= availability.high + 0.005
