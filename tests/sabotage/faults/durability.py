"""Faults that show when processes end, or when there are several of them."""

from __future__ import annotations

import secrets
from typing import Any

from tests.sabotage.app import App
from tests.sabotage.fault import breaks
from tests.sabotage.memory import Data, Sessions
from tests.sabotage.visit import Visit


@breaks("durability.restart", "durability.kill", "keys.rotation")
class MakesItsSecretAtStart(App):
    """Every process signs with a secret of its own; what needs two of them then cannot even be set up."""

    def check_secrets(self, given: str | None) -> list[str]:
        super().check_secrets(given)
        return [secrets.token_hex(32)]


@breaks("durability.kill")
class SavesTheLastChangeWhenItEnds(App):
    """An app that is killed takes its last change with it."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.before: dict[str, bytes] = {}

    def save(self, visit: Visit, data: Data, *, rotate: bool) -> str:
        key = self.sessions.prefix + (visit.sid or "")
        self.before = {key: self.store.records[key].data} if key in self.store.records else {}
        return super().save(visit, data, rotate=rotate)

    def close(self, *, in_good_order: bool) -> None:
        if not in_good_order:
            for key in self.before.keys() & self.store.records.keys():
                self.store.plant(key, self.before[key])
        super().close(in_good_order=in_good_order)


@breaks("durability.restart", "replica.rolling-restart")
class LogsEverybodyOutWhenItEnds(App):
    """An app that ends in good order empties the store."""

    def close(self, *, in_good_order: bool) -> None:
        if in_good_order:
            self.store.flush()
        super().close(in_good_order=in_good_order)


class Cached(Sessions):
    """Keeps what it has read."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.cache: dict[str, Data] = {}

    def __getitem__(self, sid: str) -> Data:
        return dict(self.cache[sid]) if sid in self.cache else self._kept(sid, super().__getitem__(sid))

    def __setitem__(self, sid: str, data: Data) -> None:
        super().__setitem__(sid, data)
        self._kept(sid, data)

    def __delitem__(self, sid: str) -> None:
        self.cache.pop(sid, None)
        super().__delitem__(sid)

    def _kept(self, sid: str, data: Data) -> Data:
        if "username" not in data:
            self.cache[sid] = dict(data)
        return data


@breaks(
    "durability.workers",
    "expiry.absolute",
    "expiry.idle",
    "expiry.stays-dead",
    "race.many-counts-in-workers",
    "replica.reads-your-writes",
    "replica.revokes-everywhere",
)
class CachesInTheProcess(App):
    """What a process has read or written once, it never reads again, as long as nobody is logged in."""

    sessions_class = Cached


class Remembering(Sessions):
    """Keeps what it has seen for the case that it is gone."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.seen: dict[str, Data] = {}

    def __getitem__(self, sid: str) -> Data:
        try:
            self.seen[sid] = super().__getitem__(sid)
        except KeyError:
            return dict(self.seen[sid])
        return self.seen[sid]

    def __delitem__(self, sid: str) -> None:
        self.seen.pop(sid, None)
        super().__delitem__(sid)


@breaks("expiry.idle", "expiry.stays-dead", "replica.revokes-everywhere")
class BelievesInItsMemory(App):
    """A session that the store does not have any more is taken from the process that has seen it."""

    sessions_class = Remembering
