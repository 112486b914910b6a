"""What the model of a session takes for right: between what was acknowledged and what may have been done."""

from __future__ import annotations

import pytest
from msgspec import UNSET

from conformance.soak.findings import Kind
from conformance.soak.session import Bounds, Fate, Session, Told


@pytest.mark.parametrize(("told", "kind"), [(1, Kind.LOST), (2, None), (4, None), (5, Kind.MIXED_UP)])
def test_a_counter_is_between_what_was_acknowledged_and_that_with_what_is_unknown(told: int, kind: Kind | None) -> None:
    bounds = Bounds()
    for fate in (Fate.DONE, Fate.UNKNOWN, Fate.NOT_DONE, Fate.DONE, Fate.UNKNOWN):
        bounds.add(fate)
    problem = bounds.problem("count", told)
    assert (problem[0] if problem else None) == kind


def begun() -> Session:
    return Session("sid=1", "cherries")


def kind(session: Session, told: Told) -> Kind | None:
    problem = session.problem(told)
    return problem[0] if problem else None


@pytest.mark.parametrize(
    ("name", "wrong"), [("ada", None), (None, Kind.LOST), ("eve", Kind.MIXED_UP), ("first", Kind.LOST)]
)
def test_a_name_is_the_one_that_was_acknowledged_last(name: str | None, wrong: Kind | None) -> None:
    session = begun()
    session.set_name("first", Fate.DONE)
    session.set_name("ada", Fate.DONE)
    assert kind(session, Told(1, name)) == wrong


@pytest.mark.parametrize(("name", "wrong"), [("ada", None), (None, None), ("eve", Kind.MIXED_UP)])
def test_after_an_unknown_log_out_there_may_be_a_name_or_none_or_no_session(
    name: str | None, wrong: Kind | None
) -> None:
    session = begun()
    session.set_name("ada", Fate.DONE)
    session.set_name(None, Fate.UNKNOWN)
    assert session.may_be_gone
    assert kind(session, Told(1, name)) == wrong


def test_what_was_not_done_changes_nothing() -> None:
    session = begun()
    session.set_name("ada", Fate.NOT_DONE)
    session.set_fruit(Fate.NOT_DONE)
    assert not session.may_be_gone
    assert kind(session, Told(1, None, 0, None)) is None
    assert kind(session, Told(1, "ada", 0, None)) is Kind.MIXED_UP


@pytest.mark.parametrize(
    ("fate", "fruit", "wrong"),
    [
        (Fate.DONE, "cherries", None),
        (Fate.DONE, None, Kind.LOST),
        (Fate.UNKNOWN, None, None),
        (Fate.UNKNOWN, "cherries", None),
        (Fate.NOT_DONE, "cherries", Kind.MIXED_UP),
        (Fate.DONE, "blueberries", Kind.MIXED_UP),
    ],
)
def test_a_fruit_is_its_own_one_where_it_was_chosen(fate: Fate, fruit: str | None, wrong: Kind | None) -> None:
    session = begun()
    session.set_fruit(fate)
    assert kind(session, Told(1, None, 0, fruit)) == wrong


def test_of_keys_that_an_answer_does_not_show_nothing_is_wrong() -> None:
    session = begun()
    session.set_fruit(Fate.DONE)
    session.visits.add(Fate.DONE)
    assert kind(session, Told(1, None, UNSET, UNSET)) is None


def test_who_has_counted_and_is_told_0_has_lost_the_session() -> None:
    assert kind(begun(), Told()) is Kind.LOST
