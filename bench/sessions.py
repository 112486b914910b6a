"""The sessions that a generator uses: made by logging in, and read afterwards, as what they show is what was kept."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from urllib.parse import urlencode, urlsplit

TIMEOUT_SECONDS = 10.0
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class NoSession(Exception):
    """A target gave no session, or does not show one; the message says what it answered."""


@dataclass
class Session:
    """A session: its cookie as sent, its user, and the count that it has to show."""

    cookie: str
    name: str
    count: int = 0


def make(url: str, number: int) -> list[Session]:
    """Log in so many users, each with a session; raises `NoSession`."""
    connection = _connection(url)
    try:
        return [_log_in(connection, f"user-{each}") for each in range(number)]
    finally:
        connection.close()


def lost(url: str, sessions: Sequence[Session]) -> int:
    """Return how many counts the sessions do not show, and take what they show for what they have to show.

    Raises `NoSession` where one is gone. Counts that were added and not acknowledged are none that were lost.
    """
    connection = _connection(url)
    missing = 0
    try:
        for session in sessions:
            shown = _count(connection, session)
            missing += max(0, session.count - shown)
            session.count = shown
    finally:
        connection.close()
    return missing


def write(path: Path, sessions: Sequence[Session]) -> None:
    """Write sessions down for a generator: cookie, name and count, separated by tabs."""
    path.touch(0o600)
    path.write_text("".join(f"{each.cookie}\t{each.name}\t{each.count}\n" for each in sessions))


def _connection(url: str) -> HTTPConnection:
    return HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT_SECONDS)


def _log_in(connection: HTTPConnection, name: str) -> Session:
    response, _ = _ask(connection, "POST", "/user/login", FORM, urlencode({"username": name}))
    line = response.getheader("Set-Cookie")
    if response.status != HTTPStatus.SEE_OTHER or not line:
        raise NoSession(f"POST /user/login answered {response.status} {'with' if line else 'without'} a cookie")
    return Session(line.partition(";")[0], name)


def _count(connection: HTTPConnection, session: Session) -> int:
    response, body = _ask(connection, "GET", "/", {"Cookie": session.cookie, "Accept": "application/json"})
    try:
        shown = json.loads(body)
        if shown["username"] == session.name:
            return int(shown["count"])
    except (ValueError, KeyError, TypeError):
        pass
    raise NoSession(f"GET / answered {response.status} and does not show the session of {session.name}: {body[:80]!r}")


def _ask(
    connection: HTTPConnection, method: str, path: str, headers: dict[str, str], body: str = ""
) -> tuple[HTTPResponse, bytes]:
    try:
        connection.request(method, path, body or None, headers)
        response = connection.getresponse()
        return response, response.read()
    except (OSError, HTTPException) as error:
        raise NoSession(f"{method} {path}: no answer: {error or type(error).__name__}") from None
