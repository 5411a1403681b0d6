"""Round trips hold both ways unless said otherwise, and the nearest station comes first."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.compiler.network import allowed_ways, in_order, nearest_stations, round_trips_s
from simulator.numerics.events import NONE
from simulator.scenario.model import Scenario
from simulator.scenario.region_facts import round_trip_s


def scenario(regions: dict[str, Any], **parts: Any) -> Scenario:
    """A scenario with these regions."""
    ask = {"name": "ask", "arrival_rate": 1.0, "steps": [{"call": "desk"}]}
    services = {"desk": {"service_time": {"distribution": "constant", "value": 1}}}
    named = {"metadata": {"name": "map"}, "workloads": [ask], "services": services}
    return Scenario.model_validate({**named, "regions": regions, **parts})


NETWORK = scenario(
    {"a": {}, "b": {}, "c": {}},
    network={
        "rtt": {"a": {"b": "30ms", "c": "50ms"}, "b": {"a": "40ms"}, "c": {"c": "9s"}},
        "local": "2ms",
        "default": "0.1s",
    },
)


@pytest.mark.parametrize(
    ("origin", "destination", "rtt_s"),
    [
        ("a", "b", 0.03),
        ("b", "a", 0.04),  # said for both directions apart
        ("a", "c", 0.05),
        ("c", "a", 0.05),  # said for the other direction only
        ("b", "c", 0.1),
        ("a", "a", 0.002),
        ("c", "c", 0.002),
    ],
)
def test_a_round_trip(origin: str, destination: str, rtt_s: float) -> None:
    assert round_trip_s(NETWORK, origin, destination) == rtt_s
    table = round_trips_s(NETWORK)
    assert table["abc".index(origin), "abc".index(destination)] == rtt_s


def test_round_trips_of_the_catalog_hold_unless_said_otherwise() -> None:
    azure = scenario(
        {"dublin": {"location": "northeurope"}, "eastus": {}, "again": {"location": "eastus"}},
        network={"rtt": "azure", "overrides": {"dublin": {"again": "99ms"}}, "local": "1ms"},
    )
    assert round_trip_s(azure, "dublin", "eastus") == 0.073
    assert round_trip_s(azure, "dublin", "again") == round_trip_s(azure, "again", "dublin") == 0.099
    assert round_trip_s(azure, "eastus", "again") == 0.001  # both are there


def test_data_goes_where_its_zone_may_go() -> None:
    zones = {"eu": {"residency": "EU"}, "us": {"location": "eastus"}, "free": {}, "uk": {"residency": "UK"}}
    ruled = scenario(zones, data_residency={"EU": ["EU"], "US": ["US", "EU"]})
    assert allowed_ways(ruled).tolist() == [
        [True, False, False, False],  # not to a region of an unknown zone either
        [True, True, False, False],
        [True, True, True, True],  # no rule is about who has no zone, or another one
        [True, True, True, True],
    ]


def test_a_team_is_asked_in_the_order_said_after_the_nearest() -> None:
    nearest = np.array([[5, 7, 6, 8], [NONE, NONE, NONE, NONE], [8, 5, NONE, NONE]])
    region = np.array([9, 9, 9, 9, 9, 0, 1, 2, 3])
    assert in_order(nearest, region, [3, 0, 1]).tolist() == [
        [5, 8, 6, NONE],
        [NONE] * 4,
        [8, 5, NONE, NONE],
    ]


@st.composite
def maps(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, list[tuple[int, int]], int]:
    """Round trips between regions, which way data may go, and (target, region) of every station."""
    n_regions, n_targets = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    rtt_s = draw(st.lists(st.sampled_from([0.0, 0.01, 0.02]), min_size=n_regions**2, max_size=n_regions**2))
    pairs = st.tuples(st.integers(0, n_targets - 1), st.integers(0, n_regions - 1))
    stations = draw(st.lists(pairs, unique=True, max_size=12))
    allowed = draw(st.lists(st.booleans(), min_size=n_regions**2, max_size=n_regions**2))
    square = (n_regions, n_regions)
    return np.array(rtt_s).reshape(square), np.array(allowed).reshape(square), stations, n_targets


@given(maps())
def test_stations_are_ranked_by_the_way_to_them(
    found: tuple[np.ndarray, np.ndarray, list[tuple[int, int]], int],
) -> None:
    rtt_s, allowed, stations, n_targets = found
    columns = np.array(stations, dtype=np.int64).reshape(-1, 2)
    by_rank = nearest_stations(columns[:, 0], columns[:, 1], rtt_s, allowed, n_targets)
    assert by_rank.shape[:2] == (n_targets, rtt_s.shape[0])
    for target in range(n_targets):
        for region in range(rtt_s.shape[0]):
            own = [
                n for n, (owner, there) in enumerate(stations) if owner == target and allowed[region, there]
            ]
            ranked = by_rank[target, region]
            assert sorted(ranked[: len(own)]) == own
            assert set(ranked[len(own) :]) <= {NONE}
            ways_s = [rtt_s[region, stations[number][1]] for number in ranked[: len(own)]]
            assert ways_s == sorted(ways_s)
            ties = [n for n, way_s in zip(ranked, ways_s, strict=False) if way_s == ways_s[0]]
            home = [n for n in ties if stations[n][1] == region]
            assert ties == home + [n for n in sorted(ties) if n not in home]
