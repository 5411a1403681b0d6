"""Is the forecast fit for a decision? Rules that are stated before the numbers are looked at."""

from collections.abc import Iterator, Mapping, Sequence

from simulator.render.numbers import quantity
from simulator.studies.backtest.bands import BAND, Banded
from simulator.studies.backtest.report import ForecastMetric
from simulator.theory.estimate import Estimate
from simulator.theory.verdict import Verdict

MOST_OFF = {"requests, all": 0.15, "latency p95": 0.2, "cost of a request": 0.1}
LEAST_COVERED = 0.65
WORSE = 1.1  # than the naive forecast
_TO_95 = 1.96 / 1.2816
ENOUGH = 200  # actions that were forecast


def judged(
    bands: Mapping[str, Banded], forecasts: Sequence[ForecastMetric], n_tested: int
) -> tuple[Verdict, tuple[str, ...]]:
    """PASS if nothing speaks against it, UNDECIDED where the log is too short to say so."""
    against = tuple(_against(bands, forecasts))
    if against:
        return "FAIL", against
    if n_tested < ENOUGH:
        return "UNDECIDED", (f"{n_tested} actions were forecast: {ENOUGH} are needed to call it fit",)
    return "PASS", ()


def _are_apart(forecast: Estimate, actual: Estimate) -> bool:
    """Whether a forecast, its band widened from 80 to 95 %, and what came differ beyond chance."""
    low = forecast.value - _TO_95 * (forecast.value - forecast.low)
    high = forecast.value + _TO_95 * (forecast.high - forecast.value)
    return high < actual.low or low > actual.high


def _against(bands: Mapping[str, Banded], forecasts: Sequence[ForecastMetric]) -> Iterator[str]:
    for one in forecasts:
        limit = MOST_OFF.get(one.metric)
        if limit is not None and abs(one.error) > limit and _are_apart(one.forecast, one.actual):
            yield f"{one.metric} off by {quantity(one.error, 'share')}, more than {quantity(limit, 'share')}"
    requests = bands["requests"]
    if requests.covered.high < BAND and requests.covered.value < LEAST_COVERED:
        share = quantity(requests.covered.value, "share")
        yield f"{share} of the buckets lie in the band of {quantity(BAND, 'share')}: demand varies more than that"
    naive = requests.naive_error
    if naive is not None and requests.error > WORSE * naive:
        yield (
            f"buckets of requests are off by {quantity(requests.error, 'share')} on average, the naive forecast by "
            f"{quantity(naive, 'share')}"
        )
