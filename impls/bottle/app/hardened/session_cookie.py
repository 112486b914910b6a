"""The session cookie: found among whatever a client sends, with the same attributes when set and when deleted."""

from __future__ import annotations

import msgspec
from bottle import HTTPError

LARGEST_COOKIE = 4096  # name and value together: RFC 6265bis, 5.6


class SessionCookie(msgspec.Struct, frozen=True):
    """Name and attributes of the session cookie (RFC 6265bis, 4.1.2)."""

    name: str
    secure: bool

    def find(self, header: str) -> str | None:
        """Return the cookie's value, or None where it was not sent.

        `http.cookies`, which Beaker and Bottle use, gives up at the first cookie that it does not like.
        """
        for pair in header.split(";"):
            name, _, value = pair.partition("=")
            if name.strip() == self.name:
                return value.strip()
        return None

    def set(self, value: str, max_age: int) -> str:
        """Return the field that hands out `value` for `max_age` seconds; answers 413 where browsers would drop it."""
        if len(self.name) + len(value) > LARGEST_COOKIE:
            raise HTTPError(413)
        attributes = "; Path=/; HttpOnly; SameSite=Lax; Secure" if self.secure else "; Path=/; HttpOnly; SameSite=Lax"
        return f"{self.name}={value}; Max-Age={max_age}{attributes}"

    def delete(self) -> str:
        """Return the field that takes the cookie back."""
        return self.set("", max_age=0)
