"""JUnit XML of findings: a test suite per suite, a test case per finding.

CI systems show failures and errors apart: what failed is a failure, what could not be decided is an error, because
nothing is known to be wrong yet.
"""

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from simulator.render.findings import PlacedVerdict, Suite

_NOT_XML = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")
_KINDS = {"FAIL": "failure", "UNDECIDED": "error"}


def junit_xml(name: str, suites: Sequence[Suite], wall_s: float) -> str:
    """Return the test report of what a command with this name found."""
    root = Element("testsuites", name=name)
    for suite in suites:
        shown = SubElement(root, "testsuite", name=_text(suite.name), file=_text(suite.file))
        _count(shown, suite.findings)
        for finding in suite.findings:
            _case(shown, suite, finding)
    _count(root, [finding for suite in suites for finding in suite.findings])
    root.set("time", f"{wall_s:.3f}")
    indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _case(shown: Element, suite: Suite, finding: PlacedVerdict) -> None:
    names = {"classname": suite.name, "name": finding.name, "file": finding.file}
    case = SubElement(shown, "testcase", {key: _text(value) for key, value in names.items()})
    if finding.line is not None:
        case.set("line", str(finding.line))
    message = _text(finding.message)
    if finding.verdict in _KINDS:
        problem = SubElement(case, _KINDS[finding.verdict], message=message, type=finding.verdict)
        problem.text = _text(finding.place)
    else:
        SubElement(case, "system-out").text = message


def _count(element: Element, findings: Sequence[PlacedVerdict]) -> None:
    verdicts = [finding.verdict for finding in findings]
    element.set("tests", str(len(verdicts)))
    element.set("failures", str(verdicts.count("FAIL")))
    element.set("errors", str(verdicts.count("UNDECIDED")))


def _text(text: str) -> str:
    """Text without characters that XML cannot hold."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
