"""How a criterion reads: every metric in its unit."""

import pytest

from simulator.metrics.registry import TESTABLE
from simulator.render.numbers import unit_of
from simulator.results.metric_samples import AREA_RATIOS, COUNT_RATIOS, USAGE_RATIOS

_RATIOS = {**COUNT_RATIOS, **USAGE_RATIOS, **AREA_RATIOS}


@pytest.mark.parametrize("metric", [name for name, ratio in _RATIOS.items() if ratio.is_of_trials])
def test_what_is_computed_as_a_share_reads_as_one(metric: str) -> None:
    assert metric in TESTABLE
    assert unit_of(metric) == "share"


@pytest.mark.parametrize("metric", ["utilization", "kv_usage", "prefix_hit_rate"])
def test_shares_of_time_and_of_tokens_read_as_shares(metric: str) -> None:
    assert unit_of(metric) == "share"
