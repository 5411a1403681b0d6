"""Each strategy picks what its name says, and of equals the first in the route."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simulator.kernel.memory import record_array
from simulator.mechanisms import limits
from simulator.mechanisms.codes import TargetKind
from simulator.mechanisms.routes.codes import Strategy
from simulator.mechanisms.routes.kernel import choosing
from simulator.mechanisms.routes.kernel.choosing import HELD
from simulator.mechanisms.routes.table import CHOICE, ROUTE
from simulator.mechanisms.station import UNLIMITED
from simulator.mechanisms.targets import TargetList, bucket
from simulator.numerics.draws import derive
from simulator.numerics.events import NONE
from tests.unit.interpreted import interpreted

choose = interpreted(choosing.choose)
used_share = interpreted(limits.used_share)
FIRST = 2  # targets before those of the route, and choices of other routes


class Place:
    """A route over as many targets as `stations` has rows, each with one station in one region."""

    def __init__(
        self, strategy: Strategy, stations: list[dict[str, Any]], targets: list[dict[str, Any]] | None = None
    ) -> None:
        listed = TargetList()
        for _ in range(FIRST):
            listed.add_station(listed.add_target(TargetKind.SERVICE), 0, servers=1)
        for place, row in enumerate(stations):
            values = targets[place] if targets is not None else {}
            listed.add_station(listed.add_target(TargetKind.MODEL, **values), 0, **row)
        self.stations, self.targets = listed.arrays()
        self.limits = listed.limit_array()
        self.candidates = FIRST + np.arange(len(stations))
        self.choices = record_array(FIRST + len(stations), CHOICE)
        self.choices["target"] = np.arange(FIRST + len(stations))
        self.choices["weight_cumulative"][FIRST:] = np.arange(1, len(stations) + 1) / len(stations)
        self.route = record_array(1, ROUTE)[0]
        self.route.strategy = strategy
        self.route.first_choice, self.route.n_choices = FIRST, len(stations)

    def choose(
        self,
        number: int = 0,
        tokens: tuple[int, int] = (1, 1),
        class_id: int = 0,
        tier: int = 0,
        held: int = 0,
    ) -> int:
        """Place in the route of the choice; `held`: bits of those that are out of question."""
        key = np.uint64(derive(np.uint64(11), np.uint64(number)))
        held = [bool(held >> place & 1) for place in range(len(self.candidates))]
        candidates = np.where(held, HELD, self.candidates)
        tables = (self.stations, self.targets, self.limits)
        lengths = (0, class_id, tier, *tokens, UNLIMITED)
        index = choose(self.route, self.choices, candidates, *tables, *lengths, 0.0, key)
        return int(index) if candidates[index] >= 0 else NONE


def _first_least(values: list[float]) -> int:
    return values.index(min(values))


loads = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=6)


@given(loads)
def test_least_busy_counts_who_waits_and_who_is_served(busy_queued: list[tuple[int, int]]) -> None:
    place = Place(Strategy.LEAST_BUSY, [{"busy": b, "queued": q} for b, q in busy_queued])
    assert place.choose() == _first_least([b + q for b, q in busy_queued])


@given(loads, st.integers(0, 10**6))
def test_power_of_two_takes_the_less_busy_of_two(busy_queued: list[tuple[int, int]], number: int) -> None:
    total = [b + q for b, q in busy_queued]
    place = Place(Strategy.POWER_OF_TWO, [{"busy": b, "queued": q} for b, q in busy_queued])
    chosen = place.choose(number)
    if len(total) > 1 and total.count(max(total)) == 1:
        worst = total.index(max(total))
        others = Place(Strategy.POWER_OF_TWO, [{"busy": 0}] * len(total))
        assert chosen != worst or others.choose(number) == worst  # only when drawn twice
    assert 0 <= chosen < len(total)


def test_power_of_two_draws_with_replacement() -> None:
    """The busiest of n is taken when both draws fall on it: 1 in n²."""
    place = Place(Strategy.POWER_OF_TWO, [{"busy": 1}, {"busy": 2}, {"busy": 9}])
    counts = np.bincount([place.choose(number) for number in range(4500)], minlength=3)
    assert stats.chisquare(counts, [2500, 1500, 500]).pvalue > 1e-4


@pytest.mark.parametrize("weights", [[1.0, 1.0], [5.0, 1.0, 2.0], [0.2, 0.3, 0.1, 0.4]])
def test_a_shuffle_goes_by_weight(weights: list[float]) -> None:
    place = Place(Strategy.SIMPLE_SHUFFLE, [{}] * len(weights))
    shares = np.array(weights) / sum(weights)
    place.choices["weight_cumulative"][FIRST:] = np.cumsum(shares)
    counts = np.bincount([place.choose(number) for number in range(3000)], minlength=len(weights))
    assert stats.chisquare(counts, shares * 3000).pvalue > 1e-4


@given(st.lists(st.sampled_from([-1.0, 0.2, 0.5, 3.0]), min_size=1, max_size=5))
def test_latency_based_tries_the_unknown_first_and_then_the_fastest(latencies_s: list[float]) -> None:
    place = Place(Strategy.LATENCY_BASED, [{"latency_ewma_s": latency_s} for latency_s in latencies_s])
    assert place.choose() == _first_least(latencies_s)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=5))
def test_usage_based_looks_at_the_tightest_allowance(levels: list[tuple[int, int]]) -> None:
    rows = [
        bucket(1.0, 4.0, "request") | bucket(1.0, 4.0, "token") | {"request_level": r, "token_level": t}
        for r, t in levels
    ]
    place = Place(Strategy.USAGE_BASED, rows)
    assert place.choose() == _first_least([1.0 - min(level) / 4.0 for level in levels])


@pytest.mark.parametrize(
    ("values", "share"),
    [
        ({}, 0.0),
        ({"servers": 4, "busy": 3, "queued": 3}, 1.5),
        ({"parallel_limit": 8, "busy": 2}, 0.25),
        ({**bucket(1.0, 10.0, "request"), "request_level": 4.0, "parallel_limit": 8, "busy": 2}, 0.6),
        ({"servers": 0}, 1.0),  # its replicas are lost
        ({"servers": 0, "busy": 2, "parallel_limit": 4}, 1.0),
        (bucket(0.0, 0.0, "request"), 1.0),  # its quota is cut to nothing
    ],
)
def test_the_used_share_of_a_station(values: dict[str, Any], share: float) -> None:
    place = Place(Strategy.USAGE_BASED, [{"servers": UNLIMITED, **values}])
    assert used_share(place.stations[FIRST], place.limits, 0.0) == pytest.approx(share, abs=1e-12)


offers = st.lists(
    st.tuples(st.integers(1, 4), st.integers(1, 4), st.sampled_from([10.0, 100.0, 1000.0])),
    min_size=2,
    max_size=5,
)


@given(offers, st.integers(1, 300), st.integers(1, 300))
def test_cost_based_takes_the_cheapest_that_has_quota(
    offered: list[tuple[int, int, float]], prompt: int, output: int
) -> None:
    place = Place(
        Strategy.COST_BASED,
        [bucket(1.0, depth, "token") for _, _, depth in offered],
        [{"input_usd": float(a), "output_usd": float(b)} for a, b, _ in offered],
    )
    usd = [prompt * a + output * b for a, b, _ in offered]
    open_usd = [
        cost if depth >= prompt + output else np.inf for cost, (_, _, depth) in zip(usd, offered, strict=True)
    ]
    expected = _first_least(usd if min(open_usd) == np.inf else open_usd)
    assert place.choose(tokens=(prompt, output)) == expected


@pytest.mark.parametrize("place", range(3))
def test_classes_and_tiers_have_their_own_choice(place: int) -> None:
    assert Place(Strategy.COMPLEXITY, [{}] * 3).choose(class_id=place) == place
    assert Place(Strategy.CASCADE, [{}] * 3).choose(tier=place) == place


@pytest.mark.parametrize(
    "strategy", [s for s in Strategy if s not in (Strategy.CASCADE, Strategy.COMPLEXITY)]
)
@given(st.lists(st.booleans(), min_size=1, max_size=6), st.integers(0, 10**6))
def test_who_is_held_is_not_chosen(strategy: Strategy, are_held: list[bool], number: int) -> None:
    place = Place(strategy, [{"busy": 3 * n % 4} for n in range(len(are_held))], [{}] * len(are_held))
    held = sum(1 << n for n, is_held in enumerate(are_held) if is_held)
    chosen = place.choose(number, held=held)
    assert chosen == NONE if all(are_held) else not are_held[chosen]


def test_a_shuffle_among_some_goes_by_their_weights() -> None:
    weights = np.array([0.1, 0.4, 0.2, 0.3])
    place = Place(Strategy.SIMPLE_SHUFFLE, [{}] * 4)
    place.choices["weight_cumulative"][FIRST:] = np.cumsum(weights)
    counts = np.bincount([place.choose(number, held=0b0010) for number in range(3000)], minlength=4)
    expected = 3000 * weights[[0, 2, 3]] / weights[[0, 2, 3]].sum()
    assert stats.chisquare(counts[[0, 2, 3]], expected).pvalue > 1e-4


def test_power_of_two_draws_among_the_open_choices_alone() -> None:
    place = Place(Strategy.POWER_OF_TWO, [{"busy": 1}, {"busy": 0}, {"busy": 2}, {"busy": 9}])
    counts = np.bincount([place.choose(number, held=0b0010) for number in range(4500)], minlength=4)
    assert counts[1] == 0
    assert stats.chisquare(counts[[0, 2, 3]], [2500, 1500, 500]).pvalue > 1e-4


def test_a_cascade_passes_over_the_held_and_a_class_has_no_other() -> None:
    assert Place(Strategy.CASCADE, [{}] * 3).choose(tier=0, held=0b011) == 2
    assert Place(Strategy.CASCADE, [{}] * 3).choose(tier=1, held=0b110) == NONE
    assert Place(Strategy.COMPLEXITY, [{}] * 3).choose(class_id=1, held=0b010) == NONE
