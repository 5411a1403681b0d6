"""Each policy picks the region its name says, among those that the user sees as up; of equals the nearest."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simulator.kernel.memory import record_array
from simulator.mechanisms.codes import TargetKind
from simulator.mechanisms.distribution_table import DistributionTable
from simulator.mechanisms.regions import kernel
from simulator.mechanisms.regions.build import Ways, build_regions, note_health
from simulator.mechanisms.regions.codes import N_CHANGES, Policy
from simulator.mechanisms.regions.config import Network
from simulator.mechanisms.regions.table import NETWORK, REGION_RULE
from simulator.mechanisms.station import UNLIMITED
from simulator.mechanisms.targets import TargetList
from simulator.numerics.draws import derive, uniform
from simulator.numerics.events import NONE
from tests.reference.regions import Health
from tests.unit.interpreted import interpreted

station_by_rank = interpreted(kernel.station_by_rank)
station_by_policy = interpreted(kernel.station_by_policy)
is_seen_up = interpreted(kernel.is_seen_up)
USER = np.uint64(derive(np.uint64(5), np.uint64(1)))
WAYS = np.array([3, 1, 2, NONE])  # stations, nearest first


def pick(
    policy: Policy,
    busy: list[int],
    *,
    limit: float = 0.0,
    weights: list[float] | None = None,
    down: tuple[int, ...] = (),
    n_passed_over: int = 0,
    number: int = 0,
    servers: int = 4,
) -> int:
    """Station that a policy picks of the stations 3, 1 and 2, which serve in the regions of the same numbers."""
    listed = TargetList()
    listed.add_target(TargetKind.SERVICE)
    for region, n in enumerate([0, *busy]):
        listed.add_station(0, region, busy=n, servers=servers)
    stations, _ = listed.arrays()
    rule = record_array(1, REGION_RULE)[0]
    rule.policy, rule.spill_over_at = policy, limit
    network = record_array(1, NETWORK)[0]
    network.checks_health = int(bool(down))
    seen_up = np.array([int(row not in down) for row in range(4)])
    change_s = np.full((4, N_CHANGES), -np.inf)
    key = np.uint64(derive(np.uint64(9), np.uint64(number)))
    return int(
        station_by_policy(
            rule, np.array([0.0, *(weights or [1.0] * 3)]), network, stations, listed.limit_array(), seen_up, change_s,
            WAYS, n_passed_over, 1.0, key, USER,
        )
    )  # fmt: skip


@given(st.lists(st.integers(0, 5), min_size=3, max_size=3))
def test_the_least_loaded_has_the_smallest_used_share(busy: list[int]) -> None:
    by_way = [busy[station - 1] for station in WAYS[:3]]
    assert pick(Policy.LEAST_LOADED, busy) == WAYS[by_way.index(min(by_way))]


def test_what_is_unlimited_is_never_loaded() -> None:
    assert pick(Policy.LEAST_LOADED, [0, 9, 99], servers=UNLIMITED) == 3


@pytest.mark.parametrize(
    ("busy", "chosen"),
    [
        ([0, 0, 2], 3),  # half in use: below three quarters
        ([0, 0, 3], 1),
        ([3, 0, 3], 2),
        ([3, 4, 5], 1),  # nowhere below: the least used
        ([3, 3, 3], 3),  # of equals the nearest
    ],
)
def test_spill_over_fills_the_nearest_first(busy: list[int], chosen: int) -> None:
    assert pick(Policy.SPILL_OVER, busy, limit=0.75) == chosen


@pytest.mark.parametrize("weights", [[1.0, 1.0, 1.0], [5.0, 1.0, 2.0], [0.0, 3.0, 1.0]])
def test_weights_share_attempts_out(weights: list[float]) -> None:
    picked = [pick(Policy.WEIGHTED, [0, 0, 0], weights=weights, number=n) for n in range(1500)]
    counts = np.bincount(picked, minlength=4)[1:]
    used = np.array(weights) > 0.0
    assert not counts[~used].any()
    expected = np.array(weights)[used] / sum(weights) * 1500
    assert stats.chisquare(counts[used], expected).pvalue > 1e-4


def test_without_any_weight_the_nearest_serves() -> None:
    assert pick(Policy.WEIGHTED, [0, 0, 0], weights=[0.0, 0.0, 0.0]) == 3
    assert pick(Policy.WEIGHTED, [0, 0, 0], weights=[0.0, 2.0, 1.0], down=(2, 3)) == 1


@pytest.mark.parametrize("policy", [Policy.FAILOVER, Policy.LEAST_LOADED, Policy.SPILL_OVER, Policy.WEIGHTED])
def test_who_is_down_is_passed_over_unless_everybody_is(policy: Policy) -> None:
    assert pick(policy, [0, 0, 0], limit=0.5, down=(3,), weights=[0.0, 0.0, 1.0]) == 1
    assert pick(policy, [0, 0, 0], limit=0.5, down=(1, 3)) == 2
    assert pick(policy, [0, 0, 0], limit=0.5, down=(1, 2, 3), weights=[0.0, 0.0, 1.0]) == 3


def test_after_failed_tries_nearer_ones_are_passed_over() -> None:
    passed = [pick(Policy.FAILOVER, [0, 0, 0], down=(1,), n_passed_over=n) for n in range(4)]
    assert passed == [3, 2, 2, 2]
    assert pick(Policy.SPILL_OVER, [0, 0, 0], limit=0.5, n_passed_over=1) == 1


def test_with_nowhere_to_go_there_is_no_station() -> None:
    nowhere = np.array([NONE, NONE])
    assert station_by_policy(*[None] * 7, nowhere, 0, 0.0, USER, USER) == NONE


@given(st.integers(1, 4), st.integers(0, 6), st.integers(1, 4))
def test_beyond_the_farthest_region_the_farthest_is_asked(n_stations: int, rank: int, n_ranks: int) -> None:
    by_rank = np.full((2, 2, max(n_ranks, n_stations)), NONE)
    by_rank[1, 1, :n_stations] = 10 + np.arange(n_stations)
    assert station_by_rank(by_rank, 1, 1, rank) == 10 + min(rank, n_stations - 1)
    assert station_by_rank(by_rank, 0, 1, rank) == NONE


gaps = st.lists(st.floats(1.0, 40.0), max_size=N_CHANGES)


@given(gaps, st.floats(0.0, 60.0), st.floats(0.0, 100.0), st.integers(0, 100))
def test_a_user_sees_what_the_name_service_knew_a_share_of_its_time_to_live_ago(
    gaps_s: list[float], ttl_s: float, since_s: float, user: int
) -> None:
    regions = build_regions(
        Network(), [], ["here"], Ways(np.array([[0]]), np.zeros((1, 1))), 3, 1, DistributionTable()
    )
    seen_up, change_s, health = regions.seen_up, regions.change_s, Health()
    now_s = 0.0
    for number, gap_s in enumerate(gaps_s):
        now_s += gap_s
        note_health(regions, 1, number % 2 == 1, now_s)
        health.note("there", number % 2 == 1, now_s)
    now_s += since_s
    key = np.uint64(derive(np.uint64(3), np.uint64(user)))
    seen = is_seen_up(seen_up, change_s, 1, now_s, ttl_s, key)
    assert seen == health.was_up("there", now_s - ttl_s * uniform(key))
    assert is_seen_up(seen_up, change_s, 0, now_s, ttl_s, key)
