"""Sessions as rows of PostgreSQL, the data as jsonb. Each operation is one statement in autocommit, and so atomic."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg  # type: ignore[import-untyped] # it has no types
import msgspec

from app.configuration import Configuration
from app.hardened.lazy_session import CREATED, Data, LazySession
from app.hardened.server_store import decode
from app.postgres_client import pool
from app.problems import StoreUnavailable

QUEUE_SECONDS = 1.0  # for one of the connections; the statement has its own time
UNHEARD = (OSError, asyncpg.InterfaceError)  # no connection, or no answer in time
REFUSED = (asyncpg.PostgresError, asyncpg.InternalClientError)  # by the server, or on a connection that it had closed
# Times are the server's, since that clock is the one that all replicas share.
READ = """
SELECT data, extract(epoch FROM now()) - created AS age FROM sessions
WHERE id = $1 AND expires > extract(epoch FROM now())
"""
READ_AND_TOUCH = """
WITH due AS (
    SELECT id, least(extract(epoch FROM now()) + $2::float8, created + $3::float8) AS later FROM sessions
    WHERE id = $1 AND expires > extract(epoch FROM now())
        AND least(extract(epoch FROM now()) + $2, created + $3) > expires + $2 / 60
    FOR NO KEY UPDATE SKIP LOCKED
), touched AS (
    UPDATE sessions SET expires = later FROM due WHERE sessions.id = due.id
)
SELECT data, extract(epoch FROM now()) - created AS age FROM sessions
WHERE id = $1 AND expires > extract(epoch FROM now())
"""
CREATE = """
WITH dead AS (
    DELETE FROM sessions WHERE id = ANY (ARRAY(
        SELECT id FROM sessions WHERE expires <= extract(epoch FROM now())
        ORDER BY expires LIMIT 10 FOR UPDATE SKIP LOCKED
    ))
)
INSERT INTO sessions (id, data, created, expires)
SELECT $1, $2::jsonb, now, now + least($3::float8, $4::float8) FROM CAST(extract(epoch FROM now()) AS float8) AS now
"""
# Counts are added to what is left after setting and deleting; what is there and no count is taken for 0.
CHANGE = """
UPDATE sessions SET
    id = $2,
    data = (
        SELECT kept || coalesce((
            SELECT jsonb_object_agg(key, amount::bigint + CASE
                WHEN jsonb_typeof(kept -> key) = 'number' AND kept ->> key ~ '^-?[0-9]{1,18}$'
                THEN (kept ->> key)::bigint
                ELSE 0
            END)
            FROM jsonb_each_text($5::jsonb) AS added (key, amount)
        ), '{}')
        FROM (SELECT (data || $3::jsonb) - $4::text[] AS kept) AS others
    ),
    expires = least(extract(epoch FROM now()) + $6::float8, created + $7::float8)
WHERE id = $1 AND expires > extract(epoch FROM now()) AND jsonb_typeof(data) = 'object'
RETURNING id
"""
DELETE = "DELETE FROM sessions WHERE id = $1"


class PostgresRecords:
    """One row a session."""

    def __init__(self, configuration: Configuration) -> None:
        self.url = configuration.store_url
        self.idle = configuration.session_idle_seconds
        self.absolute = configuration.session_absolute_seconds

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self.pool = await pool(self.url)
        try:
            yield
        finally:
            self.pool.terminate()  # `close` would wait for a server that is frozen

    async def read(self, sid: str) -> Data | None:
        """One round trip; two where the server refuses to touch, or had closed the connection and answers on another.

        A live session's expiry is moved only where that moves it by more than a sixtieth of the idle timeout.
        """
        try:
            row = await self._ask(READ_AND_TOUCH, sid, self.idle, self.absolute)
        except REFUSED:
            row = await self._run(READ, sid)
        except UNHEARD:
            raise StoreUnavailable from None
        try:
            data = decode(row["data"]) if row else None
        except ValueError:  # nothing that we wrote
            return None
        return {**data, CREATED: time.time() - row["age"]} if isinstance(data, dict) else None

    async def create(self, sid: str, data: Data) -> None:
        stored = {key: value for key, value in data.items() if key != CREATED}
        await self._run(CREATE, sid, _encode(stored), self.idle, self.absolute)

    async def change(self, sid: str, new_sid: str, session: LazySession) -> bool:
        changed, added = _encode(session.changed), _encode(session.added)
        values = sid, new_sid, changed, list(session.deleted), added, self.idle, self.absolute
        return await self._run(CHANGE, *values) is not None

    async def delete(self, sid: str) -> None:
        await self._run(DELETE, sid)

    async def _run(self, statement: str, *values: Any) -> Any:
        """Return the first row; raises `StoreUnavailable` where the server does not answer, or refuses."""
        try:
            return await self._ask(statement, *values)
        except (*UNHEARD, *REFUSED):
            raise StoreUnavailable from None

    async def _ask(self, statement: str, *values: Any) -> Any:
        async with self.pool.acquire(timeout=QUEUE_SECONDS) as connection:
            try:
                return await connection.fetchrow(statement, *values)
            except asyncpg.PostgresError:  # the server's answer
                raise
            except BaseException:
                connection.terminate()  # a frozen server never answers the cancel that releasing would wait for
                raise


def _encode(value: Any) -> str:
    return msgspec.json.encode(value).decode()


open_records = PostgresRecords  # the name that `server_store` knows
