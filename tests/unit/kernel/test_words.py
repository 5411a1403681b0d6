"""The words of the kernel agree with each other: bits do not overlap, events fit in a key, names match those of results."""

from enum import IntEnum

import pytest

from simulator.kernel.codes import Event, Mark, Outcome, Phase, Purpose, Stop
from simulator.mechanisms.codes import Result
from simulator.metrics.columns import AreaColumn, CountColumn, Metric, UsageColumn
from simulator.numerics.events import MAX_SLOTS, SEQUENCE_SHIFT, SLOT_BITS, TYPE_BITS

COUNTED_FROM_ZERO = [Event, Phase, Purpose, Outcome, Stop, CountColumn, Metric, UsageColumn, AreaColumn]


@pytest.mark.parametrize("words", COUNTED_FROM_ZERO)
def test_numbers_have_no_holes(words: type[IntEnum]) -> None:
    assert [int(word) for word in words] == list(range(len(words)))


@pytest.mark.parametrize("words", [Mark, Result])
def test_bits_do_not_overlap(words: type[IntEnum]) -> None:
    bits = [int(word) for word in words if word]
    assert sum(bits) == 2 ** len(bits) - 1


def test_an_event_fits_into_a_key() -> None:
    assert max(Event) < 1 << TYPE_BITS
    assert 1 << SLOT_BITS == MAX_SLOTS
    assert 2 ** (63 - SEQUENCE_SHIFT) > 3e10  # events of the longest run


def test_a_purpose_fits_into_a_draw() -> None:
    assert max(Purpose) < 64


def test_an_outcome_is_counted_in_its_own_column() -> None:
    assert [CountColumn(CountColumn.SUCCEEDED + outcome).name for outcome in Outcome] == [
        o.name for o in Outcome
    ]
