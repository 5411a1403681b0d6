"""The page on the architecture speaks of files and names that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "docs" / "architecture.md", *sorted((ROOT / "docs" / "decisions").glob("*.md"))]
SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "simulator").rglob("*.py")))
_CODE = re.compile(r"`([^`\n]+)`")
_FILE = re.compile(r"(simulator|tests|docs|scripts|benchmarks|scenarios)(/[\w.-]+)*")
_NAME = re.compile(r"_?[A-Za-z]+(_[a-z_]+)+|_?[A-Z][a-z]+[A-Z]\w+")


def _code(page: Path) -> list[str]:
    return _CODE.findall(page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_are_there(page: Path) -> None:
    named = [code for code in _code(page) if _FILE.fullmatch(code)]
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_functions_and_classes_are_there(page: Path) -> None:
    named = [code for code in _code(page) if _NAME.fullmatch(code)]
    assert [name for name in named if not re.search(rf"\b{name}\b", SOURCES)] == []
