"""Flask's own signed cookie, made safe: two timeouts, a size limit, the newer hash, secrets that can be changed.

The cookie is the session, so that nothing can be revoked, and of parallel changes the last one wins.
"""

from __future__ import annotations

import hashlib
import time

from flask import Flask, Request, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from app.configuration import Configuration
from app.counter import counter
from app.hardened.session_cookie import SessionCookie, keep_private

CREATED = "_created"
LARGEST_COOKIE = 4096  # name and value together: RFC 6265bis, 5.6


class CookieSession(SecureCookieSession):
    """Flask's session with the verbs of the hardened edition."""

    used = False

    def increment(self, key: str) -> int:
        """Add one to a counter."""
        self[key] = value = counter(self, key) + 1
        return value

    def rotate(self) -> None:
        """Change nothing: there is no id, and the cookie changes with the data."""

    def destroy(self) -> None:
        """End the session in this client; a copy of the cookie lives until it expires."""
        self.clear()
        self.modified = True


class CookieSessions(SecureCookieSessionInterface):
    """Sessions in a signed cookie that dies `idle` seconds after it was written, or `absolute` after the first."""

    digest_method = staticmethod(hashlib.sha256)
    salt = "same-session.cookie"
    session_class = CookieSession

    def __init__(self, app: Flask, configuration: Configuration) -> None:
        app.config["SECRET_KEY_FALLBACKS"] = configuration.secrets[:0:-1]
        app.config["PERMANENT_SESSION_LIFETIME"] = configuration.session_idle_seconds
        self.absolute = configuration.session_absolute_seconds
        self.cookie = SessionCookie.of(configuration)

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Read the cookie; Flask sees to the signature and to the idle timeout."""
        session = super().open_session(app, request)
        if session and time.time() >= session.get(CREATED, 0) + self.absolute:
            return self.session_class()
        return session

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the cookie after a successful change, if it fits."""
        if session.accessed:
            keep_private(response)
        if request.method == "HEAD" or response.status_code >= 400 or not session.modified:
            return
        if session:
            created = session.setdefault(CREATED, int(time.time()))
            value = self.get_signing_serializer(app).dumps(dict(session))  # type: ignore[union-attr] # there is a secret
            if len(self.cookie.name) + len(value) > LARGEST_COOKIE:
                raise RequestEntityTooLarge
            self.cookie.set(response, value, self.absolute - int(time.time() - created))
        elif self.cookie.name in request.cookies:
            self.cookie.delete(response)
