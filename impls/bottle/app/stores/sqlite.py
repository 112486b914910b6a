"""SQLite, asked over one connection a thread, in autocommit: a statement is done when it returns, or it was not."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from app.configuration import Configuration
from app.errors import CannotStart, NoAnswer
from app.stores.json_changes import changed

BUSY_SECONDS = 0.4  # twice within a request at most: for the moved timeout of the read, and for the write
SCHEMA = Path(__file__).with_name("sqlite.sql").read_text()


def connect(url: str) -> sqlite3.Connection:
    """Open `sqlite:///relative` or `sqlite:////absolute`. Waits `BUSY_SECONDS` for another process that is writing."""
    path = Path(url.removeprefix("sqlite:///")).absolute()  # so that ":memory:" is a file, as any other
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    connection.create_function("changed", 2, changed)
    # A crash of this app loses nothing that was acknowledged: the system has it. A power cut may lose the last changes.
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


class Client:
    """Keeps the file open: SQLite tidies up whenever the last connection closes."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.threads = threading.local()

    def ask(self, statement: str, values: Mapping[str, Any] | None = None) -> list[Any]:
        """Run one statement and return its rows; a file that is locked, full, read-only or damaged is a 503."""
        try:
            if not hasattr(self.threads, "connection"):
                self.threads.connection = connect(self.url)
            return list(self.threads.connection.execute(statement, values or {}))
        except sqlite3.Error:
            raise NoAnswer from None

    def version(self) -> str:
        return str(self.ask("SELECT sqlite_version(), count(*) FROM sqlite_master")[0][0])


def start(configuration: Configuration) -> None:
    """Open the file, or make it: for this user alone, and with it the two that SQLite puts beside it."""
    path = configuration.store_url.removeprefix("sqlite:///")
    try:
        if configuration.edition == "hardened":
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        with closing(connect(configuration.store_url)) as connection:
            connection.executescript(SCHEMA if configuration.edition == "hardened" else "SELECT 1 FROM sqlite_master")
    except OSError as error:
        raise CannotStart(f"STORE_URL: {path}: {error.strerror}") from None
    except sqlite3.Error as error:
        if error.sqlite_errorname.startswith("SQLITE_BUSY"):
            raise NoAnswer(f"{path}: {error}") from None
        raise CannotStart(f"STORE_URL: {path}: {error}") from None
