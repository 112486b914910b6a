"""How a target is at this moment: asked when the page is, and not remembered."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Literal

import httpx

from app.asking import NoAnswer, ask
from app.listed import Target

SECONDS = 2.0  # which SPEC.md gives an app whose store is silent


@dataclass(frozen=True)
class State:
    """A target's state: a kind, by which the page picks a colour, and words that say all of it."""

    kind: Literal["up", "unwell", "down", "absent"]
    words: str


async def state(through: httpx.AsyncHTTPTransport, target: Target) -> State:
    """Ask a target, and through it its store."""
    if not target.reach:
        return State("absent", "not started")
    health, readiness = await asyncio.gather(
        _problem(through, f"{target.reach}/healthz"), _problem(through, f"{target.reach}/readyz")
    )
    if health:
        return State("down", f"down: {health}")
    if readiness:
        return State("unwell", f"up, not ready: {readiness}")
    return State("up", "up")


async def _problem(through: httpx.AsyncHTTPTransport, url: str) -> str:
    """Return what is wrong with a check, "" where nothing is."""
    try:
        reply = await ask(through, "GET", url, SECONDS, jar=httpx.Cookies())
    except NoAnswer as problem:
        return str(problem)
    return "" if reply.status == 200 else f"it answers {reply.status}"
