"""Names in scenarios are shown, never obeyed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.ui.words import color_of, icon_of, plain, without_markup


@pytest.mark.parametrize(
    "text", ["[x](javascript:alert)", "<b>bold</b>", ":red[x]", "$x$", "`code`", "**x**"]
)
def test_every_mark_is_escaped(text: str) -> None:
    shown = plain(text)
    assert shown.replace("\\", "") == text
    assert all(shown[place - 1] == "\\" for place, mark in enumerate(shown) if mark in "[]()<>:$`*")


@given(st.text())
def test_nothing_breaks_the_line(text: str) -> None:
    assert "\n" not in plain(text)


def test_figures_hold_no_tags() -> None:
    shown = without_markup(
        {"name": "<a href='x'>y</a>", "y": ["<b>"], "hovertemplate": "%{y}<extra></extra>", "x": [1.0]}
    )
    assert shown == {
        "name": "&lt;a href='x'>y&lt;/a>",
        "y": ["&lt;b>"],
        "hovertemplate": "%{y}<extra></extra>",
        "x": [1.0],
    }


def test_verdicts_have_a_colour_and_an_icon() -> None:
    assert [color_of(word) for word in ("GO", "FAIL", "UNDECIDED", None)] == [
        "green",
        "red",
        "orange",
        "orange",
    ]
    assert len({icon_of(word) for word in ("GO", "NO-GO", None)}) == 3
