"""What reaches a terminal or a log: ASCII where a sign cannot be encoded, and no command of a CI system."""

import codecs
import io
import re
from typing import TextIO

_PLAIN = {
    "✔": "+",
    "✘": "x",
    "±": "+/-",
    "\N{EN DASH}": "-",
    "≈": "~",
    "·": "-",
    "─": "-",
    "…": "...",
    "µ": "u",
}
_NAME = "rollout-plain"
_COMMAND = re.compile(r"^(\s*)(::|##\[)", re.MULTILINE)


def use_plain_text(stream: TextIO) -> None:
    """Let a stream fall back to ASCII where its encoding has no such character."""
    codecs.register_error(_NAME, _plain)
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors=_NAME)


def inert(text: str) -> str:
    """With no line that a CI system takes for a command: names and sources of a scenario are foreign."""
    return _COMMAND.sub(lambda found: f"{found[1]}'{found[2]}", text)


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    unknown = error.object[error.start : error.end]
    return "".join(_PLAIN.get(character, "?") for character in unknown), error.end
