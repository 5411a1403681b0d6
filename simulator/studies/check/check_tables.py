"""A check on the terminal: a table per scenario, a row per threshold and stage; made from its document."""

from rich.console import Group, RenderableType
from rich.text import Text

from simulator.render.criteria import limit_text, measure_text, part_text
from simulator.render.numbers import EstimateText, estimate, unit_of
from simulator.render.step_times import step_time_lines
from simulator.render.terminal_tables import Document, Row, grids, notes, printable, spaced, words
from simulator.render.verdict_marks import marked

_HEADERS = ("where", "asked", "measured", "runs", "verdict")


def check_report(document: Document, width: int) -> Group:
    """Everything `rollout check` prints."""
    parts: list[RenderableType] = []
    for scenario in document["scenarios"]:
        title = words(f"{scenario['scenario']} ({scenario['file']})", style="bold")
        if not scenario["verdicts"]:
            parts.append(words(f"{scenario['scenario']}: nothing to hold it to"))
            continue
        rows = [Row(printable(measure_text(verdict)), _cells(verdict)) for verdict in scenario["verdicts"]]
        parts += grids(_HEADERS, [rows], width, "threshold", title)
        parts += _remarks(scenario)
        parts += [words(line, "dim") for line in step_time_lines(scenario)]
    parts.append(_total(document))
    return spaced(parts)


def _cells(verdict: Document) -> list[EstimateText | Text]:
    part = part_text(verdict)
    found = EstimateText("nothing observed", "")
    if verdict["value"] is not None:
        found = estimate(verdict, unit_of(verdict["metric"]))
    return [
        EstimateText(printable(verdict["stage"] or "full exposure"), printable(part)),
        EstimateText(limit_text(verdict), ""),
        found,
        EstimateText(str(verdict["replications"]), ""),
        marked(verdict["verdict"]),
    ]


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
