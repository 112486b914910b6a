"""Starts the app: reads the configuration, waits for the store, serves with Granian."""

from __future__ import annotations

import asyncio
import errno
import socket
import sys
import time

from granian import Granian
from granian.constants import Interfaces, Loops
from redis.exceptions import ConnectionError as StoreConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as StoreTimeoutError

from app.configuration import Configuration, ConfigurationError, from_environment
from app.redis_client import connect

STORE_WAIT_SECONDS = 10


class SurroundingsError(Exception):
    """The surroundings do not let the app run; the message says what is missing."""


async def wait_for_redis(url: str) -> None:
    """Return as soon as Redis answers; it may still be starting."""
    deadline = time.monotonic() + STORE_WAIT_SECONDS
    try:
        async with connect(url) as client:
            while True:
                try:
                    await client.ping()
                except (StoreConnectionError, StoreTimeoutError) as error:
                    if time.monotonic() > deadline:
                        raise SurroundingsError(f"STORE_URL: no answer in {STORE_WAIT_SECONDS} s: {error}") from None
                    await asyncio.sleep(0.1)
                else:
                    return
    except (ValueError, TypeError, RedisError) as error:  # a URL that redis-py cannot use, a database that is not there
        raise SurroundingsError(f"STORE_URL: {error}") from None


def check_port(configuration: Configuration) -> None:
    """Granian's workers find a taken port too late to say so in one line."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((configuration.host, configuration.port))
        except OSError as error:
            variable = "PORT" if error.errno in {errno.EADDRINUSE, errno.EACCES} else "HOST"
            raise SurroundingsError(
                f"{variable}: {configuration.host}:{configuration.port}: {error.strerror}"
            ) from None


def main() -> None:
    """Serve until told to stop."""
    try:
        configuration = from_environment()
        check_port(configuration)
        if configuration.store == "redis":
            asyncio.run(wait_for_redis(configuration.store_url))
    except (ConfigurationError, SurroundingsError) as error:
        sys.exit(f"cannot start: {error}")
    Granian(
        "app.main:create",
        factory=True,
        address=configuration.host,
        port=configuration.port,
        interface=Interfaces.ASGI,
        workers=configuration.workers,
        loop=Loops.asyncio,
        websockets=False,
    ).serve()


if __name__ == "__main__":
    main()
