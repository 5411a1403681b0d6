"""A comparison as the comment of a pull request: absolute and change; one line when nothing changed."""

from simulator.render.numbers import plural
from simulator.render.sections import Folded, Heading, Notes, Section
from simulator.studies.common.verdicts.criterion_text import sentence
from simulator.studies.compare.report import CompareReport
from simulator.studies.compare.view import finding_lines, footer, judged_table, unjudged_table

_HEADLINES = {
    "FAIL": "A regression: significantly worse than tolerated.",
    "UNDECIDED": "No significant regression, but some measures are undecided.",
    "PASS": "No regression.",
}


def comment(report: CompareReport) -> list[Section]:
    """Sections of the comment."""
    name = report.head.scenario
    if all(found.direction == "none" for found in (*report.changes, *report.unjudged)):
        note = f"; {plural(len(report.missed), 'threshold')} missed, as before" if report.missed else ""
        return [Notes([f"{name}: nothing changed{note}."], "text")]
    moved = [found for found in report.changes if found.is_significant or found.verdict != "PASS"]
    quiet = [found for found in report.changes if found not in moved]
    also = [found for found in report.unjudged if found.is_significant]
    verdict = report.verdict or "PASS"
    found: list[Section] = [
        Heading(name, verdict, _HEADLINES[verdict]),
        judged_table(report, moved),
        Notes(finding_lines(report), "remark"),
        Notes([sentence(one) for one in report.missed], "remark", "Thresholds that are missed"),
    ]
    if also:
        found.append(Folded("Load and capacity", [unjudged_table(also)]))
    if quiet:
        found.append(Folded(f"{plural(len(quiet), 'measure')} as before", [judged_table(report, quiet)]))
    if report.interrupted:
        found.append(Notes(["Interrupted: this is what the last finished look found."], "text"))
    return [*found, footer(report)]
