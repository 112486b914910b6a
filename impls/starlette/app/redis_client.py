"""How this app talks to Redis: it gives up soon, and it never says a thing twice."""

from __future__ import annotations

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

TIMEOUT_SECONDS = 0.5
CONNECTIONS = 50


def connect(url: str) -> Redis:
    """Make a client for one event loop; raises `ValueError` for a bad URL, and opens nothing before its first command.

    It repeats no command, since a count may not be added twice. Where all connections are busy it waits for one:
    redis-py's other pool fails at once then, which a burst of requests would be enough for.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=CONNECTIONS,
        timeout=TIMEOUT_SECONDS,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    return Redis.from_pool(pool)
