"""How this app talks to Redis: it gives up soon, and it never says a thing twice."""

from __future__ import annotations

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as StoreConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as StoreTimeoutError
from redis.maint_notifications import MaintNotificationsConfig

from app.problems import StoreUnavailable

TIMEOUT_SECONDS = 0.5
CONNECTIONS = 50
NOT_YET = (StoreConnectionError, StoreTimeoutError)
NEVER = (RedisError,)


def connect(url: str) -> Redis:
    """Make a client for one event loop; raises `ValueError` for a bad URL, and opens nothing before its first command.

    It repeats no command, since a count may not be added twice. Where all connections are busy it waits for one:
    redis-py's other pool fails at once then, which a burst of requests would be enough for. With its notifications of
    maintenance, a feature of managed Redis, it would not see before use that the server has closed a connection.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=CONNECTIONS,
        timeout=TIMEOUT_SECONDS,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
        maint_notifications_config=MaintNotificationsConfig(enabled=False),
    )
    return Redis.from_pool(pool)


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
