"""Words that a practitioner would have to translate, kept out of what people read: guides, help, messages, tables."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# What stands here was written once and read as foreign; beside it, what the field says.
AVOIDED = {
    r"\breckon\w*": "compute, estimate, count",
    r"\banew\b": "again",
    r"\bbegin of\b": "start of",
    r"\bno other beats?\b": "Pareto-optimal",
    r"\bwhat would be right\b": "a suggested fix",
    r"\b(?:is|are) told\b": "is reported, gets",
    r"\bheld to\b": "checked against",
    r"\bso many (?:cells|times)\b": "this many",
    r"\blonger than nothing\b": "greater than zero",
    r"\bmended\b": "fixed",
    r"\bp\(\d\d\) (?=[a-z])": "p95: the spelling p(95) is for files",
    r"\bput up with\b": "accept",
    r"\bholds? up work\b": "is the bottleneck",
    r"\bdoes the same luck\b": "the same random draws",
}
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PAGES += [
    page
    for folder in ("guides", "background", "reference")
    for page in sorted((ROOT / "docs" / folder).glob("*.md"))
]
MODULES = sorted((ROOT / "simulator").rglob("*.py"))


@pytest.mark.parametrize("path", [*PAGES, *MODULES], ids=lambda path: str(path.relative_to(ROOT)))
def test_words_are_those_of_the_field(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = [
        f"{path.relative_to(ROOT)}:{text[: match.start()].count(chr(10)) + 1}: {match[0]!r} → {better}"
        for pattern, better in AVOIDED.items()
        for match in re.finditer(pattern, text)
    ]
    assert not found, "\n".join(found)
