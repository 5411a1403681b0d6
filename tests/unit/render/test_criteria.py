"""How a criterion reads: every metric in its unit."""

import pytest

from simulator.render.criteria import unit_of
from simulator.results.registry.metric_definitions import AREA_RATIOS, COUNT_RATIOS, USAGE_RATIOS
from simulator.scenario.thresholds import METRICS

_RATIOS = {**COUNT_RATIOS, **USAGE_RATIOS, **AREA_RATIOS}


@pytest.mark.parametrize("metric", [name for name, ratio in _RATIOS.items() if ratio.is_share])
def test_what_is_computed_as_a_share_reads_as_one(metric: str) -> None:
    assert metric in METRICS
    assert unit_of(metric) == "share"


@pytest.mark.parametrize("metric", ["utilization", "kv_usage", "prefix_hit_rate"])
def test_shares_of_time_and_of_tokens_read_as_shares(metric: str) -> None:
    assert unit_of(metric) == "share"
