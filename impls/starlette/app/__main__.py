"""Starts the app: reads the configuration, waits for the store, serves with Granian."""

from __future__ import annotations

import asyncio
import errno
import socket
import sys
import time

from granian import Granian
from granian.constants import Interfaces, Loops

from app.configuration import Configuration, ConfigurationError, from_environment
from app.store_client import StoreClient, client_of

STORE_WAIT_SECONDS = 10


class SurroundingsError(Exception):
    """The surroundings do not let the app run; the message says what is missing."""


async def wait_for_store(client: StoreClient, url: str) -> None:
    """Return as soon as the store answers and has what sessions need; it may still be starting."""
    deadline = time.monotonic() + STORE_WAIT_SECONDS
    while True:
        try:
            return await client.prepare(url)
        except (ValueError, TypeError):  # what it says may have a part of the password in it
            raise SurroundingsError("STORE_URL: it cannot be read as a URL") from None
        except client.NOT_YET as error:
            if time.monotonic() > deadline:
                late = f"no answer in {STORE_WAIT_SECONDS} s: {first_line(error)}"
                raise SurroundingsError(f"STORE_URL: {late}") from None
            await asyncio.sleep(0.1)
        except client.NEVER as error:  # a database that is not there, a file that cannot be made
            raise SurroundingsError(f"STORE_URL: {first_line(error)}") from None


def first_line(error: Exception) -> str:
    """Return the first line of what an error says, or what it is called where it says nothing."""
    return (str(error) or type(error).__name__).splitlines()[0]


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
        if configuration.store != "cookie":
            asyncio.run(wait_for_store(client_of(configuration.store), configuration.store_url))
    except (ConfigurationError, SurroundingsError) as error:
        sys.exit(f"cannot start: {error}")
    Granian(
        "app.main:create",
        factory=True,
        address=configuration.host,
        port=configuration.port,
        interface=Interfaces.ASGI,
        workers=configuration.workers,
        loop=Loops.uvloop,
        websockets=False,
    ).serve()


if __name__ == "__main__":
    main()
