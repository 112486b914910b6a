"""One request on its way through the sabotaged app, and how it may end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.sabotage.http import Request

PHRASES = {400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 409: "Conflict"}
PHRASES |= {413: "Content Too Large", 415: "Unsupported Media Type", 500: "Internal Server Error"}
PHRASES |= {503: "Service Unavailable"}
SHORTEST_SECRET = 32


class CannotStart(Exception):
    """The settings are wrong; the message names the variable."""


class Problem(Exception):
    """An error answer."""

    def __init__(self, status: int, allow: str = "") -> None:
        super().__init__(status)
        self.status = status
        self.allow = allow


@dataclass
class Visit:
    """One request on its way through the app, and what it will say about the session."""

    request: Request
    sid: str | None = None  # of a live session
    used: bool = False
    set_cookie: str = ""
    undo: list[Callable[[], None]] = field(default_factory=list)
