"""Redis clients that give up soon: a web request cannot wait a minute, which is what redis-py would do by default."""

from __future__ import annotations

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

TIMEOUT_SECONDS = 0.5


def connect(url: str) -> redis.Redis:
    """Make a client that never repeats a command: a count may not be added twice. Raises ValueError for a bad URL."""
    return redis.Redis.from_url(
        url,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
