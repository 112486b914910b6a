"""The hardened edition: what Flask-Session and Flask need to keep the promises of SPEC.md."""

from __future__ import annotations

from flask import Flask, session

from app.configuration import Configuration
from app.hardened import cross_origin
from app.hardened.cookie_store import CookieSessions
from app.hardened.redis_store import RedisSessions

__all__ = ["destroy", "increment", "install", "rotate"]


def install(app: Flask, configuration: Configuration) -> None:
    """Give the app sessions in Redis or in a signed cookie, and refuse posts of other origins."""
    sessions = RedisSessions if configuration.store == "redis" else CookieSessions
    app.session_interface = sessions(app, configuration)
    app.before_request(cross_origin.refuse)


def increment(key: str) -> int:
    """Add one where the store adds: parallel requests lose nothing."""
    return session.increment(key)  # type: ignore[attr-defined, no-any-return]


def rotate() -> None:
    """Change the session id; the old one is dead as soon as the answer is out."""
    session.rotate()  # type: ignore[attr-defined]


def destroy() -> None:
    """End the session: the record goes, and the cookie with it."""
    session.destroy()  # type: ignore[attr-defined]
