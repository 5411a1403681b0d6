"""Annotations: failed thresholds at their line of the YAML file, in the words that GitHub's runners listen to."""

from collections.abc import Sequence

from simulator.render.criteria import sentence
from simulator.render.terminal_tables import Document

_LEVELS = {"FAIL": "error", "UNDECIDED": "warning"}


def annotations(document: Document) -> list[str]:
    """Return a workflow command per threshold of a check that is missed (error) or undecided (warning)."""
    return [
        _command(_LEVELS[verdict["verdict"]], verdict, f"{verdict['verdict']}: {verdict['criterion']}")
        for scenario in document["scenarios"]
        for verdict in scenario["verdicts"]
        if verdict["verdict"] in _LEVELS
    ]


def _command(level: str, verdict: Document, title: str) -> str:
    places: Sequence[tuple[str, object]] = (
        ("file", verdict["file"]),
        ("line", verdict["line"]),
        ("col", verdict["column"]),
        ("title", title),
    )
    properties = ",".join(f"{key}={_property(str(value))}" for key, value in places if value is not None)
    return f"::{level} {properties}::{_escaped(sentence(verdict))}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
