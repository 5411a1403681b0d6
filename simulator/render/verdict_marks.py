"""How verdicts look: a symbol and a word, in colours that the colour-blind tell apart."""

from rich.text import Text

SYMBOLS = {"PASS": "✔", "GO": "✔", "UNDECIDED": "?", "WARN": "!", "FAIL": "✘", "NO-GO": "✘"}
_STYLES = {"✔": "cyan", "?": "yellow", "!": "yellow", "✘": "bold red"}


def marked(verdict: str) -> Text:
    """Return a verdict or decision with its symbol, in its colour."""
    symbol = SYMBOLS[verdict]
    return Text(f"{symbol} {verdict}", style=_STYLES[symbol], no_wrap=True)
