"""A look into a SQLite file of sessions, in the place and as the user that the file belongs to.

The standard library alone: a container's Python runs this file as it is, `python -c SOURCE FILE`, and answers a line of
JSON for each line of JSON, `{"do": method, …}` with `{"value": …}` or `{"error": kind, "message": …}`.

Layouts that are known: ours, `sessions(id, data, created, expires)`; Flask-Session's,
`sessions(id, session_id, data, expiry)`; Beaker's, `beaker_cache(id, namespace, accessed, created, data)`.
"""

from __future__ import annotations

import base64
import errno
import json
import os
import sqlite3
import sys
import time
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

BUSY_SECONDS = 5.0
KEYS = ("session_id", "namespace", "id")  # by what a column is called: the first that a table has
EXPIRIES = ("expires", "expiry")
DATA = "data"
FILLER = "filler"
BLOCKS = (1 << 16, 1 << 12)


class Layout(NamedTuple):
    """The columns of a table of sessions; `expiry` is None where the library writes none down."""

    table: str
    key: str
    expiry: str | None


def layout(table: str, columns: Collection[str]) -> Layout | None:
    """Return where a table has its sessions; None where it holds something else."""
    key = next((each for each in KEYS if each in columns), None)
    if not key or DATA not in columns:
        return None
    return Layout(table, key, next((each for each in EXPIRIES if each in columns), None))


def seconds_left(expiry: Any) -> float | None:
    """Return how long a record lives yet: its expiry is seconds since 1970, or a time in UTC, as a text or not."""
    if expiry is None:
        return None
    if isinstance(expiry, str):
        expiry = datetime.fromisoformat(expiry)
    if isinstance(expiry, datetime):
        expiry = expiry.replace(tzinfo=expiry.tzinfo or UTC).timestamp()
    return float(expiry) - time.time()


class SqliteFile:
    """One file; every look opens it anew, so that nothing of ours is in the app's way."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._lock: sqlite3.Connection | None = None
        self._kept: sqlite3.Connection | None = None

    def entries(self) -> list[tuple[str, str, float | None]]:
        """Return key, data (in base64) and seconds left of every record."""
        found: list[tuple[str, str, float | None]] = []
        with self._opened() as database:
            for table, key, expiry in _layouts(database):
                rows = database.execute(f'SELECT "{key}", "{DATA}", {_name(expiry)} FROM "{table}" ORDER BY 1')  # noqa: S608 -- names of its own schema
                found += [(str(each[0]), _base64(each[1]), seconds_left(each[2])) for each in rows]
        return found

    def plant(self, key: str, data: str) -> None:
        """Replace a record's data (in base64); as text where it was text and the bytes are."""
        raw = base64.b64decode(data)
        with self._opened() as database:
            for table, column, _ in _layouts(database):
                where = f'FROM "{table}" WHERE "{column}" = ?'
                was = database.execute(f'SELECT typeof("{DATA}") {where}', [key]).fetchone()
                if was:
                    value = _text(raw) if was[0] == "text" else raw
                    database.execute(f'UPDATE "{table}" SET "{DATA}" = ? WHERE "{column}" = ?', [value, key])  # noqa: S608 -- as above
                    return
        raise KeyError(key)

    def flush(self) -> None:
        """Remove every record."""
        with self._opened() as database:
            for each in _layouts(database):
                database.execute(f'DELETE FROM "{each.table}"')  # noqa: S608 -- as above

    def lock(self) -> None:
        """Take the lock for writing and keep it; without a write-ahead log readers wait as well."""
        self._lock = self._connect()
        self._lock.execute("BEGIN EXCLUSIVE")

    def unlock(self) -> None:
        """Give the lock back."""
        if self._lock:
            self._lock.close()
            self._lock = None

    def fill(self) -> None:
        """Take all the room that its file system has, what an emptied write-ahead log would reuse among it."""
        with self._opened() as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            # Without a connection that stays, the index of the log would go with the last one, and reads want it again.
            self._kept = self._connect()
            self._kept.execute("SELECT count(*) FROM sqlite_master")
        with (self._path.parent / FILLER).open("ab", buffering=0) as filler:
            for size in BLOCKS:
                _write_until_full(filler.fileno(), bytes(size))

    def unfill(self) -> None:
        """Give the room back."""
        (self._path.parent / FILLER).unlink(missing_ok=True)
        if self._kept:
            self._kept.close()
            self._kept = None

    def modes(self) -> dict[str, int]:
        """Return the permission bits of its folder, as `.`, and of the files there."""
        folder = self._path.parent
        return {str(path.relative_to(folder)): path.stat().st_mode & 0o7777 for path in [folder, *folder.iterdir()]}

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """Open it; an empty one where no app has made it yet."""
        with closing(self._connect() if self._path.exists() else sqlite3.connect(":memory:")) as database:
            yield database

    def _connect(self) -> sqlite3.Connection:
        address = f"file:{quote(str(self._path))}?mode=rw"
        return sqlite3.connect(address, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, uri=True)


def answer(file: SqliteFile, line: str) -> str:
    """Do what a line asks for."""
    request = json.loads(line)
    try:
        value = getattr(file, request.pop("do"))(**request)
    except sqlite3.IntegrityError as error:
        return json.dumps({"error": "refused", "message": str(error)})
    except KeyError as error:
        return json.dumps({"error": "missing", "message": error.args[0]})
    except (sqlite3.Error, OSError) as error:
        return json.dumps({"error": "failed", "message": str(error)})
    return json.dumps({"value": value})


def main() -> None:
    """Answer until the input ends."""
    file = SqliteFile(sys.argv[1])
    for line in sys.stdin:
        print(answer(file, line), flush=True)


def _layouts(database: sqlite3.Connection) -> list[Layout]:
    tables = [str(each[0]) for each in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    columns = {table: [str(each[1]) for each in database.execute(f'PRAGMA table_info("{table}")')] for table in tables}
    return [found for table in tables if (found := layout(table, columns[table]))]


def _name(column: str | None) -> str:
    return f'"{column}"' if column else "NULL"


def _base64(value: Any) -> str:
    raw = value if isinstance(value, bytes) else b"" if value is None else str(value).encode()
    return base64.b64encode(raw).decode()


def _text(raw: bytes) -> str | bytes:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


def _write_until_full(file: int, block: bytes) -> None:
    try:
        while True:
            os.write(file, block)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise


if __name__ == "__main__":
    main()
