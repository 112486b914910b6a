"""A change of privilege changes the id (ASVS 5.0 7.2.4, WSTG-SESS-03)."""

from __future__ import annotations

from collections.abc import Callable

from conformance.clause import Capability, Level, clause
from conformance.visitor import Visitor, state

MUST = Level.MUST
REVOCATION = (Capability.REVOCATION,)
CHANGES: dict[str, Callable[[Visitor], object]] = {
    "POST /user/login": lambda visitor: visitor.post("/user/login", form={"username": "Eve"}),
    "GET /login": lambda visitor: visitor.get("/login?username=Eve"),
}
EXITS: dict[str, Callable[[Visitor], object]] = {
    "POST /logout": lambda visitor: visitor.post("/logout"),
    "GET /logout": lambda visitor: visitor.get("/logout"),
}
NewVisitor = Callable[[], Visitor]


@clause(
    "login.rotates-id",
    MUST,
    sources=("ASVS 5.0 7.2.4", "WSTG-SESS-03", "NIST SP 800-63B-4"),
    builds_on=("app.logs-in",),
)
def test_rotates_id(new_visitor: NewVisitor) -> None:
    """Log-in changes the session id and keeps the data.

    Who planted or saw the id before log-in would otherwise be logged in with the victim (session fixation).
    """
    for way, log_in in CHANGES.items():
        visitor = new_visitor().count()
        before = visitor.session
        log_in(visitor)
        assert visitor.session != before, f"{way} keeps the id"
        assert visitor.state() == (1, "Eve"), f"after {way} count and name are {visitor.state()}"


@clause("login.rotates-id-again", MUST, sources=("ASVS 5.0 7.2.4",), builds_on=("app.logs-in",))
def test_rotates_id_again(visitor: Visitor) -> None:
    """Logging in again, as somebody else, changes the id again.

    It is another change of privilege.
    """
    visitor.log_in("Ada")
    before = visitor.session
    visitor.log_in("Eve")
    assert visitor.session != before, "the second log-in keeps the id"


@clause(
    "login.old-id-dies",
    MUST,
    sources=("ASVS 5.0 7.2.4", "Django: test_cycle", "fastify/session #240"),
    needs=REVOCATION,
)
def test_old_id_dies(new_visitor: NewVisitor) -> None:
    """The id from before log-in is dead, not just replaced.

    Fixation works as well through an id that stays alive beside the new one.
    """
    for way, log_in in CHANGES.items():
        visitor = new_visitor().count(2)
        before = visitor.cookie
        log_in(visitor)
        told = state(visitor.client, before)
        assert told == (0, None), f"after {way} the old cookie still opens a session: {told}"


@clause("logout.rotates-id", MUST, sources=("ASVS 5.0 7.2.4", "SPEC.md, The session"), builds_on=("app.logs-out",))
def test_logout_rotates_id(new_visitor: NewVisitor) -> None:
    """Log-out changes the session id.

    The id that was logged in may be in logs and on other devices.
    """
    for way, log_out in EXITS.items():
        visitor = new_visitor().count().log_in("Ada")
        before = visitor.session
        log_out(visitor)
        assert visitor.session != before, f"{way} keeps the id"


@clause("logout.old-id-dies", MUST, sources=("ASVS 5.0 7.4.1", "WSTG-SESS-06"), needs=REVOCATION)
def test_logout_old_id_dies(new_visitor: NewVisitor) -> None:
    """After log-out a copy of the cookie from before is nobody.

    Log-out on a shared machine has to mean something.
    """
    for way, log_out in EXITS.items():
        visitor = new_visitor().count().log_in("Ada")
        before = visitor.cookie
        log_out(visitor)
        told = state(visitor.client, before)
        assert told == (0, None), f"after {way} the old cookie still opens a session: {told}"
