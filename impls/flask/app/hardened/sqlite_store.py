"""Sessions as rows of an SQLite file, which the workers and replicas of one machine share.

The file is in WAL mode with `synchronous=NORMAL`: what was acknowledged outlives a kill of the app, and only a loss of
power may take the last moments with it.
"""

from __future__ import annotations

import sqlite3
import time
from collections import deque
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

from app.configuration import Configuration, ConfigurationError
from app.counter import counter
from app.hardened.lazy_session import Data, Record, Session
from app.hardened.store import STORE_TIMEOUT_SECONDS, StoreUnavailable, decode_row, encode_changes

TOUCH_TIMEOUT_MS = 100
SCHEMA = """
CREATE TABLE IF NOT EXISTS sessions (
    id TEXT PRIMARY KEY, data TEXT NOT NULL, created REAL NOT NULL, expires REAL NOT NULL -- seconds since 1970
);
CREATE INDEX IF NOT EXISTS sessions_expires ON sessions (expires);
"""
READ = """
SELECT data, :now - created, min(:now + :idle, created + :absolute) - expires
FROM sessions WHERE id = :id AND expires > :now
"""
TOUCH = """
UPDATE sessions SET expires = min(:now + :idle, created + :absolute) WHERE id = :id AND expires > :now
"""
CREATE = """
INSERT INTO sessions (id, data, created, expires) VALUES (:id, :data, :now, :now + min(:idle, :absolute))
"""
COLLECT = """
DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires <= :now ORDER BY expires LIMIT 10)
"""
CHANGE = """
UPDATE sessions SET id = :new, data = changed(data, :changes), expires = min(:now + :idle, created + :absolute)
WHERE id = :id AND expires > :now
"""
DELETE = "DELETE FROM sessions WHERE id = :id"


def file(configuration: Configuration) -> Path:
    """Return the path, by SQLAlchemy's convention: `sqlite:///relative.db`, `sqlite:////absolute.db`."""
    return Path(configuration.store_url.removeprefix("sqlite:///")).absolute()


def create_file(path: Path, mode: int) -> None:
    """Make the file where there is none; what SQLite puts beside it has the same mode."""
    try:
        path.touch(mode)
    except OSError as error:
        raise ConfigurationError(f"STORE_URL: {error.filename}: {error.strerror}") from None


def changed(data: str | bytes, changes: str) -> str:
    """Apply what `encode_changes` wrote; SQLite calls this inside of the statement, so that it is atomic."""
    session = msgspec.json.decode(data)
    to_set, to_remove, to_add = msgspec.json.decode(changes)
    session.update(to_set)
    for key in to_remove:
        session.pop(key, None)
    for key, amount in to_add.items():
        session[key] = counter(session, key) + amount
    return msgspec.json.encode(session).decode()


def connect(path: Path) -> sqlite3.Connection:
    """Open the file in autocommit: every statement is a transaction that ends with it."""
    connection = sqlite3.connect(path, timeout=STORE_TIMEOUT_SECONDS, isolation_level=None, check_same_thread=False)
    connection.text_factory = bytes  # text that is no UTF-8 is for `decode_row` to refuse
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.create_function("changed", 2, changed, deterministic=True)
    return connection


def touch(connection: sqlite3.Connection, values: dict[str, Any]) -> None:
    """Let the idle timeout start again, if that does not take long: a read waits less for others than a write does."""
    connection.execute(f"PRAGMA busy_timeout = {TOUCH_TIMEOUT_MS}")
    with suppress(sqlite3.Error):
        connection.execute(TOUCH, values)
    connection.execute(f"PRAGMA busy_timeout = {STORE_TIMEOUT_SECONDS * 1000:.0f}")


class SqliteStore:
    """A store in one file; the clock is the machine's."""

    def __init__(self, configuration: Configuration) -> None:
        self.path = file(configuration)
        self.free: deque[sqlite3.Connection] = deque()
        self.timeouts = {
            "idle": configuration.session_idle_seconds,
            "absolute": configuration.session_absolute_seconds,
        }

    @staticmethod
    def prepare(configuration: Configuration) -> None:
        """Make the file and its table where there are none."""
        path = file(configuration)
        create_file(path, 0o600)
        try:
            with closing(connect(path)) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.executescript(SCHEMA)
        except sqlite3.OperationalError as error:  # locked, perhaps by a replica that starts as well
            raise StoreUnavailable(error) from None
        except sqlite3.DatabaseError as error:
            raise ConfigurationError(f"STORE_URL: {error}") from None

    def read(self, sid: str) -> Record | None:
        """Moves `expires` only where that is worth a write, and lets it be where the file refuses."""
        values = self._values(sid)
        with self._connection() as connection:
            for data, age, gain in connection.execute(READ, values).fetchall():
                record = decode_row(data, age)
                if record and gain > values["idle"] / 60:
                    touch(connection, values)
                return record
        return None

    def create(self, sid: str, data: Data) -> None:
        """Collects ten that have expired with each that is new, so that they never outnumber the living."""
        values = self._values(sid, data=msgspec.json.encode(data).decode())
        with self._connection() as connection:
            connection.execute(CREATE, values)
            with suppress(sqlite3.Error):
                connection.execute(COLLECT, values)

    def change(self, sid: str, session: Session) -> bool:
        with self._connection() as connection:
            values = self._values(sid, new=session.sid, changes=encode_changes(session))
            return connection.execute(CHANGE, values).rowcount == 1

    def delete(self, sid: str) -> None:
        with self._connection() as connection:
            connection.execute(DELETE, {"id": sid})

    def version(self) -> str:
        with self._connection() as connection:
            connection.execute("SELECT 1 FROM sessions LIMIT 1").fetchall()
        return sqlite3.sqlite_version

    def _values(self, sid: str, **others: Any) -> dict[str, Any]:
        return {"id": sid, "now": time.time(), **self.timeouts, **others}

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection that no other thread has: there are as many as threads have worked at one time."""
        try:
            try:
                connection = self.free.pop()
            except IndexError:
                connection = connect(self.path)
            try:
                yield connection
            finally:
                self.free.append(connection)
        except sqlite3.Error as error:
            raise StoreUnavailable(error) from None
