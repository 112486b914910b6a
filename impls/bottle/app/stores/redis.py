"""Redis, asked by a client that gives up soon: redis-py by itself would let a web request wait for a minute."""

from __future__ import annotations

from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.configuration import Configuration
from app.errors import CannotStart, NoAnswer

TIMEOUT_SECONDS = 0.5


class Client:
    """Never repeats a command: a count may not be added twice. Raises ValueError for a bad URL."""

    def __init__(self, url: str) -> None:
        self.redis = redis.Redis.from_url(
            url,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )

    def ask(self, command: Any, *arguments: Any, **options: Any) -> Any:
        """Run a command; a Redis that does not answer, or not as it should, is a 503."""
        try:
            return command(*arguments, **options)
        except redis.RedisError:
            raise NoAnswer from None

    def version(self) -> str:
        return str(self.ask(self.redis.info, "server")["redis_version"])


def start(configuration: Configuration) -> None:
    """Ask Redis whether it is up by now."""
    try:
        with Client(configuration.store_url).redis as connection:
            connection.ping()
    except ValueError:  # whose message may have a part of the password in it
        raise CannotStart("STORE_URL: not a URL of Redis") from None
    except (redis.ConnectionError, redis.TimeoutError) as error:
        if isinstance(error, redis.AuthenticationError):
            raise CannotStart(f"STORE_URL: {error}") from None
        raise NoAnswer from None
    except redis.RedisError as error:  # an answer that waiting will not change
        raise CannotStart(f"STORE_URL: {error}") from None
