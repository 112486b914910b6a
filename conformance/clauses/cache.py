"""Pages that depend on the session stay out of shared caches (RFC 9111 7.3, ASVS 5.0 14.3.2)."""

from __future__ import annotations

from conformance.clause import Capability, Level, clause
from conformance.client import Response
from conformance.tour import SESSION_PAGES, Tour
from conformance.visitor import Visitor

MUST = Level.MUST


def directives(response: Response) -> set[str]:
    """Return the directives of `Cache-Control`, without their arguments."""
    return {each.partition("=")[0].strip().lower() for each in response.header("cache-control").split(",")}


def varies(response: Response) -> bool:
    """Tell whether `Vary` names the cookie, or everything."""
    return bool({"cookie", "*"} & {each.strip().lower() for each in response.header("vary").split(",")})


@clause(
    "cache.depends-on-the-cookie", MUST, sources=("RFC 9110 12.5.5", "RFC 9111 7.3", "CVE-2023-30861", "CVE-2026-27205")
)
def test_depends_on_the_cookie(visitor: Visitor) -> None:
    """A page that depends on the session says `Vary: Cookie`, or is `private` or `no-store`.

    Otherwise a shared cache gives one visitor's page to the next.
    """
    for path in SESSION_PAGES * 2:
        response = visitor.get(path)
        safe = varies(response) or directives(response) & {"private", "no-store"}
        assert safe, f"GET {path} may be cached for all: Vary {response.header('vary')!r}"


@clause("cache.set-cookie-is-private", MUST, sources=("RFC 9111 7.3", "WSTG-SESS-04"))
def test_set_cookie_is_private(tour: Tour) -> None:
    """An answer that sets the session cookie varies by cookie, or is `private` or `no-store`.

    `Set-Cookie` does not keep an answer out of a cache: the next visitor would get this one's session.
    """
    for response in tour():
        safe = varies(response) or directives(response) & {"private", "no-store"}
        assert not response.set_cookies or safe, f"{response.set_cookies[0]!r} may be cached for all"


@clause("cache.no-store", MUST, sources=("ASVS 5.0 14.3.2", "SPEC.md, Everywhere"))
def test_no_store(visitor: Visitor) -> None:
    """A page that depends on the session says both `Vary: Cookie` and `Cache-Control: no-store`.

    After log-out the back button must not show it again.
    """
    for path in SESSION_PAGES:
        response = visitor.get(path)
        assert "no-store" in directives(response), f"GET {path}: Cache-Control {response.header('cache-control')!r}"
        assert varies(response), f"GET {path}: Vary {response.header('vary')!r}"


@clause("cache.only-where-needed", Level.SHOULD, sources=("RFC 9110 12.5.5",), needs=(Capability.PROBES,))
def test_only_where_needed(visitor: Visitor) -> None:
    """A route that does not use the session does not vary by cookie.

    It could be cached for all.
    """
    visitor.count()
    response = visitor.get("/_probe/no-session")
    assert not varies(response), f"Vary is {response.header('vary')!r}"
