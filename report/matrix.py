"""The matrix of a run: clauses by area against targets, what differs apart from what passes everywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from conformance.outcomes import Outcome
from conformance.results_file import ClauseFacts, Line, TargetFacts
from report.read import Run


@dataclass(frozen=True)
class Row:
    """A clause with its results, in the order of the targets."""

    clause: ClauseFacts
    lines: tuple[Line, ...]

    @property
    def passes_everywhere(self) -> bool:
        """Whether every target passes it."""
        return all(line.outcome is Outcome.PASS for line in self.lines)


@dataclass(frozen=True)
class Area:
    """The rows of an area that has any."""

    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Matrix:
    """Rows that differ from a pass somewhere, and those that pass everywhere, both by area."""

    targets: tuple[TargetFacts, ...]
    differences: tuple[Area, ...]
    same: tuple[Area, ...]


def of(run: Run) -> Matrix:
    """Arrange a run."""
    found = {(line.clause, line.target): line for line in run.lines}
    targets = tuple(run.header.targets)
    rows = [
        Row(clause, tuple(found[clause.id, target.name] for target in targets))
        for clause in sorted(run.header.clauses, key=lambda each: each.id.partition(".")[0])
    ]
    return Matrix(
        targets,
        _areas(row for row in rows if not row.passes_everywhere),
        _areas(row for row in rows if row.passes_everywhere),
    )


def counts(lines: Iterable[Line]) -> dict[Outcome, int]:
    """Return how often each outcome is there, in the order of the outcomes, without those that are not."""
    found = Counter(line.outcome for line in lines)
    return {outcome: found[outcome] for outcome in Outcome if found[outcome]}


def _areas(rows: Iterable[Row]) -> tuple[Area, ...]:
    areas: dict[str, list[Row]] = {}
    for row in rows:
        areas.setdefault(row.clause.id.partition(".")[0], []).append(row)
    return tuple(Area(name, tuple(each)) for name, each in areas.items())
