"""Routes for the conformance suite alone, served with PROBES=1 (SPEC.md, Probes)."""

from __future__ import annotations

import base64
import os
import re
import time
from typing import Any

from bottle import Bottle, HTTPError, HTTPResponse, request

from app.counters import as_count
from app.routes import Edition, home, public, text
from app.session import session

LONGEST_WAIT_MS = 10_000
LARGEST_FILL = 1 << 20


def number(name: str, largest: int) -> int:
    """Read a whole number from the query, or answer 400."""
    value = request.query.get(name, "")
    if not re.fullmatch("[0-9]{1,20}", value) or int(value) > largest:
        raise HTTPError(400)
    return int(value)


def wait() -> None:
    """Sleep for as long as the query says."""
    time.sleep(number("ms", LONGEST_WAIT_MS) / 1000)


def probes(app: Bottle, edition: Edition) -> None:
    """Give the app the probes, in terms of an edition's sessions."""

    @app.get("/_probe/session")
    def show_session() -> dict[str, Any]:
        return public()

    @app.get("/_probe/slow-read")
    def slow_read() -> dict[str, Any]:
        count = as_count(session().get("count"))
        wait()
        return {"count": count}

    @app.post("/_probe/slow-count")
    def slow_count() -> HTTPResponse:
        session().get("count")
        wait()
        edition.increment("count")
        return home()

    @app.get("/_probe/no-session", skip=["save"])
    def no_session() -> str:
        return text("ok")

    @app.post("/_probe/boom")
    def boom() -> HTTPResponse:
        session()["boom"] = True
        raise RuntimeError("the boom that was asked for")

    @app.post("/_probe/fill")
    def fill() -> HTTPResponse:
        size = number("bytes", LARGEST_FILL)
        session()["filler"] = base64.b64encode(os.urandom(size)).decode()[:size]
        return home()

    @app.post("/_probe/set-unset")
    def set_unset() -> HTTPResponse:
        session()["passing"] = True
        del session()["passing"]
        return home()
