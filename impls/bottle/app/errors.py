"""What keeps the app from serving: for now, or at all."""

from __future__ import annotations

from bottle import HTTPError


class CannotStart(Exception):
    """The surroundings do not let the app run; the message says what is missing, in one line and without a secret."""


class NoAnswer(HTTPError):
    """The store does not answer, or not as it should: a 503. `reason` is for operators, and holds no secret."""

    def __init__(self, reason: str = "no answer") -> None:
        super().__init__(503, Retry_After="1")
        self.reason = reason
