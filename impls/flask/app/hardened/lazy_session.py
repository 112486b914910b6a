"""A session that is read when it is first used, and that remembers what changed rather than what it was."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from flask.sessions import SessionMixin

from app.counter import counter

Data = dict[str, Any]


class Record(NamedTuple):
    """What a store has of a session: its data, and its age in seconds by the store's clock."""

    data: Data
    age: float


class Session(SessionMixin):
    """A mapping over one record of a store.

    `load` is asked for the record of the id that the client sent, once, and only if the session is used.
    What it returns None for is a new session. A change of a value inside a value is not seen: assign it again.
    """

    def __init__(self, sid: str | None, load: Callable[[str], Record | None]) -> None:
        self.sid = sid
        self.created = 0.0  # seconds since 1970, by this machine's clock, once it is read or stored
        self.used = False
        self.rotated = False
        self.destroyed = False
        self.changed: Data = {}
        self.deleted: set[str] = set()
        self.added: dict[str, int] = {}
        self._load = load
        self._data: Data | None = None

    @property
    def data(self) -> Data:
        """The session as this request sees it."""
        self.used = True
        if self._data is None:
            record = self._load(self.sid) if self.sid else None
            if record is None:
                self.sid = None
                self._data = {}
            else:
                self._data = record.data
                self.created = time.time() - record.age
        return self._data

    @property
    def dirty(self) -> bool:
        """Whether there is anything to save."""
        return bool(self.changed or self.deleted or self.added or self.rotated)

    def __getitem__(self, key: str) -> Any:
        return self.data[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.data[key] = value
        self.changed[key] = value
        self.deleted.discard(key)
        self.added.pop(key, None)

    def __delitem__(self, key: str) -> None:
        del self.data[key]
        self.changed.pop(key, None)
        self.added.pop(key, None)
        self.deleted.add(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)

    def increment(self, key: str) -> int:
        """Add one to a counter; the store does the sum, so that no parallel request is lost."""
        self.data[key] = value = counter(self.data, key) + 1
        self.added[key] = self.added.get(key, 0) + 1
        return value

    def rotate(self) -> None:
        """Change the id when the session is saved."""
        self.rotated = True

    def destroy(self) -> None:
        """End the session without reading it first."""
        self.used = self.destroyed = True
        self._data = {}
