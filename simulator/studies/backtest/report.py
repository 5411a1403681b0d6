"""What `rollout backtest` reports: forecast, what came, and the naive forecast, metric by metric, and a verdict."""

from typing import ClassVar

from simulator.render.numbers import Unit
from simulator.studies.record import Interval, Record
from simulator.studies.report import JudgedReport, ScenarioReport


class ForecastMetric(Record):
    """One metric over the part of the log that was forecast.

    Attributes
    ----------
    forecast : with its 80 % band
    actual : with its own 95 % interval
    naive : what came before
    error, naive_error : relative, forecast over actual less 1
    """

    metric: str
    unit: Unit
    forecast: Interval
    actual: Interval
    naive: float | None
    error: float
    naive_error: float | None


class Band(Record):
    """Buckets of time of a metric.

    Attributes
    ----------
    covered : share of the buckets within the 80 % band
    error, naive_error : sum of absolute errors over the sum of what came
    """

    metric: str
    buckets: int
    covered: Interval
    error: float
    naive_error: float | None


class Bucket(Record):
    """Requests of a bucket of time, as they came and as they were forecast."""

    at: str
    actual: float
    forecast: float
    low: float
    high: float
    naive: float | None


class BacktestReport(ScenarioReport, JudgedReport):
    """How well a scenario calibrated on the first part of a log forecasts the rest.

    Attributes
    ----------
    since, cut, until : first request, where the forecast begins, last request
    fitted, tested : requests before and after
    naive : what the naive forecast is
    reasons : why the verdict is not PASS
    """

    view: ClassVar[str] = "simulator.studies.backtest.view"

    workload: str
    about: tuple[str, ...]
    since: str
    cut: str
    until: str
    fitted: int
    tested: int
    bucket_s: float
    naive: str
    forecasts: tuple[ForecastMetric, ...]
    bands: tuple[Band, ...]
    buckets: tuple[Bucket, ...]
    warnings: tuple[str, ...]
    reasons: tuple[str, ...]

    def not_passed(self) -> list[str]:
        """What speaks against the forecast."""
        return list(self.reasons)
