"""From records to results: every clause on every target gets an outcome, whether it was checked or not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from conformance.clause import Clause
from conformance.declared import Declared, declared
from conformance.outcomes import Outcome, Seen, outcome
from conformance.record import Record
from targets.manifest import Target

BASE_FAILED = frozenset({Outcome.FAIL, Outcome.BLOCKED, Outcome.BROKEN})


@dataclass(frozen=True)
class Result:
    """What a clause did on a target, with the facts and the declarations behind it."""

    target: Target
    clause: Clause
    outcome: Outcome
    record: Record
    declared: Declared
    blocked_by: str = ""


def results(targets: Sequence[Target], clauses: dict[str, Clause], records: Iterable[Record]) -> list[Result]:
    """Derive the outcomes, by target and clause in the order given; what has no record is broken."""
    seen = {(record.target, record.clause): record for record in records}
    return [_derive(target, clause, clauses, seen) for target in targets for clause in clauses.values()]


class Deriving:
    """Derives each result as soon as its record is there, and the records of all that it builds on."""

    def __init__(self, targets: Sequence[Target], clauses: dict[str, Clause]) -> None:
        self._clauses = clauses
        self._seen: dict[tuple[str, str], Record] = {}
        self._waiting = {target.name: (target, set(clauses)) for target in targets}

    def add(self, record: Record) -> list[Result]:
        """Take a record; return the results that it completes."""
        self._seen[record.target, record.clause] = record
        target, waiting = self._waiting[record.target]
        ready = [name for name in self._clauses if name in waiting and self._complete(target, name)]
        waiting.difference_update(ready)
        return [self._result(target, name) for name in ready]

    def rest(self) -> list[Result]:
        """Return the results for which no record came."""
        left = [
            (target, name) for target, waiting in self._waiting.values() for name in self._clauses if name in waiting
        ]
        return [self._result(target, name) for target, name in left]

    def _complete(self, target: Target, name: str) -> bool:
        bases = (base for base in self._clauses[name].builds_on if base in self._clauses)
        return (target.name, name) in self._seen and all(self._complete(target, base) for base in bases)

    def _result(self, target: Target, name: str) -> Result:
        return _derive(target, self._clauses[name], self._clauses, self._seen)


def _derive(
    target: Target, clause: Clause, clauses: dict[str, Clause], seen: Mapping[tuple[str, str], Record]
) -> Result:
    key = (target.name, clause.id)
    bases = [_derive(target, clauses[base], clauses, seen) for base in clause.builds_on if base in clauses]
    failed = next((base.clause.id for base in bases if base.outcome in BASE_FAILED), "")
    record = seen.get(key) or Record(*key, Seen.BROKEN, "the run ended before this was checked", 0.0)
    says = declared(target, clause)
    verdict = outcome(
        clause.level,
        record.seen,
        absent=bool(says.absent),
        deviates=says.deviation is not None,
        base_failed=bool(failed),
    )
    return Result(target, clause, verdict, record, says, failed)
