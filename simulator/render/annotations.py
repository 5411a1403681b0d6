"""Annotations: findings at their line of the file, in the words that GitHub's runners listen to."""

from collections.abc import Iterable

from simulator.render.findings import PlacedVerdict

_LEVELS = {"FAIL": "error", "UNDECIDED": "warning"}


def annotations(findings: Iterable[PlacedVerdict]) -> list[str]:
    """Return a workflow command per finding that failed (error) or is undecided (warning)."""
    return [_command(_LEVELS[finding.verdict], finding) for finding in findings if finding.verdict in _LEVELS]


def _command(level: str, finding: PlacedVerdict) -> str:
    places = {
        "file": finding.file,
        "line": finding.line,
        "col": finding.column,
        "title": f"{finding.verdict}: {finding.name}",
    }
    properties = ",".join(
        f"{key}={_property(str(value))}" for key, value in places.items() if value is not None
    )
    return f"::{level} {properties}::{_escaped(finding.message)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
