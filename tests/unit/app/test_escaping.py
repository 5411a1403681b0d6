"""Names in scenarios are shown, never obeyed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.app.escaping import color_of, icon_of, plain
from simulator.render.plotly_config import without_markup


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[x](https://a.b)", r"\[x\](https\://a.b)"),
        ("<b>bold</b>", r"\<b\>bold\</b\>"),
        (":red[x] :material/home: :tada:", r"\:red\[x\] \:material/home: \:tada:"),
        ("$x$ `code` **x** ~~y~~", r"\$x\$ \`code\` \*\*x\*\* \~\~y\~\~"),
        ("- item", r"\- item"),
        ("1. item", r"1\. item"),
        ("12) item", r"12\) item"),
        ("# head", r"\# head"),
        ("www.a.b", r"www\.a.b"),
        ("x -- y -> z", r"x \-\- y -\> z"),
    ],
)
def test_what_would_be_markup_is_escaped(text: str, shown: str) -> None:
    assert plain(text) == shown


@pytest.mark.parametrize(
    "text", ["support-copilot", "answers: time to live", "p(95) latency, 2.5 s", "it's 3 %"]
)
def test_plain_words_are_left_alone(text: str) -> None:
    assert plain(text) == text


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
