"""Every page of the documentation is in the navigation of the site, and nothing else is."""

from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML

from tests.docs.snippets import ROOT

DOCS = ROOT / "docs"


def _pages(entry: Any) -> Iterator[str]:
    if isinstance(entry, dict):
        entry = list(entry.values())
    if isinstance(entry, list):
        for item in entry:
            yield from _pages(item)
    else:
        yield entry


def test_every_page_is_in_the_navigation() -> None:
    site = YAML(typ="safe").load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    there = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    records = {name for name in there if name.startswith("decisions/0")}  # listed by decisions/README.md
    assert sorted(_pages(site["nav"])) == sorted(there - records), "list the page under `nav` of mkdocs.yml"
