"""Faults in what ends by itself."""

from __future__ import annotations

import time

from tests.sabotage.app import App
from tests.sabotage.fault import breaks
from tests.sabotage.memory import CREATED, Data, Record, Sessions
from tests.sabotage.visit import Visit


class WithoutIdle(Sessions):
    """Ends sessions at the absolute timeout alone."""

    def deadline(self, data: Data) -> float | None:
        return float(data[CREATED] + self.absolute)


@breaks("expiry.idle", "expiry.stays-dead", "expiry.store-ttl")
class KnowsNoIdleTimeout(App):
    """Sessions live until their absolute timeout."""

    sessions_class = WithoutIdle


class TouchedByWritesAlone(Sessions):
    """Reading changes nothing."""

    def touched(self, data: Data, before: float | None) -> float | None:
        del data
        return before


@breaks("expiry.slides-on-reads")
class ReadsDoNotSlide(App):
    """Only changes let the idle timeout start again."""

    sessions_class = TouchedByWritesAlone


class EndsWithItsFirstDeadline(TouchedByWritesAlone):
    """Changing changes nothing either."""

    def __setitem__(self, sid: str, data: Data) -> None:
        before = self.store.records.get(self.prefix + sid)
        super().__setitem__(sid, data)
        if before:
            self.store.records[self.prefix + sid].expires = before.expires


@breaks("expiry.slides-on-reads", "expiry.slides-on-writes", "expiry.absolute")
class NothingSlides(App):
    """A session dies at its idle timeout, used or not."""

    sessions_class = EndsWithItsFirstDeadline


class WithoutAbsolute(Sessions):
    """Ends sessions at the idle timeout alone."""

    def deadline(self, data: Data) -> float | None:
        del data
        return time.time() + self.idle

    def alive(self, record: Record, data: Data) -> bool:
        return time.time() < (record.expires or 0) and CREATED in data


@breaks("expiry.absolute", "expiry.log-in-extends-nothing")
class KnowsNoAbsoluteTimeout(App):
    """Who uses a session keeps it for ever."""

    sessions_class = WithoutAbsolute


@breaks("expiry.log-in-extends-nothing")
class LogInExtends(App):
    """A new id lets the absolute timeout start again."""

    def save(self, visit: Visit, data: Data, *, rotate: bool) -> str:
        if rotate:
            data[CREATED] = time.time()
        return super().save(visit, data, rotate=rotate)


class Hoarder(Sessions):
    """Collects nothing."""

    def collect(self) -> None:
        """Leave the dead where they are."""


@breaks("expiry.stays-dead", "expiry.collects-the-dead")
class GoesOnUnderAnExpiredId(App):
    """A write with an expired cookie, whose record is kept, starts a session under the same id."""

    sessions_class = Hoarder

    def new_id(self) -> str:
        return self.expired or super().new_id()

    def save(self, visit: Visit, data: Data, *, rotate: bool) -> str:
        values = self.cookie_values(visit.request)
        sid = self.unsign(values[0]) if values and not visit.sid else None
        record = self.store.records.get(self.sessions.prefix + (sid or ""))
        self.expired = sid if record and not rotate else None
        return super().save(visit, data, rotate=rotate)

    expired: str | None = None


class Endless(Sessions):
    """Keeps the deadline among the data."""

    def __getitem__(self, sid: str) -> Data:
        with self.store.lock:
            self.store.ask()
            data: Data = self.decode(self.store.records[self.prefix + sid].data)
            if time.time() > data["_until"]:
                raise KeyError(sid)
            super().__setitem__(sid, data | {"_until": super().deadline(data)})
            self.store.records[self.prefix + sid].expires = None
            return data

    def __setitem__(self, sid: str, data: Data) -> None:
        data.setdefault(CREATED, time.time())
        super().__setitem__(sid, data | {"_until": super().deadline(data)})
        self.store.records[self.prefix + sid].expires = None


@breaks(
    "expiry.store-ttl", "expiry.collects-the-dead", "economy.read", "outage.read-only", "outage.full", "storage.garbage"
)
class TellsTheStoreNoEnd(App):
    """The deadline is among the data, written anew with every read, and the store keeps everything for ever."""

    sessions_class = Endless


@breaks("expiry.collects-the-dead")
class CollectsNothing(App):
    """Expired records stay in the store, unread."""

    sessions_class = Hoarder
