"""Links of the documentation that leave `docs/`: on GitHub they lead to files, on the site to the page of the scenarios."""

import re
from typing import Any

_SCENARIO = re.compile(r"\]\((?:\.\./)+scenarios/(?:[\w-]+/)*([\w-]+)\.yaml\)")
_OTHER = re.compile(r"\[([^\]]+)\]\((?:\.\./)+(?:scenarios|simulator|benchmarks|tests|scripts)[^)]*\)")
_LIBRARY = "reference/examples.md"


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Lead links of scenarios to their sections, and leave the words of links to other files of the repository."""
    up = "../" * page.file.src_uri.count("/")
    in_site = _SCENARIO.sub(lambda found: f"]({up}{_LIBRARY}#{found[1]})", markdown)
    return _OTHER.sub(r"\1", in_site)
