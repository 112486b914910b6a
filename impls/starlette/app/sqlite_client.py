"""How this app talks to SQLite: one connection a worker, in autocommit, in a thread of its own (aiosqlite)."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import aiosqlite

from app.problems import StoreUnavailable

SCHEMA = """
CREATE TABLE IF NOT EXISTS sessions (
    id TEXT PRIMARY KEY,
    data TEXT NOT NULL,
    created REAL NOT NULL,
    expires REAL NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS sessions_expires ON sessions (expires);
-- The dead are removed by those who come, so that they never outnumber them, and no insert takes long.
CREATE TRIGGER IF NOT EXISTS sessions_collect AFTER INSERT ON sessions BEGIN
    DELETE FROM sessions WHERE id IN (
        SELECT id FROM sessions WHERE expires <= new.created ORDER BY expires LIMIT 10
    );
END;
"""
NOT_YET = (sqlite3.OperationalError,)  # it is locked
NEVER = (sqlite3.Error, OSError)


def file_of(url: str) -> Path:
    """Return the file of a URL, in SQLAlchemy's way: `sqlite:///relative.db`, `sqlite:////absolute.db`."""
    return Path(url.removeprefix("sqlite:///")).absolute()


def connect(url: str) -> aiosqlite.Connection:
    """Make a connection, which opens the file when it is awaited; it never creates one, and waits for no lock."""
    return aiosqlite.connect(f"{file_of(url).as_uri()}?mode=rw", uri=True, timeout=0, isolation_level=None)


async def prepare(url: str) -> None:
    """Make the file, for its owner alone, with what sessions need; SQLite gives its `-wal` and `-shm` the same mode."""
    await asyncio.to_thread(file_of(url).touch, 0o600)
    async with connect(url) as connection:
        await connection.execute("PRAGMA journal_mode = WAL")  # readers and a writer do not wait for each other
        await connection.executescript(SCHEMA)


async def version(url: str) -> str:
    """Return SQLite's version; raises `StoreUnavailable` where the file cannot be read."""
    try:
        async with connect(url) as connection:
            await connection.execute_fetchall("SELECT id FROM sessions LIMIT 1")
    except sqlite3.Error:
        raise StoreUnavailable from None
    return sqlite3.sqlite_version
