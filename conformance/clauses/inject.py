"""What visitors type does not become markup, headers or places to go (ASVS 5.0 1.2, 3.7.2, 4.2.4)."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote, urljoin, urlsplit

from conformance.clause import Level, clause
from conformance.client import Client
from conformance.page import read
from conformance.spec import expected_page
from conformance.visitor import Visitor

MUST = Level.MUST
LOGS_IN = ("app.logs-in",)


@clause("inject.html", MUST, sources=("ASVS 5.0 1.2.1", "starsessions: XSS"), builds_on=LOGS_IN)
def test_html(new_visitor: Callable[[], Visitor]) -> None:
    """A name with `<`, `>`, `&`, `"` and `'` is shown as text, each of the five escaped.

    A name is the easiest way to put a script into somebody's page.
    """
    for name in (
        "<script>alert(1)</script>",
        "\"><img src=x onerror='alert(1)'>",
        "Tom & \"Jerry\" 'n' <Co>",
        "&lt;b&gt;",
    ):
        visitor = new_visitor().log_in(name)
        response = visitor.get("/")
        assert read(response).heading == f"Hello, {name}", f"{name!r} is shown as {read(response).heading!r}"
        assert response.text == expected_page(0, name), f"{name!r} is not escaped as in SPEC.md"


@clause("inject.unicode", MUST, sources=("Beaker: unicode", "rack-session: UTF-8"), builds_on=LOGS_IN)
def test_unicode(new_visitor: Callable[[], Visitor]) -> None:
    """Names in any script come back as they were sent, by form and by link.

    Mojibake is data loss.
    """
    for name in ("Zoë", "Łukasz", "李小龍", "שלום", "مرحبا", "👩‍👩‍👧", "e\u0301", "x" * 64, "+ %20&=;"):
        by_form = new_visitor().log_in(name)
        assert by_form.state()[1] == name, f"by form {name!r} became {by_form.state()[1]!r}"
        assert read(by_form.get("/")).heading == f"Hello, {name}", f"the page shows {read(by_form.get('/')).heading!r}"
        by_link = new_visitor()
        by_link.get(f"/login?username={quote(name)}")
        assert by_link.state()[1] == name, f"by link {name!r} became {by_link.state()[1]!r}"


@clause("inject.header", MUST, sources=("ASVS 5.0 4.2.4", "CWE-113"))
def test_header(client: Client) -> None:
    """CR and LF in a name, a path or a query do not become a header.

    A header of the attacker's is a cookie of the attacker's.
    """
    evil = "a%0d%0aSet-Cookie:%20evil=1"
    form = {"content-type": "application/x-www-form-urlencoded"}
    answers = [
        client.get(f"/login?username={evil}"),
        client.get(f"/?next={evil}"),
        client.get(f"/{evil}"),
        client.post("/user/login", headers=form, body=f"username={evil}".encode()),
    ]
    for response in answers:
        assert response.status < 500, f"answered with {response.status}"
        names = [line.partition("=")[0] for line in response.set_cookies]
        assert "evil" not in names, "the name became a Set-Cookie line"


@clause("inject.location", MUST, sources=("ASVS 5.0 3.7.2", "CWE-601"))
def test_location(client: Client) -> None:
    """Redirects lead to `/` on this host, whatever `Host`, `X-Forwarded-Host` or the query say.

    An open redirect lends the site's name to the attacker's.
    """
    for headers in (
        {},
        {"host": "evil.example"},
        {"x-forwarded-host": "evil.example"},
        {"referer": "https://evil.example/"},
    ):
        for path in ("/count", "/count?next=//evil.example", "/reset", "/logout"):
            response = client.post(path, headers=headers)
            if response.status >= 400:
                continue  # a Host that is not ours may be refused
            location = response.header("location")
            place = urlsplit(urljoin("http://this.example/here", location))
            assert (place.netloc, place.path) == ("this.example", "/"), (
                f"POST {path} with {headers} leads to {location!r}"
            )
