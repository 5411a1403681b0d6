"""Signs that a terminal or a pipe cannot encode, written in ASCII instead of an error."""

import codecs
import io
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


def use_plain_text(stream: TextIO) -> None:
    """Let a stream fall back to ASCII where its encoding has no such character."""
    codecs.register_error(_NAME, _plain)
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors=_NAME)


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    unknown = error.object[error.start : error.end]
    return "".join(_PLAIN.get(character, "?") for character in unknown), error.end
