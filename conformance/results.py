"""From records to results: every clause on every target gets an outcome, whether it was checked or not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    made: dict[tuple[str, str], Result] = {}

    def derive(target: Target, clause: Clause) -> Result:
        key = (target.name, clause.id)
        if key not in made:
            bases = [derive(target, clauses[base]) for base in clause.builds_on if base in clauses]
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
            made[key] = Result(target, clause, verdict, record, says, failed)
        return made[key]

    return [derive(target, clause) for target in targets for clause in clauses.values()]
