"""What a server can end before it expires (ASVS 5.0 7.4.1, WSTG-SESS-06)."""

from __future__ import annotations

from collections.abc import Callable

from conformance.clause import Capability, Level, clause
from conformance.cookies import parse
from conformance.visitor import Visitor, state

MUST = Level.MUST
REVOCATION = (Capability.REVOCATION,)
COUNTS = ("app.counts",)


@clause(
    "revoke.reset",
    MUST,
    sources=("ASVS 5.0 7.4.1", "WSTG-SESS-06", "express-session: destroy"),
    needs=REVOCATION,
    builds_on=COUNTS,
)
def test_reset(new_visitor: Callable[[], Visitor]) -> None:
    """After a reset a copy of the cookie is nobody.

    The visitor asked for the session to end, not for this browser to forget it.
    """
    for method, path in (("POST", "/reset"), ("GET", "/destroy-session")):
        visitor = new_visitor().count(2).log_in("Ada")
        copy = visitor.cookie
        visitor.request(method, path)
        told = state(visitor.client, copy)
        assert told == (0, None), f"after {path} the copy still opens a session: {told}"


@clause(
    "revoke.stays-dead",
    MUST,
    sources=("ASVS 5.0 7.4.1", "rack-session: no reuse of ids"),
    needs=REVOCATION,
    builds_on=COUNTS,
)
def test_stays_dead(visitor: Visitor) -> None:
    """A write with the cookie of a destroyed session starts another one, under another id.

    A dead id that comes alive again can be waited for.
    """
    visitor.count(2)
    (name, value), copy = visitor.session, visitor.cookie
    visitor.post("/reset")
    response = visitor.client.post("/count", cookie=copy)
    given = [parse(line).value for line in response.set_cookies if parse(line).name == name]
    assert given, "the write hands out no new id"
    assert value not in given, "the write hands out the dead id again"
    told = state(visitor.client, copy)
    assert told == (0, None), f"the dead id opens a session: {told}"
