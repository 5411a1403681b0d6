"""A rule of residency holds whatever is put together: no attempt of a stream ever lands outside its zones."""

from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from simulator.compiler.demand import stage_window
from simulator.engine import Runner
from simulator.metrics.columns import CountColumn, UsageColumn
from simulator.scenario.model import Scenario
from tests.property.random_scenarios import random_scenarios

_RULES = st.sampled_from(
    [{"A": ["A"]}, {"A": ["A"], "B": ["B"]}, {"A": ["B"]}, {"B": ["B", "A"], "A": ["A"]}]
)
_ZONES = st.lists(st.sampled_from(["A", "B", None]), min_size=3, max_size=3)
_FUZZ = settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    phases=[Phase.generate],  # making a failing scenario smaller takes minutes
)


def _ruled(scenario: Scenario, zones: list[str | None], rules: dict[str, list[str]]) -> Scenario:
    parts: dict[str, Any] = scenario.model_dump(mode="json", by_alias=True)
    for region, zone in zip(parts["regions"].values(), zones, strict=False):
        region["residency"] = zone
    lost = {"kind": "outage", "region": next(iter(parts["regions"])), "duration": 25.0}
    parts["incidents"] = [{"name": f"lost-{start:g}", "start": start, **lost} for start in (7.0, 41.0)]
    return Scenario.model_validate(parts | {"data_residency": rules})


@_FUZZ
@given(random_scenarios(is_comparable=False), _ZONES, _RULES, st.integers(0, 2**31))
def test_no_attempt_leaves_the_zones_of_its_user(
    scenario: Scenario, zones: list[str | None], rules: dict[str, list[str]], seed: int
) -> None:
    ruled = _ruled(scenario, zones, rules)
    window = stage_window(ruled, ruled.stages[-1].name if ruled.stages else None, 9.0 * 3600.0, 60.0, 0.0)
    result = Runner().run(ruled, window, seed)
    zone_of = {name: region.residency for name, region in ruled.regions.items()}
    attempts = result.usage[..., UsageColumn.ATTEMPTS].sum(axis=0)  # [stream, station]
    for stream_id, stream in enumerate(result.streams):
        allowed = rules.get(zone_of[stream.region] or "")
        for station_id, station in enumerate(result.stations):
            if allowed is not None and zone_of[station.region] not in allowed:
                assert attempts[stream_id, station_id] == 0, (stream, station)


def test_what_has_nowhere_to_go_degrades_or_fails_and_is_counted() -> None:
    """Users of A have one model out of reach: the stale answers of a cache help some, the others fail."""
    time = {"distribution": "constant", "value": 0.1}
    tokens = {"distribution": "constant", "value": 10}
    scenario = Scenario.model_validate(
        {
            "metadata": {"name": "nowhere"},
            "regions": {"here": {"residency": "A"}, "there": {"residency": "B"}},
            "data_residency": {"A": ["A"]},
            "workloads": [
                {
                    "name": "ask",
                    "arrival_rate": {"here": 2.0},
                    "prompt_tokens": tokens,
                    "output_tokens": tokens,
                    "popularity": {"items": 40},
                    "steps": [{"cache": "answers"}, {"generate": "answer"}],
                }
            ],
            "caches": {"answers": {"type": "exact", "size": 20, "ttl": 0.001}},
            "model_list": [
                {"model_name": "far", "provider": "own", "model": "own", "ttft": time, "tpot": time}
                | {"prices": {"input": 1, "output": 1}, "regions": ["there"]}
            ],
            "routes": {"answer": {"choose": ["far"], "fallbacks": ["cached-answer"], "num_retries": 3}},
        }
    )
    result = Runner().run(scenario, stage_window(scenario, None, 0.0, 300.0, 0.0), 1)
    counts = result.counts.sum(axis=(0, 1))
    assert (
        counts[CountColumn.RESIDENCY_BLOCKED] == counts[CountColumn.ARRIVED] - counts[CountColumn.CACHE_HITS]
    )
    assert counts[CountColumn.DEGRADED] > 0
    assert counts[CountColumn.FAILED] > 0
    assert counts[CountColumn.RETRIES] == 0
    assert not np.any(result.usage)
