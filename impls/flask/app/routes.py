"""The routes of the app (SPEC.md, Routes). They know a session as a mapping and as three verbs."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import parse_qs

from flask import Blueprint, Flask, jsonify, render_template, request, session
from werkzeug.exceptions import BadRequest, UnsupportedMediaType
from werkzeug.wrappers import Response

from app.about import about
from app.configuration import Configuration
from app.counter import counter

NAME_MAX = 64


class Edition(Protocol):
    """What differs between the hardened and the stock edition."""

    def prepare(self, configuration: Configuration) -> None:
        """Make the store ready, once, before any worker starts; `StoreUnavailable` where it does not answer yet."""

    def install(self, app: Flask, configuration: Configuration) -> Callable[[], str]:
        """Give the app its sessions; returns what asks the store for its version."""

    def increment(self, key: str) -> int:
        """Add one to a counter of the session and return the new value."""

    def rotate(self) -> None:
        """Change the session id at a change of privilege."""

    def destroy(self) -> None:
        """End the session."""


def public(session: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the app itself put into the session, without a library's own keys."""
    return {key: value for key, value in session.items() if not key.startswith("_")}


def names(fields: bytes) -> list[str]:
    """Return the `username` fields of a form or a query, or answer 400; Werkzeug would let pass what is not UTF-8."""
    try:
        values = parse_qs(fields.decode("latin-1"), keep_blank_values=True, encoding="latin-1").get("username", [])
        return [value.encode("latin-1").decode() for value in values]
    except UnicodeDecodeError:
        raise BadRequest from None


def valid_name(values: list[str]) -> str:
    """Return the one name among a field's values, trimmed, or answer 400."""
    name = values[0].strip() if len(values) == 1 else ""
    if not 1 <= len(name) <= NAME_MAX or any(unicodedata.category(c) == "Cc" for c in name):
        raise BadRequest
    return name


def home() -> Response:
    """Redirect to the page, always by 303 and always on this host."""
    return Response(status=303, headers={"Location": "/"})


def text(body: str) -> Response:
    """Answer plain text."""
    return Response(body, mimetype="text/plain")


def routes(  # noqa: C901 (a list of routes)
    edition: Edition, configuration: Configuration, store_version: Callable[[], str]
) -> Blueprint:
    """Make the app's routes for an edition."""
    app = Blueprint("app", __name__)

    @app.get("/")
    def page() -> Response:
        count, username = counter(session, "count"), session.get("username")
        accept = request.headers.get("Accept", "")
        if "application/json" in accept and "text/html" not in accept:
            response: Response = jsonify(count=count, username=username)
        else:
            response = Response(render_template("page.html", count=count, username=username), mimetype="text/html")
        response.headers["Vary"] = "Accept"
        return response

    @app.post("/count")
    def count() -> Response:
        edition.increment("count")
        return home()

    @app.post("/reset")
    def reset() -> Response:
        edition.destroy()
        return home()

    @app.post("/user/login")
    def log_in() -> Response:
        if request.mimetype != "application/x-www-form-urlencoded":
            raise UnsupportedMediaType
        session["username"] = valid_name(names(request.get_data()))
        edition.rotate()
        return home()

    @app.get("/login")
    def log_in_by_link() -> Response:
        given = names(request.query_string)
        if any(given):
            name = valid_name(given)
            if "username" not in session:
                session["username"] = name
                edition.rotate()
        return home()

    @app.route("/logout", methods=["GET", "POST"])
    def log_out() -> Response:
        if session.pop("username", None) is not None:
            edition.rotate()
        return home()

    @app.get("/visits")
    def visits() -> Response:
        number = edition.increment("visits")
        if number == 1:
            return text("Welcome to this page for the first time!")
        return text(f"You visited this page {number} times")

    @app.get("/hello")
    def hello() -> Response:
        session["start"] = True
        return text("hello")

    @app.get("/<any(cherries, blueberries):fruit>")
    def pick(fruit: str) -> Response:
        session["fruit"] = fruit
        return jsonify(response=fruit, session=public(session))

    @app.get("/destroy-session")
    def destroy_session() -> Response:
        edition.destroy()
        return jsonify(response="session destroyed", session={})

    @app.get("/healthz")
    def healthy() -> Response:
        return text("ok")

    @app.get("/readyz")
    def ready() -> Response:
        store_version()
        return text("ok")

    @app.get("/about")
    def show_about() -> Response:
        return jsonify(about(configuration, store_version))

    return app
