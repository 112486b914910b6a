"""No visitor sees or changes another's session (WSTG-SESS-11)."""

from __future__ import annotations

import random
from collections.abc import Callable

from conformance.clause import Level, clause
from conformance.client import Client
from conformance.visitor import JSON, Visitor

MUST = Level.MUST
COUNTS = ("app.counts",)
NewVisitor = Callable[[], Visitor]


@clause(
    "isolate.visitors",
    MUST,
    sources=("express-session: multiple sessions", "Beaker: different_sessions"),
    builds_on=COUNTS,
)
def test_visitors(new_visitor: NewVisitor) -> None:
    """Ten visitors who count, log in and read in a random order each see their own session alone.

    State that is kept in the process instead of the session shows here.
    """
    chance = random.Random(11)  # noqa: S311 (the same order each time)
    visitors = [(new_visitor(), f"visitor-{number}") for number in range(10)]
    expected: dict[str, tuple[int, str | None]] = {name: (0, None) for _, name in visitors}
    for _ in range(80):
        visitor, name = chance.choice(visitors)
        count, known = expected[name]
        if chance.random() < 0.7:
            visitor.count()
            expected[name] = (count + 1, known)
        else:
            visitor.log_in(name)
            expected[name] = (count, name)
    for visitor, name in visitors:
        assert visitor.state() == expected[name], f"{name} sees {visitor.state()} instead of {expected[name]}"


@clause("isolate.connection", MUST, sources=("RFC 9110 3.3: a connection is no session",), builds_on=COUNTS)
def test_connection(new_visitor: NewVisitor, client: Client) -> None:
    """Requests over one connection are told apart by their cookies alone.

    Proxies send many visitors over one connection.
    """
    ada, bob = new_visitor().count(2), new_visitor().count(3)
    with client.connection() as connection:
        for cookie, expected in ((ada.cookie, 2), (bob.cookie, 3), (None, 0), (ada.cookie, 2), (None, 0)) * 2:
            told = connection.request("GET", "/", cookie=cookie, headers=JSON).json()
            assert told["count"] == expected, f"the count is {told['count']} instead of {expected}"


@clause("isolate.same-name", MUST, sources=("WSTG-SESS-11",), builds_on=("app.logs-in",))
def test_same_name(new_visitor: NewVisitor) -> None:
    """Two sessions of one name are two sessions.

    A name is data in a session, not its key.
    """
    here, there = new_visitor().log_in("Ada").count(2), new_visitor().log_in("Ada")
    assert there.state() == (0, "Ada"), f"the other session is {there.state()}"
    there.post("/logout")
    assert here.state() == (2, "Ada"), f"a log-out elsewhere left {here.state()}"


@clause("isolate.reset", MUST, sources=("WSTG-SESS-11",), builds_on=("app.resets",))
def test_reset(new_visitor: NewVisitor) -> None:
    """A reset ends one session and leaves the others.

    A store that is emptied as a whole passes every test with one visitor.
    """
    ada, bob = new_visitor().count(2), new_visitor().count(3)
    ada.post("/reset")
    assert bob.state() == (3, None), f"the other session is {bob.state()}"
