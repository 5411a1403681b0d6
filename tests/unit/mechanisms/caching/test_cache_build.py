"""Caches begin as they are after a long time: filled to their size, in the order of use, with answers of the right age."""

from collections import OrderedDict
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simulator.mechanisms.caching import warm
from simulator.mechanisms.caching.build import CachePlan, build_caching
from simulator.mechanisms.caching.config import Cache
from simulator.mechanisms.caching.table import Caching
from simulator.mechanisms.caching.warm import Asker, stationary_content
from simulator.mechanisms.popularity import popularity_table
from simulator.numerics.events import NONE

EXPONENT = 0.9


def _cache(**values: Any) -> Cache:
    return Cache.model_validate({"type": "exact", "size": 4, **values})


def _asker(workload: str, cache: str, n_items: int, *rate_rps: float, n_wordings: int = 1) -> Asker:
    return Asker(workload, cache, EXPONENT, n_items, n_wordings, rate_rps, (0.75,))


def _contents(caching: Caching, number: int) -> list[int]:
    """Questions of an instance, most recently used first, found both ways."""
    instance, found = caching.instances[number], {}
    for start, link in (("newest", "older"), ("oldest", "newer")):
        found[start] = []
        entry = instance[start]
        while entry != NONE:
            assert instance.first_entry <= entry < instance.first_entry + instance.capacity
            assert caching.places[caching.entries["position"][entry]] == entry
            found[start].append(int(caching.entries["position"][entry] - instance.first_index))
            entry = caching.entries[link][entry]
    assert found["newest"] == found["oldest"][::-1]
    assert len(found["newest"]) == instance.n_entries
    return found["newest"]


caches = st.fixed_dictionaries(
    {
        "size": st.integers(1, 40),
        "ttl": st.none() | st.sampled_from([0.5, 30.0]),
        "scope": st.sampled_from(["region", "global"]),
        "start": st.sampled_from(["warm", "cold"]),
    }
)


@given(caches, caches, st.integers(0, 10**6))
def test_instances_lie_side_by_side_and_are_well_linked(
    one: dict[str, Any], other: dict[str, Any], seed: int
) -> None:
    named = {"one": _cache(**one), "other": _cache(**other)}
    askers = [
        _asker("ask", "one", 10, 3.0, 1.0),
        _asker("chat", "one", 5, 0.0, 2.0, n_wordings=2),
        _asker("ask", "other", 7, 0.5, 0.5),
    ]
    plan = CachePlan(named, 2, askers)
    assert plan.question_offset == {("one", "ask"): 0, ("one", "chat"): 10, ("other", "ask"): 0}
    assert plan.n_questions == {"one": 20, "other": 7}
    caching = build_caching(plan, seed)
    number = 0
    taken: set[int] = set()
    for name, n_asked_by_region in (("one", (10, 20)), ("other", (7, 7))):
        cache = named[name]
        assert plan.first_instance[name] == number
        for n_asked in n_asked_by_region if cache.scope == "region" else (max(n_asked_by_region),):
            questions = _contents(caching, number)
            assert cache.size is not None
            assert len(questions) == (min(cache.size, n_asked) if cache.start == "warm" else 0)
            assert len(set(questions)) == len(questions)
            assert max(questions, default=0) < n_asked
            places = {int(caching.instances[number].first_index) + question for question in range(n_asked)}
            assert not places & taken
            taken |= places
            number += 1
    assert caching.instances.size == number


def test_a_measured_cache_keeps_no_answers() -> None:
    cache = Cache(type="measured", hit_rate=0.3)
    caching = build_caching(CachePlan({"one": cache}, 2, [_asker("ask", "one", 10, 1.0, 1.0)]), 1)
    assert caching.instances["hit_rate"].tolist() == [0.3, 0.3]
    assert caching.instances["n_entries"].tolist() == [0, 0]


def test_contents_are_drawn_anew_for_each_seed_and_the_same_for_one() -> None:
    plan = CachePlan({"one": _cache(size=10)}, 1, [_asker("ask", "one", 30, 1.0)])
    one, again, other = (_contents(build_caching(plan, seed), 0) for seed in (1, 1, 2))
    assert one == again != other


def test_a_warm_cache_is_one_that_was_used_for_long() -> None:
    """Questions held, against a least-recently-used cache that answered 150 look-ups before."""
    n_items, size, n_runs = 12, 4, 600
    shares = popularity_table(EXPONENT, n_items).shares
    plan = CachePlan({"one": _cache(size=size)}, 1, [_asker("ask", "one", n_items, 2.0)])
    begun = np.array(
        [np.bincount(_contents(build_caching(plan, s), 0), minlength=n_items) for s in range(n_runs)]
    )
    generator = np.random.default_rng(5)
    used = np.zeros((n_runs, n_items))
    for row in used:
        held: OrderedDict[int, None] = OrderedDict()
        for question in generator.choice(n_items, size=150, p=shares):
            held[question] = None
            held.move_to_end(question)
            if len(held) > size:
                held.popitem(last=False)
        row[list(held)] = 1.0
    spread = np.sqrt((begun.var(axis=0) + used.var(axis=0)) / n_runs)
    z = (begun.mean(axis=0) - used.mean(axis=0)) / spread
    assert np.abs(z).max() <= 4.0  # of 12: 8 false alarms in 10,000


@pytest.mark.parametrize("rate_rps", [0.02, 0.1, 1.0])
def test_an_answer_is_fresh_and_of_any_age_as_renewals_leave_it(rate_rps: float) -> None:
    """Stored at a look-up, fresh for T, renewed at the first look-up after that: a cycle of T + 1/rate on average."""
    ttl_s, n_runs = 30.0, 1500
    plan = CachePlan({"one": _cache(size=1, ttl=ttl_s)}, 1, [_asker("ask", "one", 1, rate_rps)])
    ages_s = np.array([-build_caching(plan, seed).entries["stored_s"][0] for seed in range(n_runs)])
    p_fresh = ttl_s / (ttl_s + 1.0 / rate_rps)
    n_fresh = (ages_s < ttl_s).sum()
    assert stats.binomtest(int(n_fresh), n_runs, p_fresh).pvalue > 1e-4
    assert stats.kstest(ages_s[ages_s < ttl_s], stats.uniform(0.0, ttl_s).cdf).pvalue > 1e-4
    assert stats.kstest(ages_s[ages_s >= ttl_s] - ttl_s, stats.expon(scale=1.0 / rate_rps).cdf).pvalue > 1e-4


def test_a_share_of_the_answers_is_right() -> None:
    plan = CachePlan({"one": _cache(size=2000)}, 1, [_asker("ask", "one", 2000, 5.0)])
    is_right = build_caching(plan, 3).entries["is_correct"]
    assert stats.binomtest(int(is_right.sum()), 2000, 0.75).pvalue > 1e-4


@given(
    st.floats(0.01, 100.0),
    st.lists(st.just(0.0) | st.floats(1e-3, 5.0), min_size=2, max_size=2).filter(any),
    st.none() | st.floats(0.1, 60.0),
    st.integers(1, 40),
)
def test_at_other_rates_everything_happens_as_much_faster(
    factor: float, rates_rps: list[float], ttl_s: float | None, size: int
) -> None:
    """The law of scale: in units of the mean time between look-ups a cache does not know how often it is asked."""
    askers = [_asker(f"ask {n}", "one", 20, rate) for n, rate in enumerate(rates_rps)]
    faster = [_asker(f"ask {n}", "one", 20, factor * rate) for n, rate in enumerate(rates_rps)]
    content = stationary_content(askers, 0, size, ttl_s, 7)
    other = stationary_content(faster, 0, size, None if ttl_s is None else ttl_s / factor, 7)
    assert content.question.tolist() == other.question.tolist()
    assert content.is_correct.tolist() == other.is_correct.tolist()
    np.testing.assert_allclose(content.age_s, factor * other.age_s, rtol=1e-9)


def test_other_demand_is_answered_from_what_is_remembered_and_little_is() -> None:
    warm._remembered.clear()
    for n in range(40):
        stationary_content([_asker("ask", "one", 20_000, 1.0 + n)], 0, 10_000, 60.0, 7)
    assert sum(capacity == 10_000 for _, capacity, _ in warm._remembered) == 1
    for key in range(600):
        stationary_content([_asker("ask", "one", 20_000, 1.0)], 0, 10_000, 60.0, key)
    assert len(warm._remembered) < 600
    assert warm._remembered.currsize <= 256 * 2**20
