"""The hardened edition: what Flask-Session and Flask need to keep the promises of SPEC.md."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.metadata import version

from flask import Flask, session

from app.configuration import Configuration
from app.hardened import cross_origin
from app.hardened.cookie_store import CookieSessions
from app.hardened.server_sessions import ServerSessions
from app.hardened.stores import store_class

__all__ = ["destroy", "increment", "install", "prepare", "rotate"]


def prepare(configuration: Configuration) -> None:
    """Make in the store what the sessions need; raises `StoreUnavailable` where it does not answer yet."""
    if configuration.store != "cookie":
        store_class(configuration).prepare(configuration)


def install(app: Flask, configuration: Configuration) -> Callable[[], str]:
    """Give the app sessions in a store or in a signed cookie, and refuse posts of other origins."""
    app.before_request(cross_origin.refuse)
    if configuration.store == "cookie":
        app.session_interface = CookieSessions(app, configuration)
        return partial(version, "itsdangerous")
    store = store_class(configuration)(configuration)
    app.session_interface = ServerSessions(app, configuration, store)
    return store.version


def increment(key: str) -> int:
    """Add one where the store adds: parallel requests lose nothing."""
    return session.increment(key)  # type: ignore[attr-defined, no-any-return]


def rotate() -> None:
    """Change the session id; the old one is dead as soon as the answer is out."""
    session.rotate()  # type: ignore[attr-defined]


def destroy() -> None:
    """End the session: the record goes, and the cookie with it."""
    session.destroy()  # type: ignore[attr-defined]
