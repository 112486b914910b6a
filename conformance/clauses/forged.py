"""Cookies that the server never handed out, or that are damaged (WSTG-SESS-01 and 03, ASVS 5.0 9.1.1)."""

from __future__ import annotations

from collections.abc import Callable

from conformance.clause import Level, clause
from conformance.client import Client, Response
from conformance.cookies import parse
from conformance.forge import altered, lookalike
from conformance.visitor import JSON, Visitor, state

MUST, SHOULD = Level.MUST, Level.SHOULD
COUNTS = ("app.counts",)
NewVisitor = Callable[[], Visitor]


def anonymous(client: Client, cookie: str | bytes, what: str) -> Response:
    """Assert that a `Cookie` line is nobody's: no server error, count 0, no name. A plain 400 is right as well."""
    response = client.get("/", cookie=cookie, headers=JSON)
    assert response.status < 500, f"{what} is answered with {response.status}"
    if response.status == 200:
        told = response.json()
        assert told == {"count": 0, "username": None}, f"{what} opens a session: {told}"
    return response


def not_adopted(client: Client, name: str, value: str) -> None:
    """Assert that a write with that value gets another id, and that the value itself stays nobody's."""
    response = client.post("/count", cookie=f"{name}={value}")
    assert response.status < 500, f"the write with {value[:40]!r} is answered with {response.status}"
    given = [parse(line).value for line in response.set_cookies if parse(line).name == name]
    assert value not in given, f"{value[:40]!r} is handed out again as an id"
    anonymous(client, f"{name}={value}", f"after a write {value[:40]!r}")


@clause(
    "forged.unknown-id",
    MUST,
    sources=("OWASP session cheat sheet: strict mode", "RFC 6265bis 8.4", "rails #2039"),
    builds_on=COUNTS,
)
def test_unknown_id(visitor: Visitor) -> None:
    """An id that the server did not make, however well-formed, is never adopted: a write gets another one.

    Whoever can plant a cookie would know the victim's id (session fixation).
    """
    name, value = visitor.count().session
    not_adopted(visitor.client, name, lookalike(value))


@clause(
    "forged.degenerate-id",
    MUST,
    sources=("Django: too short and empty keys", "starsessions: adopts its own deletion value"),
    builds_on=COUNTS,
)
def test_degenerate_id(visitor: Visitor) -> None:
    """Values that are no ids (`1`, empty, `null`, `''`, very long, with another's prefix) are never adopted.

    They are what other layers, and deleted cookies, leave behind.
    """
    name, value = visitor.count().session
    for bad in ("1", "", "null", "''", "undefined", "a" * 300, f"session:{value}", f"s%3A{value}"):
        not_adopted(visitor.client, name, bad)


@clause(
    "forged.altered",
    MUST,
    sources=("ASVS 5.0 9.1.1", "WSTG-SESS-01", "rack-session: ignores tampered"),
    builds_on=COUNTS,
)
def test_altered(visitor: Visitor) -> None:
    """A cookie with one changed character, wherever it is, opens nothing.

    A check that covers only a part of the value covers nothing.
    """
    name, value = visitor.count(3).session
    for bad in altered(value):
        anonymous(visitor.client, f"{name}={bad}", f"the altered value {bad!r}")
    assert visitor.state() == (3, None), "the untouched cookie is not good any more"


@clause(
    "forged.truncated", MUST, sources=("Beaker: invalid_cookie", "Starlette: invalid_session_cookie"), builds_on=COUNTS
)
def test_truncated(visitor: Visitor) -> None:
    """A cookie cut short, empty, of one character or of 4000 opens nothing and is no server error.

    Cookies get cut by other software's limits.
    """
    name, value = visitor.count(3).session
    for bad in (value[:-1][: len(value) // 2], value[1:], value[:-4], "", "x", "x" * 4000, value + value):
        anonymous(visitor.client, f"{name}={bad}", f"the value {bad[:40]!r}")


@clause(
    "forged.odd-bytes", MUST, sources=("rack-session: survives broken cookies", "RFC 6265bis 5.6"), builds_on=COUNTS
)
def test_odd_bytes(visitor: Visitor) -> None:
    """Bytes that no cookie should have (UTF-8, Latin-1, control bytes) are no server error and open nothing.

    An error that a header can trigger at will is an outage for hire.
    """
    name, _ = visitor.count().session
    for bad in ("é".encode(), b"\xff\xfe", b"%00%0d%0aX: 1", b"a\x01b", b"a\x7fb", b"a\tb", "😀".encode(), b"\x00"):
        anonymous(visitor.client, name.encode() + b"=" + bad, f"the value {bad!r}")


@clause("forged.quoted", MUST, sources=("starsessions commit 14977bf", "RFC 6265bis 4.1.1"), builds_on=COUNTS)
def test_quoted(visitor: Visitor) -> None:
    r"""A quoted value with escapes (`"x\073 Domain=evil.example"`, `\015\012`) does not get into the answer's headers.

    Parsers that undo the quoting hand the attacker a cookie attribute, or a header.
    """
    name, _ = visitor.count().session
    for bad in (
        r'"x\073 Domain=evil.example"', r'"x\015\012X-Evil: 1"', r'"x\000y"', r'"a\040b"', '"x; Domain=evil.example"',
    ):  # fmt: skip
        for method, path in (("GET", "/"), ("POST", "/count"), ("POST", "/reset")):
            response = visitor.client.request(method, path, cookie=f"{name}={bad}")
            assert response.status < 500, f"{bad} is answered with {response.status}"
            assert not response.all("x-evil"), f"{bad} became a header"
            for line in response.set_cookies:
                assert "evil" not in parse(line).attributes.get("domain", ""), f"{bad} became an attribute: {line!r}"


@clause("forged.duplicates", MUST, sources=("RFC 6265bis 4.2.2", "Architect functions: last index"), builds_on=COUNTS)
def test_duplicates(new_visitor: NewVisitor) -> None:
    """Of two session cookies one counts: the answer is the state of one of them, and a write changes that one alone.

    A mix of two sessions is nobody's.
    """
    ada, bob = new_visitor().count(2), new_visitor().count(5)
    (name, first), (_, second) = ada.session, bob.session
    both = f"{name}={first}; {name}={second}"
    count, _ = state(ada.client, both)
    assert count in {2, 5}, f"the count is {count}, which is neither's"
    response = ada.client.post("/count", cookie=both)
    assert response.status == 303, f"a write is answered with {response.status}"
    changed = [parse(line).value for line in response.set_cookies]
    told = {ada.state()[0], bob.state()[0]} | {state(ada.client, f"{name}={value}")[0] for value in changed}
    assert told in ({2, 5, count + 1}, {2 + (count == 2), 5 + (count == 5)}), f"after a write the counts are {told}"


@clause("forged.neighbours", SHOULD, sources=("Beaker: unrelated_cookie", "RFC 6265bis 5.7"), builds_on=COUNTS)
def test_neighbours(visitor: Visitor) -> None:
    """Malformed cookies of other software, before the session cookie or after it, do not lose the session.

    A page shares its cookies with every script and every host above it.
    """
    cookie = visitor.count(2).cookie
    for junk in ('prefs={"a":1}', "c[0]=x", "flag", "d=a b", "=x", "a=b=c", ";;", 'q="unclosed'):
        for line in (f"{junk}; {cookie}", f"{cookie}; {junk}"):
            count, _ = state(visitor.client, line)
            assert count == 2, f"the session is lost beside {junk!r}: {line!r}"


@clause("forged.neighbour-in-utf8", SHOULD, sources=("RFC 9110 5.5: obs-text", "RFC 6265bis 5.7"), builds_on=COUNTS)
def test_neighbour_in_utf8(visitor: Visitor) -> None:
    """A neighbour's cookie in UTF-8 does not lose the session.

    Scripts set such cookies, and browsers send them as they are.
    """
    cookie = visitor.count(2).cookie
    for line in (f"name=Zoë; {cookie}", f"{cookie}; name=Zoë"):
        count, _ = state(visitor.client, line)
        assert count == 2, f"the session is lost in {line!r}"


@clause("forged.siblings", MUST, sources=("RFC 6265bis 5.7",), builds_on=COUNTS)
def test_siblings(visitor: Visitor) -> None:
    """Cookies whose names only resemble the session cookie's (another case, longer, shorter) are not it.

    Names are compared whole and by case.
    """
    name, value = visitor.count(2).session
    for other in (name.swapcase(), f"{name}2", f"x{name}", name[:-1]):
        anonymous(visitor.client, f"{other}={value}", f"a cookie of the name {other}")


@clause("forged.recovers", MUST, sources=("gae-sessions #4", "cookie-sessions #17"), builds_on=COUNTS)
def test_recovers(new_visitor: NewVisitor) -> None:
    """A visitor whose cookie is refused can start a session all the same.

    Otherwise a damaged cookie locks the visitor out until it expires.
    """
    name, value = new_visitor().count().session
    for bad in (lookalike(value), value[: len(value) // 2], lookalike("garbage"), r'"\073"'):
        visitor = new_visitor()
        visitor.cookies[name] = bad
        response = visitor.post("/count")
        assert response.status == 303, f"with {bad[:40]!r} a write is answered with {response.status}"
        assert visitor.state() == (1, None), f"with {bad[:40]!r} the count after a write is {visitor.state()[0]}"


@clause("forged.empty-signature", MUST, sources=("ASVS 5.0 9.1.1", "RFC 8725 3.1"), builds_on=COUNTS)
def test_empty_signature(visitor: Visitor) -> None:
    """A signed cookie without its signature, or with an empty one, opens nothing.

    A signature that is checked only when it is present protects nothing.
    """
    name, value = visitor.count(2).session
    separators = [each for each in (".", "%2E", "|") if each in value]
    for separator in separators:
        head, _, _ = value.rpartition(separator)
        for bad in (head, head + separator):
            anonymous(visitor.client, f"{name}={bad}", f"the value without its signature {bad[:60]!r}")
