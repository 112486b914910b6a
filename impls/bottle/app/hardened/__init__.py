"""The hardened edition: what Beaker and Bottle need to keep the promises of SPEC.md."""

from __future__ import annotations

from pkgutil import resolve_name
from wsgiref.types import WSGIApplication

from bottle import Bottle

from app.configuration import Configuration
from app.hardened import cross_origin
from app.hardened.cookie_store import CookieStore
from app.hardened.id_store import IdStore
from app.hardened.private_answers import PrivateSessionMiddleware
from app.hardened.save_plugin import SavePlugin
from app.hardened.session import Session, Store
from app.hardened.session_cookie import SessionCookie
from app.session import session
from app.stores import Client

__all__ = ["destroy", "increment", "install", "rotate"]


def install(app: Bottle, configuration: Configuration, client: Client) -> WSGIApplication:
    """Give the app sessions in a database or in a signed cookie, and refuse posts of other origins."""
    app.add_hook("before_request", cross_origin.refuse)
    app.install(SavePlugin())
    options = {
        "session.session_class": Session,
        "session.auto": True,  # `save` is asked each time, and finds out itself whether there is anything to do
        "session.store": open_store(configuration, client),
        "session.cookie": SessionCookie(configuration.session_cookie_name, configuration.session_cookie_secure),
        "session.absolute": configuration.session_absolute_seconds,
    }
    wrapped: WSGIApplication = PrivateSessionMiddleware(app, options)
    return wrapped


def open_store(configuration: Configuration, client: Client) -> Store:
    """Return the configured store; what the others need is not imported."""
    if configuration.store == "cookie":
        return CookieStore(configuration)
    records = resolve_name(f"app.hardened.{configuration.store}_records:Records")(client, configuration)
    return IdStore(records, configuration)


def increment(key: str) -> int:
    """Add one where the store adds: parallel requests lose nothing."""
    return int(session().increment(key))


def rotate() -> None:
    """Change the session id; the old one is dead as soon as the answer is out."""
    session().regenerate_id()


def destroy() -> None:
    """End the session: the record goes, and the cookie with it."""
    session().delete()
