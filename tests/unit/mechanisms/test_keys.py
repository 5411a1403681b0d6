"""Random-number keys made from names: the same in every process, different for different names."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulator.mechanisms.keys import name_key

parts = st.lists(st.text("ab,|", max_size=3) | st.integers(0, 99).map(str), max_size=4)


def test_a_key_is_the_same_for_ever() -> None:
    """A number that moves here moves every result that was ever stored."""
    assert name_key(7, "ask", "east") == np.uint64(7373394003840646829)


@given(parts, parts)
def test_names_have_keys_of_their_own(one: list[str], other: list[str]) -> None:
    """Also where the parts are cut at another place: ("ab", "c") is not ("a", "bc")."""
    assert (name_key(*one) == name_key(*other)) == (one == other)


def test_numbers_count_as_they_are_written() -> None:
    assert name_key(7, "ask") == name_key("7", "ask") != name_key(70, "sk")
