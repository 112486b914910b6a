"""How this app talks to Redis: it gives up soon, and it never says a thing twice."""

from __future__ import annotations

from redis.asyncio import Connection, Redis
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as StoreConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as StoreTimeoutError
from redis.maint_notifications import MaintNotificationsConfig

from app.problems import StoreUnavailable

TIMEOUT_SECONDS = 0.5
NOT_YET = (StoreConnectionError, StoreTimeoutError)
NEVER = (RedisError,)


def connection(url: str) -> Connection:
    """Make a connection for one event loop; raises `ValueError` for a bad URL, and opens nothing before it is used.

    It repeats no command, since a count may not be added twice. With redis-py's notifications of maintenance, a feature
    of managed Redis, it would not see before use that the server has closed it.
    """
    return Connection(
        **parse_url(url),
        protocol=3,
        retry=Retry(NoBackoff(), 0),
        maint_notifications_config=MaintNotificationsConfig(enabled=False),
    )


def connect(url: str) -> Redis:
    """Make a client that gives up soon, for what is asked beside sessions."""
    return Redis.from_url(
        url,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
        maint_notifications_config=MaintNotificationsConfig(enabled=False),
    )


async def prepare(url: str) -> None:
    """See whether Redis answers; sessions need nothing there."""
    async with connect(url) as client:
        await client.ping()


async def version(url: str) -> str:
    """Ask Redis for its version; raises `StoreUnavailable` where it does not reply."""
    try:
        async with connect(url) as client:
            return str((await client.info("server"))["redis_version"])
    except RedisError:
        raise StoreUnavailable from None
