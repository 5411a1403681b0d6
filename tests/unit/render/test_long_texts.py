"""A table of texts that is wider than the terminal goes on in further lines, not in a further table."""

import io

from rich.console import Console

from simulator.render.sections import Quantity, Row, table_of
from simulator.render.terminal import terminal

_LONG = "an input whose source takes many words to name, and then some more"


def _printed(*cells: str | Quantity) -> list[str]:
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


def test_numbers_are_not() -> None:
    numbers = [Quantity(0.000_012_345, "number")] * 12
    assert sum("column" in line for line in _printed(*numbers)) > 1
