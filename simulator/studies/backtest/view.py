"""A back-test for people: a row per metric, the coverage of the band, a figure, and the verdict."""

from functools import partial

from simulator.render.numbers import quantity
from simulator.render.sections import Cell, Figure, Heading, Notes, Quantity, Row, Section, Table
from simulator.studies.backtest.figures import buckets_figure
from simulator.studies.backtest.report import BacktestReport, Band, ForecastMetric
from simulator.studies.footer import version


def sections(report: BacktestReport) -> list[Section]:
    """Everything `rollout backtest` shows."""
    width = quantity(report.bucket_s, "time")
    headline = (
        f"{report.scenario}, {report.workload}: fitted on {report.fitted:,} actions to {report.cut}, "
        f"{report.tested:,} forecast to {report.until}"
    )
    return [
        Heading(headline, report.verdict, "; ".join(report.about)),
        Notes(report.reasons),
        Table(
            ("forecast (80 %)", "came", "error", "naive", "its error"),
            [[_row(one) for one in report.forecasts]],
            "metric",
            "Forecast",
        ),
        Table(
            ("buckets", "in the 80 % band", "mean error", "naive"),
            [[_band(one) for one in report.bands]],
            "metric",
            f"By buckets of {width}",
        ),
        Figure(
            "Requests by time",
            partial(buckets_figure, report),
            "Requests per bucket: came, forecast with band, naive",
        ),
        Notes(report.warnings),
        Notes(_footer(report), "footer"),
    ]


def _row(one: ForecastMetric) -> Row:
    cells: list[Cell] = [
        Quantity(one.forecast, one.unit),
        Quantity(one.actual, one.unit),
        Quantity(one.error, "share", signed=True),
        Quantity(one.naive, one.unit),
        Quantity(one.naive_error, "share", signed=True),
    ]
    return Row(one.metric, cells)


def _band(one: Band) -> Row:
    cells: list[Cell] = [
        Quantity(float(one.buckets), "count"),
        Quantity(one.covered, "share"),
        Quantity(one.error, "share"),
        Quantity(one.naive_error, "share"),
    ]
    return Row(one.metric, cells)


def _footer(report: BacktestReport) -> list[str]:
    return [
        f"naive: {report.naive}; of single requests, the last day before the cut",
        "latency and first token: drawn from the fitted distributions, as a hosted model has them at any load",
        version(report),
    ]
