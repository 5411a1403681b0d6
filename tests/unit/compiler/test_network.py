"""Round trips hold both ways unless said otherwise, and the nearest station comes first."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.compiler.network import nearest_stations, round_trip_s, round_trips_s
from simulator.numerics.events import NONE
from simulator.scenario.model import Network

NETWORK = Network.model_validate(
    {
        "rtt": {"a": {"b": "30ms", "c": "50ms"}, "b": {"a": "40ms"}, "c": {"c": "9s"}},
        "local": "2ms",
        "default": "0.1s",
    }
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
    table = round_trips_s(NETWORK, ["a", "b", "c"])
    assert table["abc".index(origin), "abc".index(destination)] == rtt_s


@st.composite
def maps(draw: st.DrawFn) -> tuple[np.ndarray, list[tuple[int, int]], int]:
    """Round trips between regions, and (target, region) of every station."""
    n_regions, n_targets = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    rtt_s = draw(st.lists(st.sampled_from([0.0, 0.01, 0.02]), min_size=n_regions**2, max_size=n_regions**2))
    pairs = st.tuples(st.integers(0, n_targets - 1), st.integers(0, n_regions - 1))
    stations = draw(st.lists(pairs, unique=True, max_size=12))
    return np.array(rtt_s).reshape(n_regions, n_regions), stations, n_targets


@given(maps())
def test_stations_are_ranked_by_the_way_to_them(found: tuple[np.ndarray, list[tuple[int, int]], int]) -> None:
    rtt_s, stations, n_targets = found
    columns = np.array(stations, dtype=np.int64).reshape(-1, 2)
    by_rank = nearest_stations(columns[:, 0], columns[:, 1], rtt_s, n_targets)
    assert by_rank.shape[:2] == (n_targets, rtt_s.shape[0])
    for target in range(n_targets):
        own = [number for number, (owner, _) in enumerate(stations) if owner == target]
        for region in range(rtt_s.shape[0]):
            ranked = by_rank[target, region]
            assert sorted(ranked[: len(own)]) == own
            assert set(ranked[len(own) :]) <= {NONE}
            ways_s = [rtt_s[region, stations[number][1]] for number in ranked[: len(own)]]
            assert ways_s == sorted(ways_s)
            ties = [n for n, way_s in zip(ranked, ways_s, strict=False) if way_s == ways_s[0]]
            home = [n for n in ties if stations[n][1] == region]
            assert ties == home + [n for n in sorted(ties) if n not in home]
