"""Fitted times of an engine for people: what to write into a pool, and every load as measured and as forecast."""

from simulator.render.numbers import quantity
from simulator.render.sections import Notes, Quantity, Row, Section, table_of
from simulator.studies.inputs.host.report import HostLoad, HostReport

_TIMES = ("fitted", "without")
_LOADS = ("used to", "rate", "batch", "first token", "forecast", "off by", "per token", "forecast", "off by")


def sections(report: HostReport) -> list[Section]:
    """Everything `rollout profile --host` shows."""
    times = [
        ("iteration_overhead", report.iteration_s, report.shipped_iteration_s),
        ("request_overhead", report.request_s, report.shipped_request_s),
    ]
    rows = [Row(name, [Quantity(value, "time", nothing="0") for value in values]) for name, *values in times]
    return [
        table_of(f"{report.subject}: beside the kernels", "of the pool", _TIMES, rows),
        table_of("", "load", _LOADS, [_row(load) for load in report.loads]),
        Notes([_verdict(report)], "remark"),
        Notes(report.warnings),
        Notes([_pool_line(report), f"without: {report.host}"], "footer"),
    ]


def _pool_line(report: HostReport) -> str:
    """As it is written into a scenario."""
    iteration_us, request_us = report.iteration_s * 1e6, report.request_s * 1e6
    return f"pool: {{iteration_overhead: {iteration_us:.0f}us, request_overhead: {request_us:.0f}us}}"


def _row(load: HostLoad) -> Row:
    return Row(
        load.label,
        [
            load.used,
            Quantity(load.requests_per_s, "rate"),
            Quantity(load.mean_batch, "number"),
            Quantity(load.ttft_s, "time"),
            Quantity(load.ttft_forecast_s, "time"),
            Quantity(load.ttft_error, "share", signed=True),
            Quantity(load.tpot_s, "time"),
            Quantity(load.tpot_forecast_s, "time"),
            Quantity(load.tpot_error, "share", signed=True),
        ],
    )


def _verdict(report: HostReport) -> str:
    if report.tpot_error is None or report.ttft_error is None:
        return "every load was used to fit, so that nothing says how far forecasts are off; give a result of another load"
    return (
        f"on loads it was not fitted to: off by {quantity(report.tpot_error, 'share')} in time per token, "
        f"{quantity(report.ttft_error, 'share')} in time to first token, on average"
    )
