"""The routes of the app (SPEC.md, Routes). They know a session as a mapping and as three verbs."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any, Protocol
from wsgiref.types import WSGIApplication

import markupsafe
from bottle import Bottle, FormsDict, HTTPError, HTTPResponse, SimpleTemplate, request, response

from app.about import about
from app.configuration import Configuration
from app.counters import as_count
from app.session import session
from app.stores import Client

NAME_MAX = 64
VIEWS = [str(Path(__file__).with_name("views"))]
PAGE = SimpleTemplate(name="page", lookup=VIEWS, escape_func=markupsafe.escape)


class Edition(Protocol):
    """What differs between the hardened and the stock edition."""

    def install(self, app: Bottle, configuration: Configuration, client: Client) -> WSGIApplication:
        """Give the app its sessions, and return it with Beaker's middleware around it."""

    def increment(self, key: str) -> int:
        """Add one to a counter of the session and return the new value."""

    def rotate(self) -> None:
        """Change the session id at a change of privilege."""

    def destroy(self) -> None:
        """End the session."""


def public() -> dict[str, Any]:
    """Return what the app itself put into the session, without a library's own keys."""
    return {key: value for key, value in session().items() if not key.startswith("_")}


def valid_name(fields: FormsDict) -> str:
    """Return the one `username` among a form's fields, trimmed, or answer 400."""
    values = fields.getall("username")
    try:
        # Bottle leaves bytes as latin-1
        name = values[0].encode("latin-1").decode().strip() if len(values) == 1 else ""
    except UnicodeError:
        raise HTTPError(400) from None
    if not 1 <= len(name) <= NAME_MAX or any(unicodedata.category(c) == "Cc" for c in name):
        raise HTTPError(400)
    return name


def home() -> HTTPResponse:
    """Redirect to the page, always by 303 and always on this host; Bottle's `redirect` would believe `Host`."""
    return HTTPResponse(status=303, headers={"Location": "/"})


def text(body: str) -> str:
    """Answer plain text."""
    response.content_type = "text/plain; charset=utf-8"
    return body


def routes(app: Bottle, edition: Edition, configuration: Configuration, client: Client) -> None:
    """Give the app its routes, in terms of an edition's sessions."""
    counter(app, edition)
    user(app, edition)
    tutorials(app, edition)
    operations(app, configuration, client)


def counter(app: Bottle, edition: Edition) -> None:
    """Add the page and its counter."""

    @app.get("/")
    def page() -> dict[str, Any] | str:
        values = {"count": as_count(session().get("count")), "username": session().get("username")}
        response.set_header("Vary", "Accept")
        accept = request.environ.get("HTTP_ACCEPT", "")
        if "application/json" in accept and "text/html" not in accept:
            return values
        response.content_type = "text/html; charset=utf-8"
        return str(PAGE.render(values))

    @app.post("/count")
    def count() -> HTTPResponse:
        edition.increment("count")
        return home()

    @app.post("/reset")
    def reset() -> HTTPResponse:
        edition.destroy()
        return home()


def user(app: Bottle, edition: Edition) -> None:
    """Add log-in and log-out."""

    @app.post("/user/login")
    def log_in() -> HTTPResponse:
        if request.content_type.partition(";")[0].strip() != "application/x-www-form-urlencoded":
            raise HTTPError(415)
        session()["username"] = valid_name(request.forms)
        edition.rotate()
        return home()

    @app.get("/login")
    def log_in_by_link() -> HTTPResponse:
        if any(request.query.getall("username")):
            name = valid_name(request.query)
            if "username" not in session():
                session()["username"] = name
                edition.rotate()
        return home()

    @app.route("/logout", method=["GET", "POST"])
    def log_out() -> HTTPResponse:
        if session().pop("username", None) is not None:
            edition.rotate()
        return home()


def tutorials(app: Bottle, edition: Edition) -> None:
    """Add what else the tutorials keep in a session."""

    @app.get("/visits")
    def visits() -> str:
        number = edition.increment("visits")
        if number == 1:
            return text("Welcome to this page for the first time!")
        return text(f"You visited this page {number} times")

    @app.get("/hello")
    def hello() -> str:
        session()["start"] = True
        return text("hello")

    @app.get(["/cherries", "/blueberries"])
    def pick() -> dict[str, Any]:
        fruit = request.path.lstrip("/")
        session()["fruit"] = fruit
        return {"response": fruit, "session": public()}

    @app.get("/destroy-session")
    def destroy_session() -> dict[str, Any]:
        edition.destroy()
        return {"response": "session destroyed", "session": {}}


def operations(app: Bottle, configuration: Configuration, client: Client) -> None:
    """Add what operators ask; none of it uses the session."""

    @app.get("/healthz", skip=["save"])
    def healthy() -> str:
        return text("ok")

    @app.get("/readyz", skip=["save"])
    def ready() -> str:
        client.version()
        return text("ok")

    @app.get("/about", skip=["save"])
    def show_about() -> dict[str, dict[str, str]]:
        return about(configuration, client)
