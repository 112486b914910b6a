"""The stock edition: Flask-Session as its quick start shows, and nothing more."""

from __future__ import annotations

import redis
from flask import Flask, session
from flask_session import Session

from app.configuration import Configuration


def install(app: Flask, configuration: Configuration) -> None:
    """Give the app server-side sessions, all else at the library's defaults."""
    app.config["SESSION_TYPE"] = "redis"
    app.config["SESSION_REDIS"] = redis.Redis.from_url(configuration.store_url)
    Session(app)


def increment(key: str) -> int:
    """Add one, as everybody does."""
    session[key] = session.get(key, 0) + 1
    return int(session[key])


def rotate() -> None:
    """Leave the id as it is: the quick start says nothing of changing it."""


def destroy() -> None:
    """Empty the session; Flask-Session then deletes the record and the cookie."""
    session.clear()
