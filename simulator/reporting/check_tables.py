"""A check on the terminal: a table per scenario, a row per threshold and stage; made from its document."""

from rich.console import Group, RenderableType
from rich.text import Text

from simulator.reporting.cells import Document, notes, printable, spaced, table, words
from simulator.reporting.criterion_text import found_text, limit_text, measure_text, part_text
from simulator.reporting.marks import marked


def check_report(document: Document, _width: int) -> Group:
    """Everything `rollout check` prints."""
    parts: list[RenderableType] = []
    for scenario in document["scenarios"]:
        title = words(f"{scenario['scenario']} ({scenario['file']})", style="bold")
        if not scenario["verdicts"]:
            parts.append(words(f"{scenario['scenario']}: nothing to hold it to"))
            continue
        shown = table("threshold", "stage", "where", "asked", "measured", "runs", "verdict", title=title)
        shown.columns[5].justify = "right"
        for verdict in scenario["verdicts"]:
            shown.add_row(
                words(measure_text(verdict)),
                words(verdict["stage"] or "full exposure"),
                words(part_text(verdict)),
                words(limit_text(verdict)),
                words(found_text(verdict)),
                str(verdict["replications"]),
                marked(verdict["verdict"]),
            )
        parts.append(shown)
        parts += _remarks(scenario)
    parts.append(_total(document))
    return spaced(parts)


def _remarks(scenario: Document) -> list[Text]:
    open_at = [
        f"{printable(verdict['file'])}:{verdict['line']}: {verdict['path']} is {verdict['verdict']}"
        for verdict in scenario["verdicts"]
        if verdict["verdict"] != "PASS" and verdict["line"] is not None
    ]
    if scenario["aborted_by"] is not None:
        open_at.append(f"ended early by abort_on_fail of {scenario['aborted_by']}")
    return [notes(list(dict.fromkeys(open_at)))] if open_at else []


def _total(document: Document) -> Text:
    found = [verdict["verdict"] for scenario in document["scenarios"] for verdict in scenario["verdicts"]]
    counts = ", ".join(
        f"{found.count(word)} {word}" for word in ("FAIL", "UNDECIDED", "PASS") if word in found
    )
    return words(f"{counts or 'nothing was asked'}; {document['wall_s']:.1f} s")
