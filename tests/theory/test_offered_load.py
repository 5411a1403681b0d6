"""The load offered to a queue is that of everyone who comes, served or not."""

import numpy as np
import pytest

from simulator.metrics.dimensions import Selection
from simulator.results.estimates import estimate
from tests.theory.experiments import assert_agrees, exponential, one_service, replications

LOAD_ERLANGS = 12.0  # 12 per second, one second each


@pytest.mark.parametrize(
    "limits",
    [
        {"max_ongoing_requests": 16},  # carried
        {"max_ongoing_requests": 8},  # a queue that only grows
        {"max_ongoing_requests": 8, "max_queued_requests": 10},  # shed
        {"max_ongoing_requests": 8, "patience": exponential(2.0)},  # lost from the queue
    ],
    ids=["carried", "growing", "shed", "abandoned"],
)
def test_the_offered_load_counts_everyone(limits: dict[str, object]) -> None:
    scenario = one_service(LOAD_ERLANGS, {"service_time": exponential(1.0), **limits})
    runs = replications(scenario, 600.0, 60.0)
    loads = [estimate([run], "offered_load_erlangs", None, Selection(target="desk")) for run in runs]
    assert_agrees(np.array([load.value for load in loads if load is not None]), LOAD_ERLANGS)
