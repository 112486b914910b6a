"""Who presses: for each visitor a jar of cookies for each target, in memory, for a while."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from app.pressing import Press

MOST = 100
IDLE_SECONDS = 3600.0
ID_BYTES = 32


@dataclass
class Visitor:
    """A visitor, as targets know them: by the cookies that they gave us. Hold `lock` while they are used."""

    used: float
    jars: defaultdict[str, httpx.Cookies] = field(default_factory=lambda: defaultdict(httpx.Cookies))
    last: Press | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Visitors:
    """The visitors of the last hour, `MOST` of them at most: who comes then takes the place of who was away longest."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._by_id: OrderedDict[str, Visitor] = OrderedDict()  # who was away longest is first

    def find(self, visitor_id: str) -> Visitor | None:
        """Return the visitor of an id that we gave away and still know."""
        now = self._clock()
        while self._by_id and now - next(iter(self._by_id.values())).used > IDLE_SECONDS:
            self._by_id.popitem(last=False)
        visitor = self._by_id.get(visitor_id)
        if visitor:
            visitor.used = now
            self._by_id.move_to_end(visitor_id)
        return visitor

    def welcome(self) -> tuple[str, Visitor]:
        """Return a new visitor with an id."""
        visitor_id, visitor = secrets.token_urlsafe(ID_BYTES), Visitor(self._clock())
        self._by_id[visitor_id] = visitor
        if len(self._by_id) > MOST:
            self._by_id.popitem(last=False)
        return visitor_id, visitor
