"""On which days are people of a country off? Public holidays, as the package `holidays` knows them."""

from datetime import date
from functools import lru_cache


@lru_cache(maxsize=256)
def public_holidays(code: str, first_year: int, last_year: int) -> frozenset[date]:
    """Public holidays of a country (`DE`), or a part of one (`DE-BY`), from one year to another."""
    from holidays import country_holidays  # 0.2 s: only for scenarios with holidays

    country, _, part = code.partition("-")
    return frozenset(country_holidays(country, subdiv=part or None, years=range(first_year, last_year + 1)))


def problem_of(code: str) -> str | None:
    """Why a code names no holidays; None: it does."""
    from holidays import list_supported_countries

    country, _, part = code.partition("-")
    known = list_supported_countries()
    if country not in known:
        return f"no country `{country[:60]}` with known holidays"
    if part and part not in known[country]:
        return f"no part `{part[:60]}` of {country} with holidays of its own"
    return None
