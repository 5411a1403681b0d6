"""Pieces of Markdown for the comments of CI: tables, foldable parts, a user's text made harmless."""

import re
from collections.abc import Sequence

MARKS = {"PASS": "✅", "FAIL": "❌", "UNDECIDED": "❔"}
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~@])")


def escaped(text: str) -> str:
    """A user's text as it is: no markup, no mentions, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; cells are Markdown already."""
    lines = [headers, ["---"] * len(headers), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def folded(summary: str, body: str) -> str:
    """A part that is shown when its summary is clicked."""
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


def plural(n: int, noun: str) -> str:
    """`1 threshold`, `2 thresholds`."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
