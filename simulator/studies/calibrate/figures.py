"""Figures of a calibration: demand by local hour, with its interval."""

from math import isfinite

from plotly.graph_objects import Bar, Figure

from simulator.render.palette import PALETTE
from simulator.studies.calibrate.report import CalibrateReport


def hours_figure(report: CalibrateReport) -> Figure:
    """Requests per minute of every local hour of the day."""
    found = [(hour, one) for hour, one in enumerate(report.hours) if isfinite(one.value)]
    figure = Figure(
        Bar(
            x=[hour for hour, _ in found],
            y=[60.0 * one.value for _, one in found],
            marker_color=PALETTE[0],
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [60.0 * (one.high - one.value) for _, one in found],
                "arrayminus": [60.0 * (one.value - one.low) for _, one in found],
            },
            name="actions",
        )
    )
    figure.update_xaxes(title=f"hour of the day ({report.timezone})", dtick=3)
    figure.update_yaxes(title="actions per minute", rangemode="tozero")
    return figure
