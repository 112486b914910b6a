"""The stock edition: Flask-Session as its quick start shows, and nothing more."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import ModuleType

from flask import Flask, session
from flask_session import Session

from app.configuration import Configuration
from app.hardened.stores import store_class

__all__ = ["destroy", "increment", "install", "prepare", "rotate"]


def on(configuration: Configuration) -> ModuleType:
    """Return what the quick start says of the configured store."""
    return import_module(f"app.stock.{configuration.store}")


def prepare(configuration: Configuration) -> None:
    """Wait for the store, as an operator would; tables are the library's business."""
    on(configuration).prepare(configuration)


def install(app: Flask, configuration: Configuration) -> Callable[[], str]:
    """Give the app server-side sessions, all else at the library's defaults."""
    on(configuration).configure(app, configuration)
    Session(app)
    return store_class(configuration)(configuration).version


def increment(key: str) -> int:
    """Add one, as everybody does."""
    session[key] = session.get(key, 0) + 1
    return int(session[key])


def rotate() -> None:
    """Leave the id as it is: the quick start says nothing of changing it."""


def destroy() -> None:
    """Empty the session; Flask-Session then deletes the record and the cookie."""
    session.clear()
