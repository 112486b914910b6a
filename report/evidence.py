"""What is behind each cell of the matrix, packed into the page: JSON, deflated, as base64.

The page's script unpacks it when a cell is opened (`DecompressionStream`, which browsers have without any library).
"""

from __future__ import annotations

import base64
import zlib

import msgspec

from conformance import bug_report
from conformance.outcomes import Outcome
from conformance.results_file import Line
from report.read import Run


def packed(run: Run) -> str:
    """Return the evidence of all results: `{"clauses": {id: …}, "results": {target: {clause: …}}}`."""
    return base64.b64encode(zlib.compress(msgspec.json.encode(_evidence(run)), 9)).decode()


def _evidence(run: Run) -> dict[str, object]:
    results: dict[str, dict[str, object]] = {target.name: {} for target in run.header.targets}
    for line in run.lines:
        results[line.target][line.clause] = _of(run, line)
    return {"clauses": {each.id: each for each in run.header.clauses}, "results": results}


def _of(run: Run, line: Line) -> dict[str, object]:
    told = {
        "outcome": line.outcome,
        "seen": bug_report.seen(run.header, line) if line.outcome is not Outcome.PASS else "",
        "deviation": line.deviation,
        "absent": line.absent,
        "again": bug_report.again(run.header, line),
        "steps": line.steps,
        "curl": line.curl,
    }
    return {name: value for name, value in told.items() if value}
