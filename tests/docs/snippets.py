"""What the pages show: their commands and their pieces of scenarios."""

import re
import shlex
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(page: Path, *languages: str) -> list[str]:
    """Fenced blocks of a page in one of the languages."""
    text = page.read_text(encoding="utf-8")
    return [block for language, block in _BLOCK.findall(text) if language in languages]


def commands(text: str) -> list[list[str]]:
    """Arguments of each `rollout` command in a text, without prompts, comments and what follows a pipe."""
    joined = re.sub(r"\\\n\s*", " ", text)
    found = []
    for line in joined.splitlines():
        for part in re.split(r"&&|\||;", line):
            words = shlex.split(part.strip().removeprefix("$ "), comments=True) if "rollout " in part else []
            if words[:1] == ["rollout"]:
                found.append(words[1:])
    return found
