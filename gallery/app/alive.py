"""How a target is at this moment: asked when the page is, and not remembered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import httpx

from app.asking import NoAnswer, ask
from app.listed import Target

SECONDS = 1.0


@dataclass(frozen=True)
class State:
    """A target's state: a kind, by which the page picks a colour, and words that say all of it."""

    kind: Literal["up", "unwell", "down", "absent"]
    words: str


async def state(through: httpx.AsyncHTTPTransport, target: Target) -> State:
    """Ask a target whether its store answers, and where not, whether it does itself."""
    if not target.reach:
        return State("absent", "not started")
    unready = await _problem(through, f"{target.reach}/readyz")
    if not unready:
        return State("up", "up")
    if unwell := await _problem(through, f"{target.reach}/healthz"):
        return State("down", f"down: {unwell}")
    return State("unwell", f"up, its store is not: {unready}")


async def _problem(through: httpx.AsyncHTTPTransport, url: str) -> str:
    """Return what is wrong with a check, "" where nothing is."""
    try:
        reply = await ask(through, "GET", url, SECONDS, jar=httpx.Cookies())
    except NoAnswer as problem:
        return str(problem)
    return "" if reply.status == 200 else f"it answers {reply.status}"
