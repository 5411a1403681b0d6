"""A blueprint is made once and seeded many times: worlds share tables and nothing that changes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.compiler.blueprint import Blueprint, compile_scenario, time_buckets
from simulator.compiler.demand import stage_window
from simulator.compiler.streams import Stream
from simulator.numerics.events import NONE
from simulator.scenario.model import Scenario

EXPONENTIAL = {"distribution": "exponential", "mean": 0.5}
SCENARIO = {
    "metadata": {"name": "blueprint"},
    "regions": {"east": {}, "west": {}},
    "network": {"rtt": {"east": {"west": 0.08}}, "local": 0.002},
    "workloads": [
        {
            "name": "ask",
            "arrival_rate": {"east": 2.0, "west": 1.0},
            "popularity": {"items": 20, "phrasings": 2},
            "turns": {"mean": 3.0},
            "steps": [{"cache": "answers"}, {"call": "desk"}, {"review": {"team": "agents", "sample": 0.1}}],
        },
        {"name": "sort", "arrival_rate": {"west": 0.5}, "steps": [{"call": "desk"}]},
    ],
    "caches": {"answers": {"type": "exact", "size": 8, "scope": "global"}},
    "services": {"desk": {"service_time": EXPONENTIAL, "max_ongoing_requests": 4}},
    "teams": {"agents": {"staff": {"west": 2}, "handle_time": EXPONENTIAL}},
    "slos": [
        {"name": "fast", "indicator": "latency", "objective": "p(95) < 8s"},
        {"name": "faster", "indicator": "latency", "objective": "p(50) < 3s", "workload": "ask"},
        {"name": "first", "indicator": "ttft", "objective": "p(95) < 1s", "workload": "sort"},
    ],
}


def _blueprint(**parts: Any) -> Blueprint:
    scenario = Scenario.model_validate({**SCENARIO, **parts})
    return compile_scenario(scenario, stage_window(scenario, None, 0.0, 600.0, 120.0), Path())


BLUEPRINT = _blueprint()


def _changing(world: Any) -> list[np.ndarray]:
    """Arrays that a run writes."""
    return [
        world.traffic.streams,
        world.stations.stations,
        *world.caching,
        world.program,
        world.traffic.workloads,
        world.stations.one_way_s,
        world.stations.one_way_lane,
        world.stations.way_loss,
        world.stations.targets,
        world.events.head,
        world.requests,
        world.slab,
        world.recording.counts,
    ]


def test_worlds_share_tables_but_nothing_that_changes() -> None:
    one, other = BLUEPRINT.world(1), BLUEPRINT.world(1)
    assert one.routing.waits is other.routing.waits
    assert one.traffic.rate_rps is other.traffic.rate_rps
    for mine, theirs in zip(_changing(one), _changing(other), strict=True):
        assert not np.shares_memory(mine, theirs)
        assert mine.tobytes() == theirs.tobytes()


def test_a_seed_gives_every_stream_luck_of_its_own() -> None:
    keys = [BLUEPRINT.world(seed).traffic.streams["draw_key"].tolist() for seed in (1, 2)]
    assert len({key for row in keys for key in row}) == 6


def test_a_stream_keeps_its_luck_when_another_workload_comes_before_it() -> None:
    more = [{"name": "new", "arrival_rate": 9.0, "steps": [{"call": "desk"}]}, *SCENARIO["workloads"]]
    without, with_it = BLUEPRINT.world(1).traffic.streams, _blueprint(workloads=more).world(1).traffic.streams
    assert with_it["draw_key"].tolist()[2:] == without["draw_key"].tolist()


def test_streams_are_workload_by_workload() -> None:
    assert list(BLUEPRINT.streams) == [
        Stream("ask", "east"),
        Stream("ask", "west"),
        Stream("sort", "west"),
    ]
    streams = BLUEPRINT.world(1).traffic.streams
    assert [(s.workload, s.region, s.first_gap) for s in streams] == [
        (0, 0, NONE),
        (0, 1, NONE),
        (1, 1, NONE),
    ]


def test_limits_are_the_tightest_that_concern_a_workload() -> None:
    workloads = BLUEPRINT.world(1).traffic.workloads
    assert workloads["latency_limit_s"].tolist() == [3.0, 8.0]
    assert workloads["ttft_limit_s"].tolist() == [np.inf, 1.0]


def test_the_way_to_a_station_is_half_a_round_trip_and_to_people_none() -> None:
    stations = BLUEPRINT.world(1).stations
    assert [name[:3] for name in BLUEPRINT.targets.station_names] == [
        ("service", "desk", "east"),
        ("service", "desk", "west"),
        ("team", "agents", "west"),
    ]
    assert stations.one_way_s.tolist() == [[0.001, 0.04, 0.0], [0.04, 0.001, 0.0]]
    lanes = stations.one_way_lane
    assert (lanes[:, 2] == NONE).all()
    assert lanes[0, 0] == lanes[1, 1] != lanes[0, 1] == lanes[1, 0]


def test_a_cache_is_asked_as_often_as_there_are_turns() -> None:
    """Of both regions together, 9 turns a second over 20 questions in 2 wordings: it starts full."""
    assert BLUEPRINT.world(1).caching.instances["n_entries"].tolist() == [8]
    askers = BLUEPRINT._caches.askers
    assert [(asker.workload, asker.rate_rps, asker.n_questions) for asker in askers] == [
        ("ask", (6.0, 3.0), 40)
    ]


@given(st.floats(1.0, 3e7), st.just(0.0) | st.floats(1e-4, 10.0), st.integers(1, 10**6))
def test_time_buckets_cover_a_run_and_the_warm_up_is_whole(
    duration_s: float, warmup_share: float, n_cells: int
) -> None:
    warmup_s = warmup_share * duration_s
    end_s = duration_s + warmup_s
    bucket_s, n_buckets = time_buckets(warmup_s, end_s, n_cells)
    assert (n_buckets - 1) * bucket_s < end_s
    assert n_buckets * bucket_s >= end_s * (1.0 - 1e-9)
    assert warmup_s / bucket_s == pytest.approx(round(warmup_s / bucket_s), abs=1e-6)
    wanted_s = min(60.0, end_s / 10.0)
    assert bucket_s >= (wanted_s if warmup_s == 0.0 else min(wanted_s, warmup_s))
    n_most = max(4, min(240, 4_000_000 // (12 * n_cells)))
    assert n_buckets <= max(
        n_most if warmup_s == 0.0 else 2 * n_most, 1 + end_s / max(warmup_s, 1e-9) * (warmup_s > 0)
    )
