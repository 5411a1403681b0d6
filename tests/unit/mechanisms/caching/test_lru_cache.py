"""A response cache is an ordered dictionary: the least recently used goes first, an answer expires at its age."""

from collections import OrderedDict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulator.kernel.memory import record_array
from simulator.mechanisms.caching import kernel
from simulator.mechanisms.caching.table import ENTRY, INSTANCE
from simulator.numerics.events import NONE
from tests.unit.interpreted import interpreted

find, store = interpreted(kernel.find), interpreted(kernel.store)
N_QUESTIONS = 7
FIRST_ENTRY = 3  # the entries before belong to another cache


class CacheTwins:
    """A cache, and the same as an `OrderedDict` of question → (when it was stored, whether it is right)."""

    def __init__(self, capacity: int, ttl_s: float) -> None:
        self.instance = record_array(1, INSTANCE)[0]
        self.instance.capacity, self.instance.ttl_s, self.instance.first_entry = capacity, ttl_s, FIRST_ENTRY
        self.instance.newest = self.instance.oldest = NONE
        self.entries = record_array(FIRST_ENTRY + capacity, ENTRY)
        self.index = np.full(N_QUESTIONS, NONE, dtype=np.int32)
        self.model: OrderedDict[int, tuple[float, int]] = OrderedDict()
        self.now_s = 0.0

    def find(self, question: int, any_age: bool) -> None:
        entry_id = find(self.instance, self.entries, self.index, question, self.now_s, any_age)
        known = self.model.get(question)
        if known is None or (not any_age and self.now_s - known[0] >= self.instance.ttl_s):
            assert entry_id == NONE
            return
        self.model.move_to_end(question)
        entry = self.entries[entry_id]
        assert (entry.position, entry.stored_s, entry.is_correct) == (question, *known)

    def store(self, question: int, is_correct: int) -> None:
        store(self.instance, self.entries, self.index, question, self.now_s, is_correct)
        self.model[question] = (self.now_s, is_correct)
        self.model.move_to_end(question)
        if len(self.model) > self.instance.capacity:
            self.model.popitem(last=False)

    def wait(self, span_s: float) -> None:
        self.now_s += span_s

    def assert_equal(self) -> None:
        for end, link, expected in (
            ("oldest", "newer", list(self.model)),
            ("newest", "older", [*self.model][::-1]),
        ):
            found = []
            entry_id = self.instance[end]
            while entry_id != NONE:
                found.append(int(self.entries["position"][entry_id]))
                entry_id = self.entries[link][entry_id]
            assert found == expected
        assert self.instance.n_entries == len(self.model)
        held = {question for question in range(N_QUESTIONS) if self.index[question] != NONE}
        assert held == set(self.model)
        assert all(self.entries["position"][self.index[question]] == question for question in held)


questions = st.integers(0, N_QUESTIONS - 1)
operations = st.one_of(
    st.tuples(st.just("find"), questions, st.booleans()),
    st.tuples(st.just("store"), questions, st.integers(0, 1)),
    st.tuples(st.just("wait"), st.sampled_from([0.5, 1.0, 10.0])),
)


@given(st.integers(1, 5), st.sampled_from([1.0, 10.0, np.inf]), st.lists(operations, max_size=60))
def test_a_cache_is_an_ordered_dictionary(capacity: int, ttl_s: float, steps: list[tuple]) -> None:
    twins = CacheTwins(capacity, ttl_s)
    for name, *arguments in steps:
        getattr(twins, name)(*arguments)
        twins.assert_equal()


def test_a_use_keeps_an_answer_but_does_not_make_it_younger() -> None:
    twins = CacheTwins(2, ttl_s=10.0)
    twins.store(0, 1)
    twins.store(1, 1)
    twins.wait(9.0)
    twins.find(0, any_age=False)
    twins.store(2, 1)
    assert list(twins.model) == [0, 2]
    twins.wait(1.0)
    assert find(twins.instance, twins.entries, twins.index, 0, twins.now_s, False) == NONE
    assert find(twins.instance, twins.entries, twins.index, 0, twins.now_s, True) != NONE
