"""Large sessions (RFC 6265bis 5.6, ASVS 5.0 3.3.5)."""

from __future__ import annotations

from conformance.clause import Capability, Level, clause
from conformance.client import NotSetUp
from conformance.cookies import parse
from conformance.visitor import JSON, Visitor

MUST = Level.MUST
PROBES = (Capability.PROBES,)
LARGEST_COOKIE = 4096
LARGEST_ATTRIBUTE = 1024
COUNTS = ("app.counts",)


@clause("size.cookie", MUST, sources=("RFC 6265bis 5.6", "ASVS 5.0 3.3.5"), needs=PROBES, builds_on=COUNTS)
def test_cookie(visitor: Visitor) -> None:
    """However large the session, name and value of the cookie stay within 4096 bytes, attributes within 1024.

    A browser drops a longer cookie without a word.
    """
    visitor.count()
    for size in (1000, 2000, 3000, 4000, 6000, 10_000):
        for line in visitor.post(f"/_probe/fill?bytes={size}").set_cookies:
            cookie = parse(line)
            length = len(cookie.name) + len(cookie.value)
            assert length <= LARGEST_COOKIE, f"with {size} bytes in the session the cookie has {length}"
            longest = max(map(len, cookie.attributes.values()), default=0)
            assert longest <= LARGEST_ATTRIBUTE, f"an attribute of {longest} bytes"


@clause(
    "size.kept-or-refused",
    MUST,
    sources=("rack-session: barks on too big cookies", "authlib #622"),
    needs=PROBES,
    builds_on=COUNTS,
)
def test_kept_or_refused(visitor: Visitor) -> None:
    """A change that is too large is refused with 4xx or 5xx and leaves the session as it was; otherwise it is there.

    A change that was acknowledged and is gone is the worst of both.
    """
    for size in (100, 2000, 4000, 10_000):
        visitor.count()
        before = visitor.get("/_probe/session").json()
        response = visitor.post(f"/_probe/fill?bytes={size}")
        if any(len(parse(line).name) + len(parse(line).value) > LARGEST_COOKIE for line in response.set_cookies):
            raise AssertionError(f"a browser would drop the cookie of a session of {size} bytes")
        after = visitor.get("/_probe/session").json()
        if response.status == 303:
            assert len(after.get("filler", "")) == size, (
                f"{size} bytes were acknowledged, {len(after.get('filler', ''))} are there"
            )
        else:
            assert response.status >= 400, f"{size} bytes are answered with {response.status}"
            assert after == before, "the refused change changed the session"


@clause(
    "size.large-session",
    Level.SHOULD,
    sources=("research: SIZ-03",),
    needs=(Capability.LARGE_SESSIONS, Capability.PROBES),
    builds_on=COUNTS,
)
def test_large_session(visitor: Visitor) -> None:
    """A session of 100 kB is kept.

    A basket, a form in several steps, a search: sessions grow.
    """
    visitor.count()
    response = visitor.post("/_probe/fill?bytes=100000")
    if response.status >= 500:
        raise NotSetUp(f"the probe answered {response.status}")
    kept = len(visitor.get("/_probe/session").json().get("filler", ""))
    assert kept == 100_000, f"{kept} bytes of 100000 are there; the answer was {response.status}"


@clause("size.headers", Level.SHOULD, sources=("RFC 6265bis 4.2.1", "RFC 6585 5", "research: SIZ-04"), builds_on=COUNTS)
def test_headers(visitor: Visitor) -> None:
    """With 6 kB of other cookies beside it, the session is found, or the request is refused with 400 or 431.

    Cookies of sibling hosts come along; what is refused the visitor can mend, what is ignored looks like a log-out.
    """
    visitor.count()
    others = "; ".join(f"other{number}={'x' * 1000}" for number in range(6))
    response = visitor.client.get("/", cookie=f"{others}; {visitor.cookie}", headers=JSON)
    if response.status not in {400, 431}:
        assert response.status == 200, f"it is answered with {response.status}"
        assert response.json().get("count") == 1, f"with 6 kB of other cookies the session is {response.text[:80]}"
