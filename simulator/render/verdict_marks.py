"""How verdicts look: a symbol and a word, in colours that the colour-blind tell apart."""

from rich.text import Text

_MARKS = {
    "PASS": ("✔", "cyan"),
    "GO": ("✔", "cyan"),
    "UNDECIDED": ("?", "yellow"),
    "FAIL": ("✘", "bold red"),
    "NO-GO": ("✘", "bold red"),
}


def marked(verdict: str) -> Text:
    """Return a verdict or decision with its symbol, in its colour."""
    symbol, style = _MARKS[verdict]
    return Text(f"{symbol} {verdict}", style=style, no_wrap=True)
