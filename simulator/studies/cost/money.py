"""Amounts of money on the terminal, in the currency of a document."""

from rich.text import Text

from simulator.render.numbers import NOTHING, EstimateText, estimate, quantity
from simulator.render.terminal_tables import Document, joined

_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£"}


class Amounts:
    """Amounts of money as text, in the currency of the document."""

    def __init__(self, currency: str) -> None:
        self._sign = _SYMBOLS.get(currency, f"{currency} ")

    def __call__(self, value: float | None) -> str:
        text = quantity(value, "money")
        if value is not None and value < 0.0 and text != NOTHING:
            text = f"-{quantity(-value, 'money')}"
        return text.replace("$", self._sign)

    def estimate(self, figure: Document) -> Text:
        """An amount and its interval."""
        return joined(self.words(figure))

    def words(self, figure: Document | None) -> EstimateText:
        """An amount and its interval, each as plain text."""
        text = estimate(figure, "money")
        return text._replace(value=text.value.replace("$-", "-$").replace("$", self._sign))

    def band(self, figure: Document | None) -> list[str]:
        """P10, P50 and P90."""
        return [self(None if figure is None else figure[level]) for level in ("p10", "p50", "p90")]
