"""Sessions as rows of an SQLite table, for any number of processes on one machine."""

from __future__ import annotations

import time
from contextlib import suppress

import msgspec

from app.configuration import Configuration
from app.errors import NoAnswer
from app.hardened.session import CREATED, Change, Data
from app.stores.sqlite import Client

# What is planted in a row may have any type there: `+ 0.0` makes a number of it, and the cast lets us see bytes.
READ = """
SELECT cast(data AS blob), created + 0.0, expires + 0.0 FROM sessions
WHERE id = :id AND expires > :now
"""
TOUCH = "UPDATE sessions SET expires = :later WHERE id = :id AND expires > :now"
CREATE = "INSERT INTO sessions VALUES (:id, :data, :created, :expires)"
COLLECT = "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires <= :now LIMIT 10)"
CHANGE = """
UPDATE sessions
SET id = :new, data = changed(data, :changes), expires = min(:now + :idle, created + :absolute)
WHERE id = :id AND expires > :now
RETURNING id
"""
DELETE = "DELETE FROM sessions WHERE id = :id"


class Records:
    """Each change is one statement. `expires` is the earlier of the two timeouts."""

    def __init__(self, client: Client, configuration: Configuration) -> None:
        self.ask = client.ask
        self.idle = configuration.session_idle_seconds
        self.absolute = configuration.session_absolute_seconds

    def read(self, id_: str) -> Data | None:
        """Move `expires` only where that is worth a write, and where the file takes writes now."""
        now = time.time()
        rows = self.ask(READ, {"id": id_, "now": now})
        try:
            ((data, created, expires),) = rows
            session: Data = msgspec.json.decode(data, type=dict) | {CREATED: int(created)}
        except (TypeError, ValueError, OverflowError, RecursionError):  # none, or nothing that we wrote
            return None
        later = min(now + self.idle, created + self.absolute)
        if later - expires > self.idle / 60:
            with suppress(NoAnswer):
                self.ask(TOUCH, {"id": id_, "now": now, "later": later})
        return session

    def create(self, id_: str, data: Data) -> None:
        """Remove some that have expired with each one that is new, so that they never pile up."""
        now = time.time()
        created = data[CREATED]
        content = msgspec.json.encode({key: value for key, value in data.items() if key != CREATED}).decode()
        expires = min(now + self.idle, created + self.absolute)
        self.ask(CREATE, {"id": id_, "data": content, "created": created, "expires": expires})
        with suppress(NoAnswer):
            self.ask(COLLECT, {"now": now})

    def change(self, id_: str, new: str, change: Change) -> bool:
        changes = msgspec.json.encode([change.set, change.unset, change.add]).decode()
        times = {"now": time.time(), "idle": self.idle, "absolute": self.absolute}
        return bool(self.ask(CHANGE, {"id": id_, "new": new, "changes": changes, **times}))

    def delete(self, id_: str) -> None:
        self.ask(DELETE, {"id": id_})
