"""Bars of text: as many as there is room for, each the mean of what it stands for, with marks where they belong."""

from simulator.render.bars import bars_text


def test_a_bar_per_share_where_there_is_room() -> None:
    assert bars_text([1.0, 0.0, 0.5, 2.0], [1, 3], 10) == "█|▁▅|█"


def test_bars_are_means_where_there_is_none() -> None:
    assert bars_text([1.0, 1.0, 0.0, 1.0, 0.0], [0, 3], 3) == "█|▅▁"


def test_nothing_has_no_bars() -> None:
    assert bars_text([], [], 10) == ""
