"""JUnit XML of a check: a suite per scenario and stage, a test case per threshold, stage and region.

CI systems show failures and errors apart: a missed threshold is a failure, one that could not be decided is an
error, because nothing is known to be wrong yet.
"""

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from simulator.render.criteria import EVERYWHERE, part_text, sentence
from simulator.render.terminal_tables import Document

_NOT_XML = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")


def junit_xml(document: Document) -> str:
    """Return the report of a check's document."""
    root = Element("testsuites", name="rollout check")
    for scenario in document["scenarios"]:
        for stage in scenario["stages"]:
            verdicts = [verdict for verdict in scenario["verdicts"] if verdict["stage"] == stage]
            suite = SubElement(
                root, "testsuite", name=_text(_suite(scenario, stage)), file=_text(scenario["file"])
            )
            _count(suite, verdicts)
            for verdict in verdicts:
                _case(suite, scenario, verdict)
    _count(root, [verdict for scenario in document["scenarios"] for verdict in scenario["verdicts"]])
    root.set("time", f"{document['wall_s']:.3f}")
    indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _case(suite: Element, scenario: Document, verdict: Document) -> None:
    region = verdict["region"] or EVERYWHERE
    part = part_text(verdict)
    narrowed = f" of {part}" if part not in (EVERYWHERE, region) else ""
    case = SubElement(
        suite,
        "testcase",
        classname=_text(_suite(scenario, verdict["stage"])),
        name=_text(f"{verdict['criterion']} {verdict['threshold']}{narrowed} [{region}]"),
        file=_text(verdict["file"]),
    )
    if verdict["line"] is not None:
        case.set("line", str(verdict["line"]))
    message = _text(sentence(verdict))
    kind = {"FAIL": "failure", "UNDECIDED": "error"}.get(verdict["verdict"])
    if kind is not None:
        problem = SubElement(case, kind, message=message, type=verdict["verdict"])
        problem.text = _text(f"{verdict['file']}:{verdict['line'] or 1}: {verdict['path']}")
    else:
        SubElement(case, "system-out").text = message


def _count(element: Element, verdicts: Sequence[Document]) -> None:
    found = [verdict["verdict"] for verdict in verdicts]
    element.set("tests", str(len(found)))
    element.set("failures", str(found.count("FAIL")))
    element.set("errors", str(found.count("UNDECIDED")))


def _suite(scenario: Document, stage: str | None) -> str:
    return f"{scenario['scenario']}.{stage or 'full exposure'}"


def _text(text: str) -> str:
    """Text without characters that XML cannot hold."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
