"""The one `Set-Cookie` line of a response, with the same attributes when it is set and when it is deleted."""

from __future__ import annotations

import msgspec
from flask import Request
from werkzeug.sansio.http import parse_cookie
from werkzeug.wrappers import Response

from app.configuration import Configuration


class SessionCookie(msgspec.Struct, frozen=True):
    """Name and attributes of the session cookie (RFC 6265bis, 4.1.2)."""

    name: str
    secure: bool

    @classmethod
    def of(cls, configuration: Configuration) -> SessionCookie:
        """Make the cookie that the configuration describes."""
        return cls(configuration.session_cookie_name, configuration.session_cookie_secure)

    def sent(self, request: Request) -> str:
        """Return the value that the client sent; `request.cookies` would look through all of its fields."""
        return parse_cookie(request.environ.get("HTTP_COOKIE")).get(self.name, "")

    def set(self, response: Response, value: str, max_age: int) -> None:
        """Hand out `value` for `max_age` seconds."""
        response.set_cookie(
            self.name, value, max_age=max_age, path="/", secure=self.secure, httponly=True, samesite="Lax"
        )

    def delete(self, response: Response) -> None:
        """Take the cookie back."""
        response.delete_cookie(self.name, path="/", secure=self.secure, httponly=True, samesite="Lax")


def keep_private(response: Response) -> None:
    """Keep a page that depends on the session out of shared caches (RFC 9111, 7.3)."""
    response.headers.add("Vary", "Cookie")
    response.headers["Cache-Control"] = "no-store"
