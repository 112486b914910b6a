"""Sessions as rows in PostgreSQL, which any number of replicas share. The clock is the server's.

Every verb is one statement in autocommit: one round trip, and no transaction that could be left open. A read takes a
second round trip where the server refuses to move `expires`.
"""

from __future__ import annotations

import select
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, LiteralString, TypeVar

import msgspec
import psycopg
from psycopg.abc import PQGen
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import ConnectionPool

from app.configuration import Configuration, ConfigurationError
from app.hardened.lazy_session import Data, Record, Session
from app.hardened.store import STORE_TIMEOUT_SECONDS, StoreUnavailable, decode_row, encode_changes

MOST_CONNECTIONS = 4  # a worker's, one a thread
SERVER_TIMEOUT_MS = 400  # sooner than ours
SCHEMA = """
SELECT pg_advisory_xact_lock(hashtext('same-session')); -- IF NOT EXISTS alone is not safe when replicas start together
CREATE TABLE IF NOT EXISTS sessions (
    id text PRIMARY KEY, data jsonb NOT NULL, created float8 NOT NULL, expires float8 NOT NULL -- seconds since 1970
);
CREATE INDEX IF NOT EXISTS sessions_expires ON sessions (expires);
"""
READ = """
WITH clock AS (SELECT extract(epoch FROM now())::float8 AS now)
SELECT data::text, now - created FROM sessions, clock WHERE id = %(id)s AND expires > now
"""
# A read waits for nobody: the touch does not wait for the disk, and leaves out a row that another request is changing,
# since that one moves `expires`.
READ_AND_TOUCH = """
WITH clock AS (
    SELECT extract(epoch FROM now())::float8 AS now, set_config('synchronous_commit', 'off', true) -- of this statement
),
touch AS (
    UPDATE sessions SET expires = least(now + %(idle)s, created + %(absolute)s) FROM clock
    WHERE id = ANY (ARRAY(
        SELECT id FROM sessions, clock
        WHERE id = %(id)s AND expires > now AND least(now + %(idle)s, created + %(absolute)s) - expires > %(idle)s / 60
        FOR UPDATE OF sessions SKIP LOCKED
    ))
)
SELECT data::text, now - created FROM sessions, clock WHERE id = %(id)s AND expires > now
"""
# With each session that is new ten that have expired go, so that they never outnumber the living.
CREATE = """
WITH clock AS (SELECT extract(epoch FROM now())::float8 AS now),
collect AS (
    DELETE FROM sessions WHERE id = ANY (ARRAY(
        SELECT id FROM sessions, clock WHERE expires <= now ORDER BY expires LIMIT 10 FOR UPDATE OF sessions SKIP LOCKED
    ))
)
INSERT INTO sessions (id, data, created, expires)
SELECT %(id)s, %(data)s::jsonb, now, now + least(%(idle)s, %(absolute)s) FROM clock
"""
# What is no whole number of up to 15 digits is no counter: it starts at nothing.
CHANGE = """
WITH clock AS (SELECT extract(epoch FROM now())::float8 AS now)
UPDATE sessions SET
    id = %(new)s,
    expires = least(now + %(idle)s, created + %(absolute)s),
    data = (
        SELECT base || coalesce((
            SELECT jsonb_object_agg(key, amount::bigint +
                CASE WHEN (base -> key)::text ~ '^-?[0-9]{1,15}$' THEN (base -> key)::bigint ELSE 0 END)
            FROM jsonb_each_text(changes -> 2) AS counters (key, amount)
        ), '{}')
        FROM (SELECT (data || (changes -> 0)) - ARRAY(SELECT jsonb_array_elements_text(changes -> 1)) AS base) AS rest
    )
FROM clock, (SELECT %(changes)s::jsonb AS changes) AS request
WHERE id = %(id)s AND expires > now
"""
DELETE = "DELETE FROM sessions WHERE id = %(id)s"

Result = TypeVar("Result")


@contextmanager
def unavailable() -> Iterator[None]:
    """Turn what psycopg raises into the one error that the app knows."""
    try:
        yield
    except psycopg.Error as error:
        raise StoreUnavailable(error) from None


class Connection(psycopg.Connection[Any]):
    """A connection that does not wait for ever for a server that is frozen: its kernel goes on answering for it."""

    def wait(self, gen: PQGen[Result], interval: float = 0.1, timeout: float | None = STORE_TIMEOUT_SECONDS) -> Result:
        return super().wait(gen, interval, timeout)


def limit(connection: Connection) -> None:
    """Have a server that works end what we no longer wait for."""
    connection.execute(f"SET statement_timeout = {SERVER_TIMEOUT_MS}")


def check(url: str) -> None:
    """Refuse a malformed URL without libpq's own words, which may show a password that was not percent-encoded."""
    try:
        parts = conninfo_to_dict(url)
    except psycopg.Error:
        parts = {"host": "@"}
    if "@" in str(parts.get("host")) or not str(parts.get("port") or 5432).replace(",", "").isdecimal():
        raise ConfigurationError("STORE_URL: not a URL that libpq reads")


class PostgresStore:
    """A store whose connections are made in the background: to connect may take longer than an answer may."""

    def __init__(self, configuration: Configuration) -> None:
        self.timeouts = {
            "idle": float(configuration.session_idle_seconds),
            "absolute": float(configuration.session_absolute_seconds),
        }
        self.pool = ConnectionPool(
            configuration.store_url,
            connection_class=Connection,
            kwargs={"autocommit": True, "prepare_threshold": None, "connect_timeout": 2},
            configure=limit,
            min_size=1,
            max_size=MOST_CONNECTIONS,
            timeout=STORE_TIMEOUT_SECONDS,
            reconnect_timeout=0,  # the next request tries again, without a growing delay
            open=True,
        )

    @staticmethod
    def prepare(configuration: Configuration) -> None:
        """Make the table where there is none: to a server that is read-only that is no reason not to start."""
        url = configuration.store_url
        check(url)
        with unavailable(), Connection.connect(url, autocommit=True, connect_timeout=2) as connection:
            if connection.execute("SELECT to_regclass('sessions')").fetchone() == (None,):
                connection.execute(SCHEMA)

    def read(self, sid: str) -> Record | None:
        values = {"id": sid, **self.timeouts}
        with unavailable():
            try:
                row = self._execute(READ_AND_TOUCH, values).fetchone()
            except psycopg.Error as error:
                if not error.sqlstate:
                    raise  # no answer
                # It is read-only, full or locked as a whole; or it ended this connection, and there is another one.
                row = self._execute(READ, values).fetchone()
        return decode_row(*row) if row else None

    def create(self, sid: str, data: Data) -> None:
        with unavailable():
            self._execute(CREATE, {"id": sid, "data": msgspec.json.encode(data).decode(), **self.timeouts})

    def change(self, sid: str, session: Session) -> bool:
        values = {"id": sid, "new": session.sid, "changes": encode_changes(session), **self.timeouts}
        with unavailable():
            return self._execute(CHANGE, values).rowcount == 1

    def delete(self, sid: str) -> None:
        with unavailable():
            self._execute(DELETE, {"id": sid})

    def version(self) -> str:
        with unavailable():
            version = self._execute("SHOW server_version", {}).fetchall()[0][0]
        return str(version).partition(" ")[0]

    def _execute(self, statement: LiteralString, values: dict[str, Any]) -> psycopg.Cursor[Any]:
        """Run a statement; the pool replaces a connection that comes back closed, or in the middle of a statement."""
        connection = self._connection()
        try:
            return connection.execute(statement, values)
        finally:
            self.pool.putconn(connection)

    def _connection(self) -> Connection:
        """Take a connection from the pool, but none that the server has closed meanwhile."""
        connection = self.pool.getconn()
        while has_input(connection):
            connection.close()
            self.pool.putconn(connection)
            connection = self.pool.getconn()
        return connection


def has_input(connection: Connection) -> bool:
    """Return whether the server says something unasked: a farewell, or nothing more. This costs no round trip."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
