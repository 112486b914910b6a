"""Methods and redirects (RFC 9110 9, 15.4 and 15.5.6)."""

from __future__ import annotations

from conformance.clause import Level, clause
from conformance.client import Client
from conformance.visitor import Visitor

MUST = Level.MUST
COUNTS = ("app.counts",)
ONLY_POST = ("/count", "/reset", "/user/login")
NO_POST = (
    "/",
    "/login",
    "/visits",
    "/hello",
    "/cherries",
    "/blueberries",
    "/destroy-session",
    "/healthz",
    "/readyz",
    "/about",
)
DATES = {"date", "set-cookie", "connection", "transfer-encoding"}


@clause("method.safe", MUST, sources=("RFC 9110 9.2.1", "ASVS 5.0 3.5.3"), builds_on=COUNTS)
def test_safe(visitor: Visitor) -> None:
    """`/count`, `/reset` and `/user/login` change nothing by GET: 405.

    Crawlers, previews and image tags send GET.
    """
    visitor.count(2)
    for path in ONLY_POST:
        response = visitor.get(f"{path}?username=Eve")
        assert response.status == 405, f"GET {path} answered {response.status}"
    assert visitor.state() == (2, None), f"count and name are {visitor.state()}"


@clause("method.allow", MUST, sources=("RFC 9110 15.5.6", "RFC 9110 10.2.1"))
def test_allow(client: Client) -> None:
    """A method that a route lacks is 405, and `Allow` lists the methods that it has.

    The field is what tells a client what to do instead.
    """
    wanted = {path: {"POST"} for path in ONLY_POST} | {path: {"GET", "HEAD"} for path in NO_POST}
    wanted["/logout"] = {"GET", "HEAD", "POST"}
    for path, methods in wanted.items():
        for method in {"DELETE", "PUT", "OPTIONS", "GET", "POST"} - methods:
            response = client.request(method, path)
            assert response.status == 405, f"{method} {path} answered {response.status}"
            allow = {each.strip() for each in response.header("allow").split(",")}
            assert allow == methods, f"{method} {path}: Allow is {response.header('allow')!r}"


@clause("method.head", MUST, sources=("RFC 9110 9.3.2",), builds_on=COUNTS)
def test_head(visitor: Visitor) -> None:
    """`HEAD /` answers as `GET /` does, without the body.

    Caches and link checkers compare the two.
    """
    for _ in range(2):
        get, head = visitor.get("/"), visitor.request("HEAD", "/")
        assert head.status == get.status, f"HEAD answered {head.status}, GET {get.status}"
        assert head.body == b"", "HEAD has a body"
        fields = [{each for each in response.headers if each[0] not in DATES} for response in (get, head)]
        assert fields[0] == fields[1], f"the headers differ in {fields[0] ^ fields[1]}"
        visitor.count()


@clause(
    "method.head-changes-nothing", MUST, sources=("RFC 9110 9.2.1", "research: D7"), builds_on=("app.counts-visits",)
)
def test_head_changes_nothing(visitor: Visitor) -> None:
    """HEAD on the pages that change the session by GET changes nothing and starts no session.

    Link checkers would count as visitors.
    """
    for path in ("/visits", "/hello", "/cherries", "/login?username=Ada"):
        response = visitor.request("HEAD", path)
        assert response.status < 400, f"HEAD {path} answered {response.status}"
        assert not visitor.cookies, f"HEAD {path} started a session"
    visitor.get("/visits")
    visitor.request("HEAD", "/visits")
    visitor.request("HEAD", "/destroy-session")
    text = visitor.get("/visits").text
    assert text == "You visited this page 2 times", f"after a visit and a HEAD the next visit says {text!r}"


@clause("method.creates-nothing", MUST, sources=("RFC 9110 9.2.1", "research: MTH-04"))
def test_creates_nothing(visitor: Visitor) -> None:
    """OPTIONS, HEAD, 404 and 405 set no cookie.

    They are what scanners send.
    """
    requests = (
        ("OPTIONS", "/"),
        ("OPTIONS", "/count"),
        ("HEAD", "/"),
        ("GET", "/nowhere"),
        ("POST", "/nowhere"),
        ("DELETE", "/"),
        ("GET", "/count"),
    )
    for method, path in requests:
        response = visitor.request(method, path)
        assert not response.set_cookies, f"{method} {path} sets {response.set_cookies[0]!r}"


@clause("method.see-other", MUST, sources=("RFC 9110 15.4.4", "SPEC.md, Decisions"))
def test_see_other(visitor: Visitor) -> None:
    """What changes something answers 303 with `Location: /`.

    After 307 a browser would send the POST again; 302 leaves it to the browser.
    """
    answers = {
        "POST /count": visitor.post("/count"),
        "POST /user/login": visitor.post("/user/login", form={"username": "Ada"}),
        "GET /login": visitor.get("/login?username=Ada"),
        "POST /logout": visitor.post("/logout"),
        "GET /logout": visitor.get("/logout"),
        "POST /reset": visitor.post("/reset"),
    }
    for what, response in answers.items():
        assert response.status == 303, f"{what} answered {response.status}"
        assert response.header("location") == "/", f"{what} leads to {response.header('location')!r}"


@clause("method.chunked", Level.SHOULD, sources=("RFC 9112 7.1", "research: MTH-06"), builds_on=("app.logs-in",))
def test_chunked(visitor: Visitor) -> None:
    """A form that comes in chunks is read as one that comes with its length.

    Proxies and clients send chunks when they do not know the length yet.
    """
    headers = {"content-type": "application/x-www-form-urlencoded", "transfer-encoding": "chunked"}
    response = visitor.post("/user/login", headers=headers, body=b"9\r\nusername=\r\n3\r\nAda\r\n0\r\n\r\n")
    assert response.status == 303, f"answered {response.status}"
    assert visitor.state() == (0, "Ada"), f"count and name are {visitor.state()}"


@clause("method.counts-each", MUST, sources=("research: MTH-08",), builds_on=COUNTS)
def test_counts_each(visitor: Visitor) -> None:
    """The same POST sent twice counts twice, with a body or without.

    Nothing between client and handler may take two for one.
    """
    visitor.count()
    for body in (b"", b"", b"ignored=1"):
        response = visitor.post("/count", body=body, headers={"content-type": "application/x-www-form-urlencoded"})
        assert response.status == 303, f"answered {response.status}"
    assert visitor.state()[0] == 4, f"after 4 counts the count is {visitor.state()[0]}"
