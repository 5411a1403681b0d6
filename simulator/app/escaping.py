"""A user's texts in the app: as they are, never markup."""

import re
from typing import Any, Literal

Color = Literal["green", "red", "orange"]

# Marks that mean something to Markdown as streamlit reads it: a colon before a word (directives, icons, addresses),
# dashes in a row, and what makes a list, a heading or a link of a line. All else is left as it reads aloud.
_MARKS = re.compile(
    r"[\\`*_{}\[\]<>#!|~$&@=^]|:(?=\S)|-(?=-)|(?<=-)-|^[-+]|((?<=^\d)|(?<=^\d\d)|(?<=^\d\d\d))[.)]|(?<=www)\.",
    re.IGNORECASE,
)
_OURS = ("hovertemplate", "template")  # never hold a user's text
_COLORS: dict[str, Color] = {"GO": "green", "PASS": "green", "NO-GO": "red", "FAIL": "red"}
_ICONS = {"green": ":material/check_circle:", "red": ":material/cancel:", "orange": ":material/help:"}


def plain(text: str) -> str:
    """Markdown that shows a text as it is, on one line."""
    return _MARKS.sub(r"\\\g<0>", " ".join(text.split()))


def without_markup(value: Any) -> Any:
    """A figure's content whose texts hold no tags but line breaks: plotly would render some."""
    if isinstance(value, str):
        return value.replace("<", "&lt;").replace("&lt;br>", "<br>")
    if isinstance(value, dict):
        return {key: item if key in _OURS else without_markup(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [without_markup(item) for item in value]
    return value


def color_of(verdict: str | None) -> Color:
    """Colour of a verdict's badge."""
    return _COLORS.get(verdict or "", "orange")


def icon_of(verdict: str | None) -> str:
    """Icon of a verdict, so that its colour is not all that tells it."""
    return _ICONS[color_of(verdict)]
