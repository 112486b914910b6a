"""The cookie of the sabotaged app: a signed id, handed out and taken back."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping

from tests.sabotage.http import Request
from tests.sabotage.visit import SHORTEST_SECRET, CannotStart, Visit


class CookieLayer:
    """What is between a client's `Cookie` lines and ids."""

    cookie_name = "sid"
    lifetime = 43200

    def __init__(self, settings: Mapping[str, str | None] | None = None) -> None:
        self.settings: dict[str, str | None] = {"SESSION_SECRETS": secrets.token_hex(SHORTEST_SECRET)}
        self.settings.update(settings or {})
        self.secrets = self.check_secrets(self.settings["SESSION_SECRETS"])
        self.cookie_name = self.settings.get("SESSION_COOKIE_NAME") or self.cookie_name
        self.lifetime = int(self.settings.get("SESSION_ABSOLUTE_SECONDS") or self.lifetime)
        self.secure = self.settings.get("SESSION_COOKIE_SECURE") == "true"

    def check_secrets(self, given: str | None) -> list[str]:
        """Return the signing secrets; raises `CannotStart`."""
        found = (given or "").split(",")
        if any(len(each) < SHORTEST_SECRET for each in found):
            raise CannotStart(f"cannot start: SESSION_SECRETS: every secret needs {SHORTEST_SECRET} bytes or more")
        return found

    def cookie_values(self, request: Request) -> list[str]:
        """Return the values of the session cookie as the client sent them."""
        pairs = [pair.strip().partition("=") for pair in request.header("cookie").split(";")]
        return [value for name, _, value in pairs if name == self.cookie_name]

    def sign(self, sid: str) -> str:
        """Make the cookie's value."""
        return f"{sid}.{self.signature(sid, self.secrets[0])}"

    def signature(self, sid: str, secret: str) -> str:
        """Sign an id."""
        signature = hmac.digest(secret.encode(), sid.encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(signature).decode().rstrip("=")

    def unsign(self, value: str) -> str | None:
        """Return the id of a value that we signed."""
        sid, _, signature = value.rpartition(".")
        good = (hmac.compare_digest(signature.encode(), self.signature(sid, each).encode()) for each in self.secrets)
        return sid if any(good) else None

    def attributes(self, visit: Visit) -> str:
        """Return the attributes of the cookie, set or deleted."""
        del visit
        return "Path=/; HttpOnly; SameSite=Lax; Secure" if self.secure else "Path=/; HttpOnly; SameSite=Lax"

    def hand_out(self, visit: Visit, sid: str) -> None:
        """Set the cookie."""
        visit.set_cookie = f"{self.cookie_name}={self.sign(sid)}; Max-Age={self.lifetime}; {self.attributes(visit)}"

    def take_back(self, visit: Visit) -> None:
        """Delete the cookie, where the client has one."""
        if self.cookie_values(visit.request):
            visit.set_cookie = f"{self.cookie_name}=; Max-Age=0; {self.attributes(visit)}"

    def new_id(self) -> str:
        """Make an id of 256 random bits."""
        return secrets.token_urlsafe(32)
