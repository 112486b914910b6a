"""Sessions as rows of a PostgreSQL table, for any number of replicas: the clock is the server's."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec

from app.configuration import Configuration
from app.hardened.session import CREATED, Change, Data
from app.stores.postgres import Client

SQL = {path.stem: path.read_text() for path in Path(__file__).with_name("postgres").glob("*.sql")}


class Records:
    """Each method is one statement, and so one round trip; a read that the server refuses to note is a second one."""

    def __init__(self, client: Client, configuration: Configuration) -> None:
        self.ask = client.ask
        self.timeouts = {
            "idle": configuration.session_idle_seconds,
            "absolute": configuration.session_absolute_seconds,
        }

    def read(self, id_: str) -> Data | None:
        rows = self.ask(SQL["read_and_touch"], {"id": id_, **self.timeouts}, instead=SQL["read"])
        try:
            ((data, age),) = rows
            session: Data = msgspec.json.decode(data, type=dict)
            # The age is the same by both clocks.
            return session | {CREATED: int(time.time() - age)}
        except (TypeError, ValueError, OverflowError, RecursionError):  # none, or nothing that we wrote
            return None

    def create(self, id_: str, data: Data) -> None:
        content = msgspec.json.encode({key: value for key, value in data.items() if key != CREATED}).decode()
        self.ask(SQL["create"], {"id": id_, "data": content, **self.timeouts})

    def change(self, id_: str, new: str, change: Change) -> bool:
        changes = {
            "set": msgspec.json.encode(change.set).decode(),
            "unset": change.unset,
            "add": msgspec.json.encode(change.add).decode(),
        }
        return bool(self.ask(SQL["change"], {"id": id_, "new": new, **changes, **self.timeouts}))

    def delete(self, id_: str) -> None:
        self.ask(SQL["delete"], {"id": id_})
