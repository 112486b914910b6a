"""The stock edition: Beaker as its and Bottle's quick starts show, and nothing more."""

from __future__ import annotations

from wsgiref.types import WSGIApplication

from beaker.middleware import SessionMiddleware
from bottle import Bottle

from app.configuration import Configuration
from app.session import session
from app.stores import Client

TYPES = {"redis": "ext:redis", "sqlite": "ext:database"}


def install(app: Bottle, configuration: Configuration, client: Client) -> WSGIApplication:  # noqa: ARG001  # that of the other edition
    """Put Beaker's middleware around the app, all else at the library's defaults."""
    options = {
        "session.type": TYPES[configuration.store],
        "session.url": configuration.store_url,
        "session.key": configuration.session_cookie_name,
        "session.auto": True,
    }
    wrapped: WSGIApplication = SessionMiddleware(app, options)
    return wrapped


def increment(key: str) -> int:
    """Add one, as everybody does."""
    session()[key] = session().get(key, 0) + 1
    return int(session()[key])


def rotate() -> None:
    """Leave the id as it is: the quick starts say nothing of changing it."""


def destroy() -> None:
    """Delete the session, as Beaker's documentation shows."""
    session().delete()
