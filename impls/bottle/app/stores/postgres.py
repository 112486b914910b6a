"""PostgreSQL, asked over a pool of connections in autocommit, by a client that stops waiting for a frozen server."""

from __future__ import annotations

import select
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import psycopg
from psycopg.abc import RV, PQGen
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool

from app.configuration import BLOCKING_THREADS, Configuration
from app.errors import CannotStart, NoAnswer

TIMEOUT_SECONDS = 0.5
SCHEMA = Path(__file__).with_name("postgres.sql").read_text()
SCHEMA_LOCK = 0x5E5510  # any number that the replicas agree on
OPTIONS: dict[str, Any] = {
    "autocommit": True,
    "connect_timeout": 2,  # seconds; libpq's minimum
    "prepare_threshold": None,  # preparing is a round trip of its own
    # What waits in the server ends before we stop waiting for it: nothing is done that was answered by a 503.
    "options": "-c statement_timeout=400ms",
}


class Connection(psycopg.Connection[tuple[Any, ...]]):
    """A connection that waits `TIMEOUT_SECONDS`. A frozen server still acknowledges TCP: only the client can tell."""

    @classmethod
    def connect(cls, conninfo: str = "", **options: Any) -> Self:
        """Connect, or leave nothing open.

        psycopg's error refers to the frame that holds the half-made connection, which refers to the error: it would
        stay open, at both ends, until garbage is collected, which a process that is idle may never do.
        """
        try:
            return super().connect(conninfo, **options)
        except psycopg.Error as error:
            raise error.with_traceback(None) from None

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = TIMEOUT_SECONDS) -> RV:
        return super().wait(gen, interval, timeout)


class Client:
    """One connection a thread, made in the background, since making one may take longer than a request can wait."""

    def __init__(self, url: str) -> None:
        self.pool = ConnectionPool(
            url,
            connection_class=Connection,
            kwargs=OPTIONS,
            min_size=0,
            max_size=BLOCKING_THREADS,
            timeout=TIMEOUT_SECONDS,
            reconnect_timeout=0,  # by default the pauses between attempts grow to minutes, also when the server is back
            open=True,
        )

    def ask(
        self, statement: str, values: Mapping[str, Any] | None = None, *, instead: str | None = None
    ) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows; a server that does not answer, or refuses, is a 503.

        `instead` must only read. It is run where the server refused the statement or hung up, but did not keep silent.
        """
        try:
            connection = self._connection()
            try:
                return connection.execute(statement, values).fetchall()
            except psycopg.Error:
                if instead is None or connection.info.transaction_status == TransactionStatus.ACTIVE:
                    raise
            finally:
                self.pool.putconn(connection)  # which closes it where an answer is still to come
        except psycopg.Error:
            raise NoAnswer from None
        return self.ask(instead, values)

    def version(self) -> str:
        return str(self.ask("SELECT split_part(current_setting('server_version'), ' ', 1)")[0][0])

    def _connection(self) -> Connection:
        """Take a connection from the pool; those that the server has closed meanwhile are replaced."""
        while has_news(connection := self.pool.getconn()):
            connection.close()
            self.pool.putconn(connection)
        return connection


def has_news(connection: Connection) -> bool:
    """Tell whether a server that was asked nothing has said something: mostly that it has closed the connection."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def start(configuration: Configuration) -> None:
    """Make the table where it is not there yet; replicas that start at once take turns."""
    try:
        conninfo_to_dict(configuration.store_url)
    except psycopg.ProgrammingError:  # whose message may have a part of the password in it
        raise CannotStart("STORE_URL: not a URL of PostgreSQL") from None
    try:
        with Connection.connect(configuration.store_url, **OPTIONS) as connection, connection.transaction():
            if connection.execute("SELECT to_regclass('sessions') IS NULL").fetchall() == [(True,)]:
                connection.execute("SELECT pg_advisory_xact_lock(%s)", [SCHEMA_LOCK])
                connection.execute(SCHEMA)
    except psycopg.Error as error:
        # Of libpq's own messages only what the server said is sure to quote nothing of the URL.
        said = str(error).partition("FATAL:")[2] or error.diag.message_primary or "no answer"
        raise NoAnswer(said.strip().splitlines()[0]) from None
