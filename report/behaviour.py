"""What OBSERVE clauses saw: a difference worth showing that is nobody's fault, by target."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.clause import Level
from conformance.outcomes import Outcome
from conformance.results_file import ClauseFacts, Line, TargetFacts
from report.read import Run


@dataclass(frozen=True)
class Behaviour:
    """Clauses, and for each target what was seen of each; None where it was out of reach or was not asked."""

    clauses: tuple[ClauseFacts, ...]
    rows: tuple[tuple[TargetFacts, tuple[Line | None, ...]], ...]


def of(run: Run) -> Behaviour:
    """Arrange what was observed."""
    seen = {(line.target, line.clause): line for line in run.lines if line.outcome is Outcome.OBSERVED}
    clauses = tuple(each for each in run.header.clauses if each.level is Level.OBSERVE)
    rows = tuple((target, tuple(seen.get((target.name, each.id)) for each in clauses)) for target in run.header.targets)
    return Behaviour(clauses, rows)
