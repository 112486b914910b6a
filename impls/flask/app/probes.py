"""Routes for the conformance suite alone, served with PROBES=1 (SPEC.md, Probes)."""

from __future__ import annotations

import base64
import os
import re
import time

from flask import Blueprint, jsonify, request, session
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from app.counter import counter
from app.routes import Edition, home, public, text

LONGEST_WAIT_MS = 10_000
LARGEST_FILL = 1 << 20


def number(name: str, largest: int) -> int:
    """Read a whole number from the query, or answer 400."""
    value = request.args.get(name, "")
    if not re.fullmatch("[0-9]{1,7}", value) or int(value) > largest:
        raise BadRequest
    return int(value)


def probes(edition: Edition) -> Blueprint:
    """Make the probes for an edition."""
    app = Blueprint("probes", __name__, url_prefix="/_probe")

    @app.get("/session")
    def show_session() -> Response:
        return jsonify(public(session))

    @app.get("/slow-read")
    def slow_read() -> Response:
        count = counter(session, "count")
        time.sleep(number("ms", LONGEST_WAIT_MS) / 1000)
        return jsonify(count=count)

    @app.post("/slow-count")
    def slow_count() -> Response:
        session.get("count")
        time.sleep(number("ms", LONGEST_WAIT_MS) / 1000)
        edition.increment("count")
        return home()

    @app.get("/no-session")
    def no_session() -> Response:
        return text("ok")

    @app.post("/boom")
    def boom() -> Response:
        session["boom"] = True
        raise RuntimeError("the boom that was asked for")

    @app.post("/fill")
    def fill() -> Response:
        size = number("bytes", LARGEST_FILL)
        session["filler"] = base64.b64encode(os.urandom(size)).decode()[:size]
        return home()

    @app.post("/set-unset")
    def set_unset() -> Response:
        session["passing"] = True
        del session["passing"]
        return home()

    return app
