"""The session cookie: its grammar and its attributes (RFC 6265bis, ASVS 5.0 3.3)."""

from __future__ import annotations

import base64
import re
import zlib
from itertools import chain

from conformance.clause import Capability, Level, clause
from conformance.client import NotSetUp
from conformance.cookies import IMF_FIXDATE, SetCookie, grammar_errors, parse
from conformance.tour import Tour
from conformance.visitor import Visitor

MUST, SHOULD = Level.MUST, Level.SHOULD


def all_lines(tour: Tour) -> list[str]:
    """Return every `Set-Cookie` line of a tour."""
    lines = list(chain.from_iterable(response.set_cookies for response in tour()))
    if not lines:
        raise NotSetUp("no answer of the whole tour set a cookie")
    return lines


def set_lines(tour: Tour) -> list[SetCookie]:
    """Return the lines that set a session, without those that delete it."""
    return [cookie for cookie in map(parse, all_lines(tour)) if not cookie.deletes]


def deletion(visitor: Visitor) -> SetCookie:
    """Return the line that a reset answers with."""
    name, _ = visitor.count().session
    lines = [cookie for cookie in map(parse, visitor.post("/reset").set_cookies) if cookie.name == name]
    assert lines, "a reset sends no Set-Cookie for the session cookie"
    return lines[-1]


@clause("cookie.grammar", MUST, sources=("RFC 6265bis 4.1.1",))
def test_grammar(tour: Tour) -> None:
    """Every `Set-Cookie` line is written as a server must write it: allowed characters, no attribute twice.

    Browsers and proxies disagree about what is malformed, and drop or split it.
    """
    for line in all_lines(tour):
        errors = grammar_errors(line)
        assert not errors, f"{errors[0]}: {line!r}"


@clause("cookie.date", SHOULD, sources=("RFC 6265bis 4.1.1", "RFC 9110 5.6.7"))
def test_date(tour: Tour) -> None:
    """An `Expires` date is an IMF-fixdate.

    The one form that every client has to read.
    """
    for cookie in map(parse, all_lines(tour)):
        expires = cookie.attributes.get("expires")
        assert expires is None or IMF_FIXDATE.fullmatch(expires), f"the date is {expires!r}"


@clause("cookie.one-line", MUST, sources=("RFC 6265bis 4.1.1", "express-session: Set-Cookie only once"))
def test_one_line(tour: Tour) -> None:
    """No answer has more than one `Set-Cookie` line for the session.

    Which of two lines counts is not defined.
    """
    for response in tour():
        names = [parse(line).name for line in response.set_cookies]
        assert len(names) == len(set(names)), f"one answer sets {names}"


@clause("cookie.http-only", MUST, sources=("ASVS 5.0 3.3.4", "WSTG-SESS-02", "NIST SP 800-63B-4"))
def test_http_only(tour: Tour) -> None:
    """The session cookie is `HttpOnly`.

    A script that an attacker got into a page must not read the session.
    """
    for cookie in set_lines(tour):
        assert "httponly" in cookie.attributes, f"no HttpOnly: {cookie.line}"


@clause("cookie.same-site", MUST, sources=("ASVS 5.0 3.3.2", "WSTG-SESS-05", "RFC 6265bis 4.1.2.7"))
def test_same_site(tour: Tour) -> None:
    """The session cookie says `SameSite=Lax` or `Strict`.

    Browsers' defaults differ; without it other sites' forms act with the visitor's session.
    """
    for cookie in set_lines(tour):
        assert cookie.attributes.get("samesite", "").lower() in {"lax", "strict"}, f"no SameSite: {cookie.line}"


@clause("cookie.path", MUST, sources=("RFC 6265bis 4.1.2.4", "NIST SP 800-63B-4"))
def test_path(tour: Tour) -> None:
    """The session cookie says `Path=/`.

    Without it the path is that of the request, and the visitor has a session here and none there.
    """
    for cookie in set_lines(tour):
        assert cookie.attributes.get("path") == "/", f"no Path=/: {cookie.line}"


@clause("cookie.no-domain", MUST, sources=("RFC 6265bis 4.1.2.3", "ASVS 5.0 3.3.3"))
def test_no_domain(tour: Tour) -> None:
    """The session cookie has no `Domain`.

    With it every sibling host gets the session.
    """
    for cookie in set_lines(tour):
        assert "domain" not in cookie.attributes, f"a Domain: {cookie.line}"


@clause("cookie.lifetime", MUST, sources=("express-session: maxAge", "NIST SP 800-63B-4", "SPEC.md, The session"))
def test_lifetime(tour: Tour) -> None:
    """The cookie's lifetime is the configured 12 hours, or there is none and it ends with the browser.

    A cookie that outlives its session, or the other way round, promises what the server does not keep.
    """
    for cookie in set_lines(tour):
        lifetime = cookie.lifetime
        assert lifetime is None or 43200 - 60 <= lifetime <= 43200 + 2, f"lives {lifetime:.0f} s: {cookie.line}"


@clause("cookie.deletion", MUST, sources=("RFC 6265bis 5.6.2", "Django: test_session_delete_on_end"))
def test_deletion(visitor: Visitor) -> None:
    """A reset deletes the cookie so that a browser drops it: same name and path, a lifetime that is over.

    A cookie that stays sends a dead id for ever.
    """
    lines = visitor.post("/count").set_cookies
    if not lines:
        raise NotSetUp("a count sets no cookie")
    set_by = parse(lines[-1])
    cookie = deletion(visitor)
    assert cookie.deletes, f"a browser would keep it: {cookie.line}"
    for attribute in ("path", "domain"):
        before, after = set_by.attributes.get(attribute), cookie.attributes.get(attribute)
        assert before == after, f"{attribute} was {before!r} and is {after!r}: {cookie.line}"


@clause("cookie.deletion-attributes", MUST, sources=("SPEC.md, The cookie", "RFC 6265bis 5.6", "pallets/flask #4485"))
def test_deletion_attributes(visitor: Visitor) -> None:
    """The line that deletes the cookie has `HttpOnly` and `SameSite` as the line that set it.

    With `__Host-` and `Secure` a browser refuses a deletion that lacks them, and the cookie stays.
    """
    cookie = deletion(visitor)
    assert "httponly" in cookie.attributes, f"no HttpOnly: {cookie.line}"
    assert cookie.attributes.get("samesite", "").lower() in {"lax", "strict"}, f"no SameSite: {cookie.line}"


@clause("cookie.nowhere-else", MUST, sources=("ASVS 5.0 14.2.1 and 3.3.4", "WSTG-SESS-04"))
def test_nowhere_else(tour: Tour) -> None:
    """The cookie's value is in no body and in no other header.

    Bodies are logged, cached and read by scripts.
    """
    values = set()
    for response in tour():
        values |= {parse(line).value for line in response.set_cookies if not parse(line).deletes}
        elsewhere = response.text + "".join(value for name, value in response.headers if name != "set-cookie")
        for value in values:
            assert len(value) < 8 or value not in elsewhere, f"the cookie's value is in {elsewhere[:120]!r}"


@clause("cookie.not-from-the-url", MUST, sources=("WSTG-SESS-04", "ASVS 5.0 14.2.1"), builds_on=("app.counts",))
def test_not_from_the_url(visitor: Visitor) -> None:
    """A session id in the query is ignored.

    Links are passed on; a session that can be linked to can be given to a victim.
    """
    name, value = visitor.count(2).session
    for key in (name, "session", "sid", "PHPSESSID"):
        response = visitor.client.get(f"/?{key}={value}", headers={"accept": "application/json"})
        assert response.json()["count"] == 0, f"?{key}= opened the session"


@clause("cookie.opaque", MUST, sources=("ASVS 5.0 14.3.3", "NIST SP 800-63B-4"), needs=(Capability.SESSION_IDS,))
def test_opaque(visitor: Visitor) -> None:
    """The cookie says nothing of what is in the session.

    What the client can read it can also learn from, and leak.
    """
    _, value = visitor.log_in("Rumpelstiltskin").session
    for part in [value, *re.split(r"[.|!]|%7C|--", value)]:
        decoded = _decode(part)
        assert b"Rumpelstiltskin" not in decoded, "the name can be read in the cookie"


def _decode(part: str) -> bytes:
    raw = part.encode() + b"=" * (-len(part) % 4)
    try:
        data = base64.urlsafe_b64decode(raw)
    except ValueError:
        return part.encode()
    try:
        return zlib.decompress(data)
    except zlib.error:
        return part.encode() + data
