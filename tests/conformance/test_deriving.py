from __future__ import annotations

from conformance.outcomes import Outcome, Seen
from conformance.record import Record
from conformance.results import Deriving, results
from tests.conformance.test_declared import target
from tests.conformance.test_results import CLAUSES


def record(clause: str, seen: Seen = Seen.HELD) -> Record:
    return Record("flask-redis", clause, seen, "", 0.1)


def test_a_result_waits_for_what_it_builds_on() -> None:
    deriving = Deriving([target()], CLAUSES)
    assert deriving.add(record("a.last")) == []
    assert deriving.add(record("a.next")) == []
    made = deriving.add(record("a.base", Seen.NOT_HELD))
    assert [(each.clause.id, each.outcome) for each in made] == [
        ("a.base", Outcome.FAIL),
        ("a.next", Outcome.BLOCKED),
        ("a.last", Outcome.BLOCKED),
    ]
    assert deriving.rest() == []


def test_what_came_one_by_one_is_what_is_derived_at_once() -> None:
    records = [record("a.next"), record("a.base")]
    deriving = Deriving([target()], CLAUSES)
    made = [result for each in records for result in deriving.add(each)] + deriving.rest()
    assert made == results([target()], CLAUSES, records)
