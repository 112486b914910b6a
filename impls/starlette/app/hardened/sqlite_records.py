"""Sessions as rows of SQLite, the data as JSON. Each operation is one statement in autocommit, and so atomic."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiosqlite
import msgspec

from app.configuration import Configuration
from app.hardened.lazy_session import CREATED, Data, LazySession
from app.hardened.server_store import decode
from app.problems import StoreUnavailable
from app.sessions import as_count
from app.sqlite_client import connect

PATIENCE_SECONDS = 0.5  # with what others write
TOUCH_SECONDS = 0.1
RETRY_SECONDS = 0.005
HANGING_SECONDS = 1.0  # a disk that does not answer
READ = "SELECT CAST(data AS BLOB), created, expires FROM sessions WHERE id = ? AND expires > ?"
TOUCH = "UPDATE sessions SET expires = ? WHERE id = ? AND expires > ?"
CREATE = "INSERT INTO sessions (id, data, created, expires) VALUES (?, ?, ?, ?)"
CHANGE = """
UPDATE sessions SET id = ?, data = changed(data, ?), expires = min(?, created + ?) WHERE id = ? AND expires > ?
RETURNING id
"""
DELETE = "DELETE FROM sessions WHERE id = ?"


def changed(stored: str, changes: str) -> str:
    """Apply changes; SQLite calls this within its statement, while nobody else can write.

    Its own JSON functions have no paths for keys with quotes in them, and take `true` for 1.
    """
    data = decode(stored)
    values, deleted, added = decode(changes)
    data |= values
    for key in deleted:
        data.pop(key, None)
    for key, amount in added.items():
        data[key] = as_count(data.get(key)) + amount
    return msgspec.json.encode(data).decode()


def busy(error: sqlite3.Error) -> bool:
    """Whether another process held the lock that was needed."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY  # the low byte; the others say why


class SqliteRecords:
    """One row a session, on this machine's clock."""

    def __init__(self, configuration: Configuration) -> None:
        self.url = configuration.store_url
        self.idle = configuration.session_idle_seconds
        self.absolute = configuration.session_absolute_seconds
        self.connection: aiosqlite.Connection
        self.writing = asyncio.Lock()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with connect(self.url) as self.connection:
            await self.connection.execute("PRAGMA synchronous = NORMAL")  # survives our being killed, not a power cut
            await self.connection.create_function("changed", 2, changed, deterministic=True)
            yield

    async def read(self, sid: str) -> Data | None:
        """A live session's expiry is moved only where that moves it by more than a sixtieth of the idle timeout."""
        now = time.time()
        try:
            rows = await self._run(READ, sid, now)
        except (sqlite3.Error, TimeoutError):
            raise StoreUnavailable from None
        try:
            ((stored, created, expires),) = rows
            data = decode(stored)
            later = min(now + self.idle, created + self.absolute)
            due = later > expires + self.idle / 60
        except (ValueError, TypeError):  # no such session, or nothing that we wrote
            return None
        if due:
            with suppress(StoreUnavailable):  # what cannot be written can be read all the same
                await self._write(TOUCH, later, sid, now, patience=TOUCH_SECONDS)
        return {**data, CREATED: created} if isinstance(data, dict) else None

    async def create(self, sid: str, data: Data) -> None:
        now = time.time()
        stored = {key: value for key, value in data.items() if key != CREATED}
        await self._write(CREATE, sid, _encode(stored), now, now + min(self.idle, self.absolute))

    async def change(self, sid: str, new_sid: str, session: LazySession) -> bool:
        now = time.time()
        changes = _encode([session.changed, list(session.deleted), session.added])
        return bool(await self._write(CHANGE, new_sid, changes, now + self.idle, self.absolute, sid, now))

    async def delete(self, sid: str) -> None:
        await self._write(DELETE, sid)

    async def _write(self, statement: str, *values: Any, patience: float = PATIENCE_SECONDS) -> list[Any]:
        """Run a statement as soon as nobody else writes; what is given up has not begun, and is not done later.

        It waits for other processes here, not within SQLite: our reads are in the same thread.
        """
        deadline = time.monotonic() + patience
        try:
            async with asyncio.timeout(patience):
                await self.writing.acquire()
        except TimeoutError:
            raise StoreUnavailable from None
        try:
            while True:
                try:
                    return await self._run(statement, *values)
                except sqlite3.OperationalError as error:
                    if not busy(error) or time.monotonic() > deadline:
                        raise
                await asyncio.sleep(RETRY_SECONDS)
        except (sqlite3.Error, TimeoutError):
            raise StoreUnavailable from None
        finally:
            self.writing.release()

    async def _run(self, statement: str, *values: Any) -> list[Any]:
        async with asyncio.timeout(HANGING_SECONDS):
            return list(await self.connection.execute_fetchall(statement, values))


def _encode(value: Any) -> str:
    return msgspec.json.encode(value).decode()


open_records = SqliteRecords  # the name that `server_store` knows
