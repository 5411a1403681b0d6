"""A replay for people: arrivals, good answers and latency in every minute of an incident."""

from functools import partial

from simulator.render.numbers import quantity
from simulator.render.sections import Figure, Heading, Quantity, Row, Section, Table, table_of
from simulator.studies.flow.figures import moments_figure
from simulator.studies.flow.report import ReplayReport
from simulator.studies.footer import footer

TITLE = "Good answers through the incident"


def sections(report: ReplayReport) -> list[Section]:
    """Everything a replay shows, but the path of each minute."""
    span = f"{quantity(report.duration_s, 'time')} from {quantity(report.begins_s, 'time')} on"
    return [
        Heading(
            f"{report.scenario} · {report.incident} at the peak of {report.stage or 'full exposure'}, {span}"
        ),
        figure(report, 0),
        _table(report),
        footer(report, f"seed {report.seed} · mean of {report.replications} replications"),
    ]


def figure(report: ReplayReport, place: int) -> Figure:
    """Arrivals and good answers, with the moment that is looked at."""
    alt = "Arrivals and good answers per second by minute"
    return Figure(TITLE, partial(moments_figure, report, place), alt)


def _table(report: ReplayReport) -> Table:
    rows = [
        Row(
            quantity(moment.begin_s, "time"),
            [
                Quantity(moment.arrivals_rps, "rate"),
                Quantity(moment.goodput_rps, "rate"),
                Quantity(moment.latency_s, "time"),
            ],
        )
        for moment in report.moments
    ]
    return table_of("", "from", ("arrivals", "goodput", "mean latency"), rows)
