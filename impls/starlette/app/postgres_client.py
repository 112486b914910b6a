"""How this app talks to PostgreSQL: it gives up soon, and it never says a thing twice."""

from __future__ import annotations

from typing import Any

import asyncpg  # type: ignore[import-untyped] # it has no types

from app.problems import StoreUnavailable

TIMEOUT_SECONDS = 0.6
SETTINGS = {
    "timeout": TIMEOUT_SECONDS,  # of connecting
    "command_timeout": TIMEOUT_SECONDS,
    "max_cached_statement_lifetime": 0,  # for ever: preparing one again is a round trip
    # The server gives up a little sooner, so that what waits for a lock is not done after we said that it was not.
    "server_settings": {"statement_timeout": "500"},
}
CONNECTIONS = 5  # a worker
SCHEMA = """
SELECT pg_advisory_xact_lock(hashtext('same-session.schema'));  -- IF NOT EXISTS alone fails where two do it at once
CREATE TABLE IF NOT EXISTS sessions (
    id text PRIMARY KEY,
    data jsonb NOT NULL,
    created double precision NOT NULL,
    expires double precision NOT NULL
);
CREATE INDEX IF NOT EXISTS sessions_expires ON sessions (expires);
"""
NOT_YET = (
    OSError,  # TimeoutError is one
    asyncpg.CannotConnectNowError,
    asyncpg.ConnectionDoesNotExistError,
    asyncpg.QueryCanceledError,
    asyncpg.TooManyConnectionsError,
)
NEVER = (asyncpg.PostgresError, asyncpg.InterfaceError)


async def _keep(_connection: Any) -> None:
    """Leave a connection as it is: we change nothing about it, and asyncpg's reset would be a round trip."""


def pool(url: str) -> Any:
    """Make a pool of connections for the running event loop; it opens none before its first statement."""
    return asyncpg.create_pool(url, min_size=0, max_size=CONNECTIONS, reset=_keep, **SETTINGS)


async def prepare(url: str) -> None:
    """Make the table, or see that it is there: a role, or a server, that may only use it is enough then."""
    connection = await asyncpg.connect(url, **SETTINGS)
    try:
        try:
            await connection.execute("SELECT id, data, created, expires FROM sessions LIMIT 0")
        except asyncpg.UndefinedTableError:
            await connection.execute(SCHEMA)
    finally:
        connection.terminate()


async def version(url: str) -> str:
    """Return the server's version; raises `StoreUnavailable` where it does not reply."""
    try:
        connection = await asyncpg.connect(url, **SETTINGS)
    except (OSError, *NEVER):
        raise StoreUnavailable from None
    try:
        return str(connection.get_settings().server_version).partition(" ")[0]
    finally:
        connection.terminate()
