"""Sessions and cookies are written only when there is something to write (ASVS 5.0 7.2; SPEC.md, The session)."""

from __future__ import annotations

from conformance.clause import Capability, Level, clause
from conformance.client import Client
from conformance.visitor import JSON, Visitor

MUST, SHOULD = Level.MUST, Level.SHOULD
PROBES = (Capability.PROBES,)


@clause("write.not-for-strangers", MUST, sources=("express-session: saveUninitialized", "rack-session"))
def test_not_for_strangers(client: Client) -> None:
    """Reading without a cookie sets none.

    Otherwise every crawler fills the store.
    """
    for headers in (None, JSON):
        response = client.get("/", headers=headers)
        assert not response.set_cookies, f"GET / sets {response.set_cookies[0]!r}"


@clause(
    "write.not-on-reads", SHOULD, sources=("express-session: only set-cookie when modified", "encode/starlette #828")
)
def test_not_on_reads(visitor: Visitor) -> None:
    """Reading an existing session sets no cookie.

    A `Set-Cookie` on every read races with the one of a write, and keeps pages out of caches.
    """
    visitor.count()
    response = visitor.get("/")
    assert not response.set_cookies, f"GET / sets {response.set_cookies[0]!r}"


@clause("write.not-elsewhere", MUST, sources=("SPEC.md, The session", "rack-session"))
def test_not_elsewhere(visitor: Visitor) -> None:
    """Routes that use no session, and paths that do not exist, set no cookie, with a session or without.

    A session layer that acts on every path writes for every image and every mistyped link.
    """
    for _ in range(2):
        for path in ("/healthz", "/readyz", "/about", "/nowhere", "/favicon.ico"):
            response = visitor.get(path)
            assert not response.set_cookies, f"GET {path} sets {response.set_cookies[0]!r}"
        visitor.count()


@clause("write.no-session-route", MUST, sources=("SPEC.md, Probes",), needs=PROBES)
def test_no_session_route(visitor: Visitor) -> None:
    """A handler that does not touch the session sets no cookie and does not vary by it.

    The cost of sessions is paid where they are used.
    """
    visitor.count()
    response = visitor.get("/_probe/no-session")
    assert response.status == 200, f"expected 200, got {response.status}"
    assert not response.set_cookies, f"it sets {response.set_cookies[0]!r}"


@clause("write.set-and-unset", SHOULD, sources=("SPEC.md, The session",), needs=PROBES)
def test_set_and_unset(visitor: Visitor) -> None:
    """A stranger's key that is set and unset in one request starts no session.

    Nothing is left to keep.
    """
    response = visitor.post("/_probe/set-unset")
    assert response.status < 400, f"answered {response.status}"
    assert not visitor.cookies, "a session was started for nothing"


@clause("write.reset-of-nothing", MUST, sources=("SPEC.md, The session",))
def test_reset_of_nothing(visitor: Visitor) -> None:
    """A reset without a session starts none.

    Beaker makes a record for each.
    """
    for method, path in (("POST", "/reset"), ("GET", "/destroy-session")):
        visitor.request(method, path)
        assert not visitor.cookies, f"{method} {path} started a session to end it"


@clause("write.nothing-after-an-error", MUST, sources=("SPEC.md, Decisions",), needs=PROBES, builds_on=("app.counts",))
def test_nothing_after_an_error(visitor: Visitor) -> None:
    """What a request changed before it failed with 500 is not kept.

    Half-done changes are worse than none.
    """
    visitor.count(2)
    response = visitor.post("/_probe/boom")
    assert response.status == 500, f"expected 500, got {response.status}"
    assert not response.set_cookies, f"the 500 sets {response.set_cookies[0]!r}"
    told = visitor.get("/_probe/session").json()
    assert told == {"count": 2}, f"the session holds {told}"
