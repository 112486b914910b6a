"""A store for the sabotaged app: records as bytes in memory, with the faults of a server and counters of its work."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from targets.control import Entry, Work

Data = dict[str, Any]
CREATED = "_created"
PATIENCE_SECONDS = 0.2  # how long a client waits for a frozen store


class StoreDown(Exception):
    """The store does not answer, or refuses to write."""


class State(Enum):
    """What is wrong with the store."""

    UP = auto()
    AWAY = auto()
    FROZEN = auto()
    NO_WRITES = auto()


@dataclass
class Record:
    """What the store holds of a session; `expires` is in seconds since 1970, None for never."""

    data: bytes
    expires: float | None


class Memory:
    """The store, as a control hands it out."""

    kind = "memory"
    app_url = "memory:"

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}
        self.lock = threading.RLock()
        self.state = State.UP
        self.clients = 0
        self.modes = {"sessions.db": 0o600}
        self._work = Work(0, 0)
        self._together = 0

    # What an app asks

    @contextmanager
    def together(self) -> Iterator[None]:
        """Do all in the block at once and alone, in one round trip."""
        with self.lock:
            if not self._together:
                self.ask()
            self._together += 1
            try:
                yield
            finally:
                self._together -= 1

    def ask(self, *, writes: bool = False) -> None:
        """Be asked once; raises `StoreDown`."""
        if not self._together:
            self._work = Work(self._work.round_trips + 1, self._work.writes)
        if self.state is State.FROZEN:
            time.sleep(PATIENCE_SECONDS)
        if self.state in {State.AWAY, State.FROZEN} or (writes and self.state is State.NO_WRITES):
            raise StoreDown
        if writes:
            self._work = Work(self._work.round_trips, self._work.writes + 1)

    # What a check does

    @contextmanager
    def _wrong(self, state: State) -> Iterator[None]:
        self.state = state
        try:
            yield
        finally:
            self.state = State.UP

    def stopped(self) -> Any:
        """Be away."""
        return self._wrong(State.AWAY)

    def killed(self) -> Any:
        """Be away."""
        return self._wrong(State.AWAY)

    def frozen(self) -> Any:
        """Answer nothing."""
        return self._wrong(State.FROZEN)

    def read_only(self) -> Any:
        """Refuse writes."""
        return self._wrong(State.NO_WRITES)

    def full(self) -> Any:
        """Refuse writes."""
        return self._wrong(State.NO_WRITES)

    def flush(self) -> None:
        """Forget everything."""
        self.records.clear()

    def entries(self) -> Sequence[Entry]:
        """Return all records."""
        now = time.time()
        return [
            Entry(key, record.data, None if record.expires is None else record.expires - now)
            for key, record in list(self.records.items())  # apps go on meanwhile
        ]

    def plant(self, key: str, data: bytes) -> None:
        """Replace a record's data."""
        self.records[key].data = data

    def work(self) -> Work:
        """Return the counters."""
        return self._work

    def connections(self) -> int:
        """Return the number of connections that apps have open."""
        return self.clients

    def file_modes(self) -> dict[str, int]:
        """Return the modes of what would be files."""
        return self.modes


class Sessions(MutableMapping[str, Data]):
    """One app's view of the store: sessions by their ids. Reading one lets its idle timeout start again."""

    prefix = "session:"

    def __init__(self, store: Memory, idle: float, absolute: float) -> None:
        self.store, self.idle, self.absolute = store, idle, absolute

    def decode(self, data: bytes) -> Any:
        """Read what is stored."""
        return json.loads(data)

    def encode(self, data: Data) -> bytes:
        """Write what is to be stored."""
        return json.dumps(data).encode()

    def deadline(self, data: Data) -> float | None:
        """Return when the store is to drop a session."""
        return float(min(time.time() + self.idle, data[CREATED] + self.absolute))

    def touched(self, data: Data, before: float | None) -> float | None:
        """Return when the store is to drop a session that has just been read."""
        del before
        return self.deadline(data)

    def alive(self, record: Record, data: Data) -> bool:
        """Tell whether a session has come to neither timeout."""
        now = time.time()
        return (record.expires is None or now < record.expires) and now < data[CREATED] + self.absolute

    def collect(self) -> None:
        """Remove what has expired."""
        now = time.time()
        for key, record in list(self.store.records.items()):
            if record.expires is not None and record.expires <= now:
                del self.store.records[key]

    def __getitem__(self, sid: str) -> Data:
        with self.store.lock:
            self.store.ask()
            record = self.store.records[self.prefix + sid]
            try:
                data: Data = self.decode(record.data)
                if not self.alive(record, data):
                    raise KeyError(sid)
            except (ValueError, TypeError, AttributeError, RecursionError):
                raise KeyError(sid) from None
            record.expires = self.touched(data, record.expires)
            return data

    def __contains__(self, sid: object) -> bool:
        return isinstance(sid, str) and super().__contains__(sid)

    def __setitem__(self, sid: str, data: Data) -> None:
        with self.store.lock:
            self.store.ask(writes=True)
            self.collect()
            data.setdefault(CREATED, time.time())
            self.store.records[self.prefix + sid] = Record(self.encode(data), self.deadline(data))

    def __delitem__(self, sid: str) -> None:
        with self.store.lock:
            self.store.ask(writes=True)
            del self.store.records[self.prefix + sid]

    def __iter__(self) -> Iterator[str]:
        return iter([key.removeprefix(self.prefix) for key in self.store.records])

    def __len__(self) -> int:
        return len(self.store.records)
