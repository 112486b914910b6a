"""One press of a button: the request that it is, and what a target answers and shows afterwards."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

import httpx

from app import cookies
from app.asking import NoAnswer, Reply, ask
from app.cookies import SetCookie
from app.listed import Target

ANSWER_SECONDS = 3.0  # SPEC.md gives an app whose store is silent two
SHOW_SECONDS = 3.0
LONGEST_SHOWN = 200


@dataclass(frozen=True)
class Button:
    """What a press of it sends to each target."""

    label: str
    path: str
    takes_name: bool = False


BUTTONS = {
    "login": Button("Log in", "/user/login", takes_name=True),
    "count": Button("Count", "/count"),
    "reset": Button("Reset", "/reset"),
}


@dataclass(frozen=True)
class Answer:
    """What one target answered to a press, and what it shows then; or only the problem, where it did not answer."""

    target: Target
    problem: str = ""
    status: str = ""
    location: str = ""
    seconds: float = 0.0
    count: str = ""
    name: str = ""
    session_id: str = ""  # what became of it
    set_cookies: tuple[SetCookie, ...] = ()
    set_by_reading: tuple[SetCookie, ...] = ()  # on the page that was asked for next


@dataclass(frozen=True)
class Press:
    """A press and its answers, one for each chosen target."""

    button: Button
    name: str
    answers: Sequence[Answer]


async def press(
    through: httpx.AsyncHTTPTransport, target: Target, button: Button, name: str, jar: httpx.Cookies
) -> Answer:
    """Press a button at one target, with the cookies of the jar, and look at its page."""
    if not target.reach:
        return Answer(target, problem="not started")
    before = cookies.values(jar)
    form = {"username": name} if button.takes_name else None
    try:
        reply = await ask(through, "POST", f"{target.reach}{button.path}", ANSWER_SECONDS, jar=jar, form=form)
    except NoAnswer as problem:
        return Answer(target, problem=str(problem))
    after = cookies.values(jar)
    count, username, set_by_reading = await _shown(through, target, jar)
    return Answer(
        target,
        status=_in_words(reply.status),
        location=reply.headers.get("location", "")[:LONGEST_SHOWN],
        seconds=reply.seconds,
        count=count,
        name=username,
        session_id=cookies.became(before, after),
        set_cookies=_lines(reply),
        set_by_reading=set_by_reading,
    )


async def _shown(
    through: httpx.AsyncHTTPTransport, target: Target, jar: httpx.Cookies
) -> tuple[str, str, tuple[SetCookie, ...]]:
    """Return count and name as the target shows them, and the cookies that it sets on that."""
    try:
        reply = await ask(through, "GET", f"{target.reach}/", SHOW_SECONDS, jar=jar)
    except NoAnswer as problem:
        return f"not shown: {problem}", f"not shown: {problem}", ()
    if reply.status != 200:
        unseen = f"not shown: {_in_words(reply.status)}"
        return unseen, unseen, _lines(reply)
    try:
        page = json.loads(reply.body)
        return _text(page["count"]), _text(page["username"]), _lines(reply)
    except (ValueError, TypeError, KeyError, RecursionError):
        return "not shown: no such JSON", "not shown: no such JSON", _lines(reply)


def _text(value: object) -> str:
    return "none" if value is None else str(value)[:LONGEST_SHOWN]


def _lines(reply: Reply) -> tuple[SetCookie, ...]:
    return tuple(map(cookies.parse, reply.headers.get_list("set-cookie")))


def _in_words(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
