"""A run as JUnit XML, for tools that read that: a suite a target, a case a clause.

fail and fixed are failures; broken and blocked are errors; what is unsupported or unchecked, deviates or warns is
skipped with its reason, since JUnit has no word for it and a pass it is not.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Sequence

from conformance import bug_report
from conformance.outcomes import Outcome
from conformance.results_file import Header, Line
from report.read import Run

ELEMENTS = {
    Outcome.FAIL: "failure",
    Outcome.FIXED: "failure",
    Outcome.BROKEN: "error",
    Outcome.BLOCKED: "error",
    Outcome.UNSUPPORTED: "skipped",
    Outcome.DEVIATES: "skipped",
    Outcome.WARN: "skipped",
    Outcome.UNCHECKED: "skipped",
}
COUNTERS = {"failure": "failures", "error": "errors", "skipped": "skipped"}
NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def of(run: Run) -> str:
    """Return the document."""
    root = ET.Element("testsuites", {"name": "conformance", **_counts(run.lines)})
    for target in run.header.targets:
        lines = [line for line in run.lines if line.target == target.name]
        begun = run.header.begun.strftime("%Y-%m-%dT%H:%M:%S")
        suite = ET.SubElement(root, "testsuite", {"name": target.name, "timestamp": begun, **_counts(lines)})
        for line in lines:
            _case(suite, run, line)
        if how := run.footer.broken.get(target.name):
            ET.SubElement(suite, "system-err").text = _text(f"state: {how.state}\n{how.log}")
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True)


def _case(suite: ET.Element, run: Run, line: Line) -> None:
    where = f"{line.target}.{line.area}"
    case = ET.SubElement(suite, "testcase", classname=where, name=line.clause, time=f"{line.seconds:.4f}")
    if element := ELEMENTS.get(line.outcome):
        told = ET.SubElement(case, element, message=_text(_message(run.header, line)), type=line.outcome)
        if element != "skipped":
            told.text = _text(bug_report.body(run.header, line))
    elif line.detail:
        ET.SubElement(case, "system-out").text = _text(line.detail)


def _message(header: Header, line: Line) -> str:
    if line.outcome is Outcome.UNSUPPORTED:
        return f"unsupported: {', '.join(line.absent)} is declared absent, and is"
    if line.outcome is Outcome.DEVIATES and line.deviation:
        return f"deviates: {line.deviation.reason} ({line.deviation.source})"
    return f"{line.outcome}: {bug_report.seen(header, line)}"


def _counts(lines: Sequence[Line]) -> dict[str, str]:
    counts = Counter(ELEMENTS.get(line.outcome) for line in lines)
    numbers = {name: str(counts[element]) for element, name in COUNTERS.items()}
    return {"tests": str(len(lines)), **numbers, "time": f"{sum(line.seconds for line in lines):.4f}"}


def _text(text: str) -> str:
    return NOT_IN_XML.sub("\ufffd", text)
