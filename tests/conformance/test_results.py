from __future__ import annotations

from conformance.clause import Clause, Level
from conformance.outcomes import Outcome, Seen
from conformance.record import Record, decode, encode
from conformance.results import results
from tests.conformance.test_declared import target


def clause(name: str, *builds_on: str) -> Clause:
    return Clause(name, Level.MUST, frozenset(), builds_on, ("RFC",), "Text.", "Why.")


CLAUSES = {each.id: each for each in (clause("a.base"), clause("a.next", "a.base"), clause("a.last", "a.next"))}


def seen(*what: Seen) -> list[Record]:
    return [Record("flask-redis", name, each, "detail", 0.1) for name, each in zip(CLAUSES, what, strict=False)]


def test_what_builds_on_a_failure_is_blocked_and_so_is_what_builds_on_that() -> None:
    made = results([target()], CLAUSES, seen(Seen.NOT_HELD, Seen.HELD, Seen.HELD))
    assert [result.outcome for result in made] == [Outcome.FAIL, Outcome.BLOCKED, Outcome.BLOCKED]
    assert made[1].blocked_by == "a.base"


def test_what_builds_on_a_deviation_is_judged_by_itself() -> None:
    made = results([target(frozenset(), "a.base")], CLAUSES, seen(Seen.NOT_HELD, Seen.HELD, Seen.HELD))
    assert [result.outcome for result in made] == [Outcome.DEVIATES, Outcome.PASS, Outcome.PASS]


def test_what_has_no_record_is_broken() -> None:
    made = results([target()], CLAUSES, seen(Seen.HELD))
    assert [result.outcome for result in made] == [Outcome.PASS, Outcome.BROKEN, Outcome.BROKEN]


def test_records_survive_the_way_from_worker_to_controller() -> None:
    record = seen(Seen.NOT_HELD)[0]
    assert decode(encode(record)) == record
