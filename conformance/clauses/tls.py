"""Behind a proxy that ends TLS (ASVS 5.0 3.3.1 to 3.3.3; RFC 6265bis 4.1.3)."""

from __future__ import annotations

from conformance.clause import Level, clause
from conformance.client import Client, NotSetUp
from conformance.cookies import SetCookie, parse
from conformance.own import Own
from conformance.visitor import Visitor

MUST = Level.MUST
COUNTS = ("app.counts",)
NAME = "__Host-sid"
BEHIND_TLS = {"SESSION_COOKIE_SECURE": "true", "SESSION_COOKIE_NAME": NAME}


def secure(own: Own) -> Client:
    """Return a client, over TLS, of an instance that is configured for it."""
    return own.behind_tls("secure", BEHIND_TLS)


def _one(lines: list[str], what: str) -> SetCookie:
    if len(lines) != 1:
        raise NotSetUp(f"{what} sets {len(lines)} cookies")
    return parse(lines[0])


@clause("tls.secure", MUST, sources=("ASVS 5.0 3.3.1", "RFC 6265bis 4.1.2.5", "NIST SP 800-63B-4"), builds_on=COUNTS)
def test_secure(own: Own) -> None:
    """Configured for TLS, the cookie is `Secure`, when it is set and when it is deleted.

    One request over plain HTTP, to the same host on any port, would otherwise carry the id in the clear.
    """
    client = secure(own)
    visitor = Visitor(client)
    for method, path in (("POST", "/count"), ("POST", "/reset")):
        cookie = _one(visitor.request(method, path).set_cookies, path)
        assert "secure" in cookie.attributes, f"{path} sets {cookie.line}"


@clause("tls.host-prefix", MUST, sources=("RFC 6265bis 4.1.3.2", "ASVS 5.0 3.3.3"), builds_on=COUNTS)
def test_host_prefix(own: Own) -> None:
    """With a name in `__Host-` the cookie is what a browser takes, its deletion too: `Secure`, `Path=/`, no `Domain`.

    The prefix keeps sibling hosts from planting a cookie; a deletion that a browser ignores is a log-out that is none.
    """
    client = secure(own)
    visitor = Visitor(client)
    for method, path in (("POST", "/count"), ("POST", "/reset")):
        cookie = _one(visitor.request(method, path).set_cookies, path)
        assert cookie.name == NAME, f"{path} sets a cookie of the name {cookie.name}"
        fit = (
            "secure" in cookie.attributes and cookie.attributes.get("path") == "/" and "domain" not in cookie.attributes
        )
        assert fit, f"a browser ignores what {path} sets: {cookie.line}"


@clause("tls.works-behind-a-proxy", MUST, sources=("research: CKA-07", "RFC 9110 7.4"), builds_on=COUNTS)
def test_works_behind_a_proxy(own: Own) -> None:
    """Behind a proxy that ends TLS the app works for a browser, whose `Origin` is https.

    An app that compares schemes refuses its own page, and somebody turns the check off.
    """
    client = secure(own)
    visitor = Visitor(client)
    headers = {"origin": f"https://{client.host}:{client.port}"}
    for path, form in (("/count", None), ("/user/login", {"username": "Ada"})):
        response = visitor.post(path, form=form, headers=headers)
        assert response.status == 303, f"{path} is answered with {response.status}"
        assert response.header("location") == "/", f"{path} leads to {response.header('location')}"
    assert visitor.state() == (1, "Ada"), f"the session is {visitor.state()}"


@clause(
    "tls.spoofed-proto",
    MUST,
    sources=("express-session: should not trust X-Forwarded-Proto", "research: CKA-08"),
    builds_on=COUNTS,
)
def test_spoofed_proto(visitor: Visitor) -> None:
    """`X-Forwarded-Proto` and `Forwarded` from anybody change nothing about the cookie.

    Whoever can send a field could otherwise make the app believe that it is safe.
    """
    plain = _one(visitor.client.post("/count").set_cookies, "a count").attributes
    for headers in ({"x-forwarded-proto": "https"}, {"forwarded": "proto=https"}, {"x-forwarded-ssl": "on"}):
        response = visitor.client.post("/count", headers=headers)
        assert response.status == 303, f"with {headers} a count is {response.status}"
        cookie = _one(response.set_cookies, f"a count with {headers}")
        assert cookie.attributes.keys() == plain.keys(), f"with {headers} the attributes are {cookie.line}"
