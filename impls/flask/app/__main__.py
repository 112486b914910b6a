"""Starts the app: reads the configuration, waits for the store, serves with Granian."""

from __future__ import annotations

import socket
import sys
import time

from granian import Granian
from granian.constants import Interfaces, Loops

from app.configuration import Configuration, ConfigurationError, from_environment
from app.hardened.store import StoreUnavailable
from app.main import edition_of

STORE_WAIT_SECONDS = 10
BLOCKING_THREADS = 4


class CannotStart(Exception):
    """The surroundings do not let the app run; the message says what is missing."""


def wait_for_store(configuration: Configuration) -> None:
    """Return as soon as the store is ready; it may still be starting."""
    deadline = time.monotonic() + STORE_WAIT_SECONDS
    edition = edition_of(configuration)
    while True:
        try:
            return edition.prepare(configuration)
        except StoreUnavailable as error:
            if time.monotonic() > deadline:
                raise CannotStart(f"STORE_URL: no answer in {STORE_WAIT_SECONDS} s: {error.description}") from None
            time.sleep(0.1)


def check_port(configuration: Configuration) -> None:
    """Granian's workers find a taken port too late to say so in one line."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((configuration.host, configuration.port))
        except OSError as error:
            raise CannotStart(f"PORT: {configuration.host}:{configuration.port}: {error.strerror}") from None


def main() -> None:
    """Serve until told to stop."""
    try:
        configuration = from_environment()
        check_port(configuration)
        wait_for_store(configuration)
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
