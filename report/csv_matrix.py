"""The matrix as CSV: a row a clause, a column a target, the outcome in each cell. README's matrix is made from it."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from conformance.outcomes import Outcome
from report.read import ResultsError, Run

HEAD = ("clause", "level")


@dataclass(frozen=True)
class Outcomes:
    """What a file says: clauses with their levels, and the outcome of each by target and clause."""

    levels: dict[str, str]
    targets: tuple[str, ...]
    outcomes: dict[tuple[str, str], Outcome]


def of(run: Run) -> str:
    """Return the matrix of a run."""
    found = {(line.target, line.clause): line.outcome for line in run.lines}
    targets = [target.name for target in run.header.targets]
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow([*HEAD, *targets])
    for clause in run.header.clauses:
        writer.writerow([clause.id, clause.level, *(found[target, clause.id] for target in targets)])
    return made.getvalue().removesuffix("\n")


def read(text: str) -> Outcomes:
    """Read what `of` wrote; raises `ResultsError`."""
    rows = list(csv.reader(io.StringIO(text)))
    if not rows or tuple(rows[0][:2]) != HEAD or any(len(row) != len(rows[0]) for row in rows):
        raise ResultsError("the matrix as CSV begins with clause, level and the targets, and each row has them all")
    targets = tuple(rows[0][2:])
    try:
        outcomes = {
            (target, row[0]): Outcome(cell) for row in rows[1:] for target, cell in zip(targets, row[2:], strict=True)
        }
    except ValueError as error:
        raise ResultsError(f"the matrix as CSV: {error}") from None
    return Outcomes({row[0]: row[1] for row in rows[1:]}, targets, outcomes)
