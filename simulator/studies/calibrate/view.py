"""A calibration for people: the files, what was measured, what changes in the scenario, and what stays an assumption."""

from functools import partial
from pathlib import Path

from simulator.render.numbers import NOTHING
from simulator.render.sections import Cell, Figure, Heading, Notes, Quantity, Row, Section, Table, Words
from simulator.studies.calibrate.figures import hours_figure
from simulator.studies.calibrate.report import CalibrateReport, LogEstimate, LogRead
from simulator.studies.footer import version

_MOST_SHOWN = 90  # characters of a value


def sections(report: CalibrateReport) -> list[Section]:
    """Everything `rollout calibrate` shows."""
    return [
        Heading(_headline(report), remark="; ".join(report.about)),
        Table(("format", "rows", "used", "left out"), [[_file(log) for log in report.logs]], "log", "Logs"),
        Notes(report.warnings),
        Table(
            ("measured", "of", "note"),
            [[_measured(one) for one in report.measured]],
            "number",
            "What the logs say",
        ),
        *(
            [
                Figure(
                    "Demand by hour",
                    partial(hours_figure, report),
                    "Actions per minute by local hour of the day",
                )
            ]
            if report.hours
            else []
        ),
        Table(
            ("before", "after"),
            [[Row(one.path, [_value(one.before), _value(one.after)]) for one in report.changes]],
            "key",
            "What changes" if not report.written else "What has changed",
        ),
        Table(
            ("why",),
            [[Row(one.path, [Words(one.why)]) for one in report.kept]],
            "key",
            "What stays: the logs cannot tell it",
        ),
        Notes([report.diff.rstrip()] if report.diff and not report.written else [], "text", "As a diff"),
        Notes(_footer(report), "footer"),
    ]


def _headline(report: CalibrateReport) -> str:
    used = sum(log.used for log in report.logs)
    span = f", {report.since} to {report.until}" if report.since else ""
    done = "written into" if report.written else "not written into"
    return f"{report.scenario}: {used:,} requests{span}; {done} {report.file}"


def _file(log: LogRead) -> Row:
    left_out = ", ".join(f"{n:,} {reason}" for reason, n in log.left_out.items())
    cells: list[Cell] = [
        log.format,
        Quantity(log.rows, "count"),
        Quantity(log.used, "count"),
        Words(left_out or "none"),
    ]
    return Row(Path(log.file).name, cells)


def _measured(one: LogEstimate) -> Row:
    return Row(one.name, [Quantity(one.estimate, one.unit), Quantity(one.n, "count"), Words(one.note)])


def _value(text: str | None) -> Words:
    if text is None:
        return Words(NOTHING)
    return Words(text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…")


def _footer(report: CalibrateReport) -> list[str]:
    private = "ids of users, sessions and traces are only hashed; no prompt, answer or address is read"
    return [
        f"intervals: 95 %, of each number by itself · {private}",
        "every value that was written is `measured` in `sources`; what stays is an assumption until it is measured",
        version(report),
    ]
