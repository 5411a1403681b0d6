"""Amounts in other currencies than the US dollar: read with the dated exchange rates of the scenario.

`€28/hour`, `28 EUR/hour` and `EUR 28/hour` become dollars before anything is validated, so that the rest of the program
knows one currency. `currency` says in which one costs are reported.
"""

import re
from collections.abc import Iterator
from typing import Any

from simulator.scenario.check.diagnostics import Finding
from simulator.scenario.read.source_map import Located
from simulator.scenario.read.yaml_source import Path_

DOLLAR = "USD"
# ISO 4217; of others, say so and they are added.
CODES = [
    "AED",
    "AUD",
    "BRL",
    "CAD",
    "CHF",
    "CLP",
    "CNY",
    "COP",
    "CZK",
    "DKK",
    "EUR",
    "GBP",
    "HKD",
    "HUF",
    "IDR",
    "ILS",
    "INR",
    "JPY",
    "KRW",
    "MXN",
    "MYR",
    "NOK",
    "NZD",
    "PHP",
    "PLN",
    "RON",
    "SAR",
    "SEK",
    "SGD",
    "THB",
    "TRY",
    "TWD",
    "USD",
    "VND",
    "ZAR",
]
_SYMBOLS = {"€": "EUR", "£": "GBP", "₹": "INR"}
_CODE = "|".join([*CODES, *_SYMBOLS])
_NUMBER = r"\d[\d_]*(?:\.[\d_]*)?|\.\d+"
_OBJECTIVE = r"(?P<before>(?:p\(\s*[\d.]+\s*\)|mean|avg|med)?\s*[<>]=?\s*)?"
_FIRST = re.compile(
    rf"{_OBJECTIVE}(?P<sign>-?)\s*(?P<code>{_CODE})\s*(?P<number>{_NUMBER})\s*(?P<scale>[kKMG]?)\s*(?P<per>(?:/|per ).+)?"
)
_LAST = re.compile(
    rf"{_OBJECTIVE}(?P<sign>-?)\s*(?P<number>{_NUMBER})\s*(?P<scale>[kKMG]?)\s*(?P<code>{_CODE})\s*(?P<per>(?:/|per ).+)?"
)
_NO_MONEY = ("metadata", "currency", "fx", "extends")


def in_dollars(tree: Located) -> tuple[Located, list[Finding]]:
    """A scenario with every amount in US dollars, and what is missing to say so; the given tree stays as it is."""
    found = list(_amounts(tree))
    if not found:
        return tree, []
    rates = _rates(tree)
    changed, findings = tree.copy(), []
    for path, match in found:
        code = _SYMBOLS.get(match["code"], match["code"])
        rate = 1.0 if code == DOLLAR else rates.get(code)
        if rate is None:
            findings.append(_no_rate(path, match[0], code))
            continue
        amount = float(match["number"].replace("_", "")) * rate
        text = f"{match['before'] or ''}{match['sign']}${amount!r}{match['scale']}{match['per'] or ''}"
        parent = changed.find(path[:-1])
        assert parent is not None
        parent.value[path[-1]] = Located(text, parent.value[path[-1]].place)
    return changed, findings


def _amounts(tree: Located) -> Iterator[tuple[Path_, re.Match[str]]]:
    for path, node in tree.walk():
        if isinstance(node.value, str) and path and path[0] not in _NO_MONEY and len(node.value) < 80:
            text = node.value.strip()
            match = _FIRST.fullmatch(text) or _LAST.fullmatch(text)
            if match is not None:
                yield path, match


def _rates(tree: Located) -> dict[str, float]:
    """Rates that can be used; what is wrong with others, validation tells."""
    fx: Any = tree.plain().get("fx")
    rates = fx.get("rates") if isinstance(fx, dict) else None
    if not isinstance(rates, dict):
        return {}
    return {
        str(code): float(rate)
        for code, rate in rates.items()
        if isinstance(rate, int | float) and not isinstance(rate, bool) and rate > 0
    }


def _no_rate(path: Path_, text: str, code: str) -> Finding:
    return Finding(
        path,
        f"`{text}` is in {code}, and the scenario has no exchange rate for it",
        f"add `fx: {{date: …, rates: {{{code}: …}}}}`: US dollars for one {code}, on that day",
    )
