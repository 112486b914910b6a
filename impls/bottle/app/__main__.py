"""Starts the app: reads the configuration, waits for the store, serves with Granian."""

from __future__ import annotations

import socket
import sys

from granian import Granian
from granian.constants import Interfaces, Loops

from app import stores
from app.configuration import BLOCKING_THREADS, Configuration, ConfigurationError, from_environment
from app.errors import CannotStart


def check_port(configuration: Configuration) -> None:
    """Granian's workers find a taken port too late to say so in one line."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((configuration.host, configuration.port))
        except OSError as error:
            raise CannotStart(f"HOST, PORT: {configuration.host}:{configuration.port}: {error.strerror}") from None


def main() -> None:
    """Serve until told to stop."""
    try:
        configuration = from_environment()
        check_port(configuration)
        stores.start(configuration)
    except (ConfigurationError, CannotStart) as error:
        sys.exit(f"cannot start: {error}")
    Granian(
        "app.main:create",
        factory=True,
        address=configuration.host,
        port=configuration.port,
        interface=Interfaces.WSGI,
        workers=configuration.workers,
        blocking_threads=BLOCKING_THREADS,
        loop=Loops.asyncio,
        websockets=False,
    ).serve()


if __name__ == "__main__":
    main()
