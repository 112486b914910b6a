"""The one `Set-Cookie` line of a response, with the same attributes when it is set and when it is deleted."""

from __future__ import annotations

import msgspec


class SessionCookie(msgspec.Struct, frozen=True):
    """Name and attributes of the session cookie (RFC 6265bis, 4.1.2)."""

    name: str
    secure: bool

    def line(self, value: str, max_age: int) -> str:
        """Return the field's value that hands out `value` for `max_age` seconds."""
        secure = "; Secure" if self.secure else ""
        return f"{self.name}={value}; Max-Age={max_age}; Path=/; HttpOnly; SameSite=Lax{secure}"

    def deletion(self) -> str:
        """Return the field's value that takes the cookie back."""
        return self.line("", 0)
