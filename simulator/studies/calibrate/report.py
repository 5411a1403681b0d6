"""What `rollout calibrate` reports: the files, what was measured, what changes, and what the logs cannot tell."""

from collections.abc import Mapping
from typing import ClassVar

from simulator.render.numbers import Unit
from simulator.studies.record import Estimated, Interval, Record
from simulator.studies.report import ScenarioReport


class LogRead(Record):
    """One file: of which tool, and what became of its rows.

    Attributes
    ----------
    left_out : rows by reason
    """

    file: str
    format: str
    rows: int
    used: int
    left_out: Mapping[str, int]


class LogEstimate(Estimated):
    """A number of the log with its 95 % interval.

    Attributes
    ----------
    name : path in the scenario, or words where no key says it
    unit : of the number, base units
    n : rows, gaps or actions that it is of
    """

    name: str
    unit: Unit
    n: int
    note: str


class ChangedKey(Record):
    """A value of the scenario before and after; None: it was or is not there."""

    path: str
    before: str | None
    after: str | None


class KeptKey(Record):
    """A key that stays as it is, and why the logs cannot tell it."""

    path: str
    why: str


class CalibrateReport(ScenarioReport):
    """What logs say of a scenario.

    Attributes
    ----------
    file : of the scenario
    about : what the logs were taken to be of
    since, until : first and last request, ISO 8601; None: the times have no date
    hours : requests per second of each local hour of the day; none where the log cannot tell
    warnings : what is odd about the logs, with its effect
    diff : of the scenario's file
    text : of the scenario's file as it is, or would be, written
    written : whether it was
    """

    view: ClassVar[str] = "simulator.studies.calibrate.view"

    file: str
    workload: str
    about: tuple[str, ...]
    since: str | None
    until: str | None
    timezone: str
    logs: tuple[LogRead, ...]
    measured: tuple[LogEstimate, ...]
    changes: tuple[ChangedKey, ...]
    kept: tuple[KeptKey, ...]
    hours: tuple[Interval, ...]
    warnings: tuple[str, ...]
    diff: str
    text: str
    written: bool
