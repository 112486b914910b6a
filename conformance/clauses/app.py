"""What the app does, route by route (SPEC.md, Routes)."""

from __future__ import annotations

from collections.abc import Callable

from conformance.clause import Level, clause
from conformance.client import Client
from conformance.page import read
from conformance.spec import expected_page
from conformance.visitor import JSON, Visitor

MUST = Level.MUST
COUNTS = ("app.counts",)


@clause("app.fresh-page", MUST, sources=("Architect tutorial, steps 4 and 5",))
def test_fresh_page(client: Client) -> None:
    """`GET /` without a cookie is the page: nobody is greeted by name, the count is 0, two forms post.

    Everything else is told by what this page shows.
    """
    response = client.get("/")
    assert response.status == 200, f"expected 200, got {response.status}"
    assert response.header("content-type").replace(" ", "").lower() == "text/html;charset=utf-8", "not UTF-8 HTML"
    page = read(response)
    assert page.heading == "Hello", f"the heading is {page.heading!r}"
    forms = {action: (form.method, form.button) for action, form in page.forms.items()}
    assert forms.get("/count") == ("post", "Count 0"), f"the forms are {forms}"
    assert forms.get("/reset") == ("post", "Reset"), f"the forms are {forms}"


@clause(
    "app.same-page", MUST, sources=("SPEC.md, The page",), builds_on=("app.fresh-page", "app.counts", "app.logs-in")
)
def test_same_page(visitor: Visitor) -> None:
    """The page is, byte for byte, the one in SPEC.md: fresh, counted, and with a name.

    Only what is the same everywhere can be compared side by side.
    """
    assert visitor.get("/").text == expected_page(0, None), "the fresh page differs"
    visitor.count(2)
    assert visitor.get("/").text == expected_page(2, None), "the page of a count differs"
    visitor.log_in("Ada")
    assert visitor.get("/").text == expected_page(2, "Ada"), "the page with a name differs"


@clause("app.json", MUST, sources=("SPEC.md, Routes", "Flask tutorial"))
def test_json(visitor: Visitor) -> None:
    """`GET /` tells count and name as JSON where the client asks for JSON.

    Scripts and this suite read the state without parsing a page.
    """
    response = visitor.get("/", headers=JSON)
    assert response.media_type == "application/json", f"the media type is {response.media_type!r}"
    assert response.json() == {"count": 0, "username": None}, f"got {response.text[:80]}"
    browser = visitor.get("/", headers={"accept": "text/html,application/json;q=0.9"})
    assert browser.media_type == "text/html", "a browser that also takes JSON did not get the page"


@clause("app.counts", MUST, sources=("Architect tutorial, step 6", "rack-session: determines session from a cookie"))
def test_counts(visitor: Visitor) -> None:
    """After N times `POST /count`, each a redirect to `/`, the count is N.

    A session that does not last from one request to the next is none.
    """
    for number in range(1, 6):
        response = visitor.post("/count")
        assert response.status in {302, 303}, f"count {number} answered {response.status}"
        button = read(visitor.get("/")).forms["/count"].button
        assert button == f"Count {number}", f"after {number} counts the button says {button!r}"


@clause("app.resets", MUST, sources=("Architect tutorial, step 7", "SPEC.md, Decisions"), builds_on=COUNTS)
def test_resets(visitor: Visitor) -> None:
    """`POST /reset` ends the session: count 0, no name, and no cookie left in the browser.

    Who resets wants to be a stranger again.
    """
    visitor.count(3).log_in("Ada")
    assert visitor.post("/reset").status in {302, 303}, "the reset did not redirect"
    assert not visitor.cookies, "the browser still has a session cookie"
    page = read(visitor.get("/"))
    assert (page.heading, page.forms["/count"].button) == ("Hello", "Count 0"), f"the page still shows {page}"


@clause("app.logs-in", MUST, sources=("NodeJS tutorial",))
def test_logs_in(visitor: Visitor) -> None:
    """`POST /user/login` with a form greets by name from then on, and keeps the count.

    Log-in is where a session becomes worth stealing.
    """
    visitor.count()
    response = visitor.post("/user/login", form={"username": "  Ada "})
    assert response.status in {302, 303}, f"expected a redirect, got {response.status}"
    assert visitor.state() == (1, "Ada"), f"count and name are {visitor.state()}"
    assert read(visitor.get("/")).heading == "Hello, Ada", "the page does not greet by name"


@clause("app.refuses-bad-names", MUST, sources=("SPEC.md, Names", "ASVS 5.0 2.2.1"), builds_on=("app.logs-in",))
def test_refuses_bad_names(visitor: Visitor) -> None:
    """A missing, double, empty, overlong or undecodable name, or one with control characters, is 400: nothing changes.

    What gets into a session comes out again in pages, headers and logs.
    """
    visitor.log_in("Ada")
    bodies = [
        b"", b"other=x", b"username=", b"username=%20%20", b"username=a&username=b", b"username=" + b"x" * 65,
        b"username=a%00b", b"username=a%0Ab", b"username=a%7Fb", b"username=a%C2%85b", b"username=%FF",
    ]  # fmt: skip
    for body in bodies:
        form = {"content-type": "application/x-www-form-urlencoded"}
        response = visitor.post("/user/login", headers=form, body=body)
        assert response.status == 400, f"{body[:30]!r} answered {response.status}"
    assert visitor.state() == (0, "Ada"), f"count and name are {visitor.state()}"


@clause("app.form-only", MUST, sources=("SPEC.md, Routes", "ASVS 5.0 3.5.2", "WSTG-SESS-05"))
def test_form_only(visitor: Visitor) -> None:
    """A log-in whose body is not a URL-encoded form is refused with 4xx and starts no session.

    JSON and plain text can be sent across origins in ways that forms cannot be checked for.
    """
    for kind, body in (("application/json", b'{"username": "Ada"}'), ("text/plain", b"username=Ada")):
        response = visitor.post("/user/login", headers={"content-type": kind}, body=body)
        assert 400 <= response.status < 500, f"{kind} answered {response.status}"
        assert not response.set_cookies, f"{kind} started a session"


@clause("app.login-by-link", MUST, sources=("ExpressJS tutorial (HTTP sessions)", "SPEC.md, Decisions"))
def test_login_by_link(visitor: Visitor) -> None:
    """`GET /login?username=` sets the name where none is set, and never replaces one.

    A link that replaced a name would log a visitor in as somebody else (login CSRF).
    """
    assert visitor.get("/login").status in {302, 303}, "a log-in without a name did not redirect"
    assert not visitor.cookies, "a log-in without a name started a session"
    visitor.get("/login?username=Ada")
    assert visitor.state()[1] == "Ada", f"the name is {visitor.state()[1]!r}"
    visitor.get("/login?username=Eve")
    assert visitor.state()[1] == "Ada", f"a second log-in changed the name to {visitor.state()[1]!r}"


@clause("app.logs-out", MUST, sources=("ExpressJS tutorial (HTTP sessions)",), builds_on=("app.logs-in",))
def test_logs_out(new_visitor: Callable[[], Visitor]) -> None:
    """`/logout`, by POST and by GET, removes the name and keeps the count.

    A visitor who leaves is no longer greeted, and loses nothing else.
    """
    for method in ("POST", "GET"):
        visitor = new_visitor().count(2).log_in("Ada")
        assert visitor.request(method, "/logout").status in {302, 303}, f"{method} did not redirect"
        assert visitor.state() == (2, None), f"after {method} count and name are {visitor.state()}"


@clause("app.counts-visits", MUST, sources=("Tutorialspoint, ExpressJS sessions",))
def test_counts_visits(visitor: Visitor) -> None:
    """`GET /visits` welcomes first, and then tells the number of visits.

    The one page that counts by GET, as its tutorial does.
    """
    texts = [visitor.get("/visits").text for _ in range(3)]
    assert texts == [
        "Welcome to this page for the first time!",
        "You visited this page 2 times",
        "You visited this page 3 times",
    ], f"the answers are {texts}"


@clause("app.fruit", MUST, sources=("Flask tutorial",))
def test_fruit(visitor: Visitor) -> None:
    """`/hello`, `/cherries` and `/blueberries` set keys, and the JSON shows the public ones and no others.

    A library's own keys are not the client's business.
    """
    assert visitor.get("/hello").text == "hello", "/hello did not say hello"
    for fruit in ("cherries", "blueberries"):
        told = visitor.get(f"/{fruit}").json()
        assert told == {"response": fruit, "session": {"fruit": fruit, "start": True}}, f"/{fruit} answered {told}"
    told = visitor.get("/destroy-session").json()
    assert told == {"response": "session destroyed", "session": {}}, f"/destroy-session answered {told}"
    told = visitor.get("/cherries").json()["session"]
    assert told == {"fruit": "cherries"}, f"after the session was destroyed it holds {told}"


@clause("app.about", MUST, sources=("SPEC.md, Routes",))
def test_about(client: Client) -> None:
    """`GET /about` names every part of what runs, each with its version.

    A result without versions cannot be repeated.
    """
    told = client.get("/about").json()
    parts = {"implementation", "framework", "library", "store", "edition", "server", "language"}
    assert isinstance(told, dict) and set(told) == parts, f"the members are {sorted(told)}"
    for part, says in told.items():
        assert set(says) == {"name", "version"}, f"{part} is {says}"
        assert says["name"] and says["version"], f"{part} is {says}"


@clause("app.health", MUST, sources=("SPEC.md, Routes",))
def test_health(client: Client) -> None:
    """`GET /healthz` and `GET /readyz` answer 200 and `ok` while all is well.

    Orchestrators restart what does not.
    """
    for path in ("/healthz", "/readyz"):
        response = client.get(path)
        assert (response.status, response.text) == (200, "ok"), (
            f"{path} answered {response.status} {response.text[:40]!r}"
        )
