"""A user's texts in the app: as they are, never markup."""

import re
from typing import Literal

Color = Literal["green", "red", "orange"]

# Marks that mean something to Markdown as streamlit reads it: a colon before a word (directives, icons, addresses),
# dashes in a row, and what makes a list, a heading or a link of a line. All else is left as it reads aloud.
_MARKS = re.compile(
    r"[\\`*_{}\[\]<>#!|~$&@=^]|:(?=\S)|-(?=-)|(?<=-)-|^[-+]|((?<=^\d)|(?<=^\d\d)|(?<=^\d\d\d))[.)]|(?<=www)\.",
    re.IGNORECASE,
)
_COLORS: dict[str, Color] = {"GO": "green", "PASS": "green", "NO-GO": "red", "FAIL": "red"}
_ICONS = {"green": ":material/check_circle:", "red": ":material/cancel:", "orange": ":material/help:"}


def plain(text: str) -> str:
    """Markdown that shows a text as it is, on one line."""
    return _MARKS.sub(r"\\\g<0>", " ".join(text.split()))


def color_of(verdict: str | None) -> Color:
    """Colour of a verdict's badge."""
    return _COLORS.get(verdict or "", "orange")


def icon_of(verdict: str | None) -> str:
    """Icon of a verdict, so that its colour is not all that tells it."""
    return _ICONS[color_of(verdict)]
