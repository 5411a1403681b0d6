"""How verdicts look: a symbol and a word, in colours that the colour-blind tell apart."""

from rich.text import Text

_MARKS = {
    "PASS": ("✔", "cyan"),
    "GO": ("✔", "cyan"),
    "UNDECIDED": ("?", "yellow"),
    "FAIL": ("✘", "bold red"),
    "NO-GO": ("✘", "bold red"),
}
_PLAIN = {
    "✔": "+",
    "✘": "x",
    "±": "+/-",
    "\N{EN DASH}": "-",
    "≈": "~",
    "≥": ">=",
    "≤": "<=",
    "·": "-",
    "…": "...",
    "µ": "u",
}


def marked(verdict: str) -> Text:
    """Return a verdict or decision with its symbol, in its colour."""
    symbol, style = _MARKS[verdict]
    return Text(f"{symbol} {verdict}", style=style, no_wrap=True)


def plain_characters(error: UnicodeError) -> tuple[str, int]:
    """Error handler of `codecs`: what a terminal cannot show is written in ASCII."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    unknown = error.object[error.start : error.end]
    return "".join(_PLAIN.get(character, "?") for character in unknown), error.end
