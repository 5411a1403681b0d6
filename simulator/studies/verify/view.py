"""What `rollout verify` says: a line of outcome, then what differs, then what else is to know."""

from simulator.render.sections import Heading, Notes, Section
from simulator.studies.verify.report import VerifyReport


def sections(report: VerifyReport) -> list[Section]:
    """Everything `rollout verify` shows."""
    return [
        Heading(f"{report.subject}: {outcome(report)}"),
        Notes(report.differences, "remark"),
        Notes(report.notes),
    ]


def outcome(report: VerifyReport) -> str:
    """Whether it comes out the same, in words."""
    if report.interrupted:
        return "interrupted before it could be compared"
    return "identical, bit for bit" if report.identical else f"{report.n_differences} differences"
