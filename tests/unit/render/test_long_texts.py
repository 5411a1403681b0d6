"""A table of texts that is wider than the terminal goes on in further lines, not in a further table."""

import io
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from simulator.render.sections import Quantity, Row, Words, table_of
from simulator.render.terminal import terminal

_LONG = "an input whose source takes many words to name, and then some more"


def _printed(*cells: str | Quantity | Words) -> list[str]:
    table = table_of(
        "", "input", tuple(f"column {n}" for n in range(len(cells))), [Row("users", list(cells))]
    )
    console = Console(file=io.StringIO(), width=60, legacy_windows=False)
    console.print(terminal([table], 60))
    return str(console.file.getvalue()).splitlines()  # type: ignore[attr-defined]


def test_texts_are_broken() -> None:
    lines = _printed(_LONG, "measured")
    assert sum("column" in line for line in lines) == 1
    assert sum("measured" in line for line in lines) == 1
    assert " ".join(" ".join(lines[2:]).split()).replace("measured ", "") == f"users {_LONG}"


@given(
    st.lists(st.text("abc", min_size=1, max_size=24), min_size=1, max_size=8),
    st.lists(st.text("abc", max_size=20), min_size=8, max_size=8),
)
def test_short_texts_are_all_there_however_many_columns_they_make(
    texts: list[str], details: list[str]
) -> None:
    """Columns that do not fit go into a further table; no text is cut."""
    lines = _printed(*(Words(text, detail) for text, detail in zip(texts, details, strict=False)))
    shown = Counter("\n".join(lines).split())
    wanted = Counter(word for pair in zip(texts, details, strict=False) for word in pair if word)
    assert all(shown[word] >= number for word, number in wanted.items())
    assert shown["users"] >= 1


def test_numbers_are_not() -> None:
    numbers = [Quantity(0.000_012_345, "number")] * 12
    assert sum("column" in line for line in _printed(*numbers)) > 1
