"""A session that is read when a route opens it, and that remembers what changed rather than what it was."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from app.sessions import Session

Data = dict[str, Any]
CREATED = "_created"


class LazySession(Session):
    """A mapping over one record of a store.

    `identify` is asked which session the client sent, and `read` for its data, once, and only if a route opens it.
    What it returns None for is a new session. A change of a value inside a value is not seen: assign it again.
    """

    def __init__(self, identify: Callable[[], str | None], read: Callable[[str], Awaitable[Data | None]]) -> None:
        self.sid: str | None = None
        self.used = False
        self.rotated = False
        self.destroyed = False
        self.changed: Data = {}
        self.deleted: set[str] = set()
        self.added: dict[str, int] = {}
        self._identify = identify
        self._read = read
        self._data: Data | None = None

    async def load(self) -> None:
        """Read the session, if that has not been done."""
        if self.used:
            return
        self.used = True
        sid = self._identify()
        stored = await self._read(sid) if sid else None
        self.sid = None if stored is None else sid
        self._data = stored or {}

    @property
    def data(self) -> Data:
        """The session as this request sees it."""
        if self._data is None:
            raise RuntimeError("a session is opened first: `await open_session(request)`")
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
        self.data[key] = value = self.number(key) + 1
        self.added[key] = self.added.get(key, 0) + 1
        return value

    def rotate(self) -> None:
        """Change the id when the session is saved."""
        self.rotated = True

    def destroy(self) -> None:
        """End the session without reading it first."""
        if not self.used:
            self.sid = self._identify()
        self.used = self.destroyed = True
        self._data = {}
