"""Starts the gallery: reads the configuration, serves with Granian."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from granian import Granian
from granian.constants import Interfaces, Loops

from app.configuration import ConfigurationError, from_environment


@contextmanager
def alone(host: str, port: int) -> Iterator[None]:
    """Keep a port to ourselves while the block runs; raises `ConfigurationError` where somebody has it.

    Granian shares its port, and of two galleries that start at once each would get some of the other's requests. Nobody
    shares the UDP port of the same number: whoever has that one may go on to look for those who listen already.
    """
    with socket.socket(type=socket.SOCK_DGRAM) as ours, socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            ours.bind((host, port))
            probe.bind((host, port))
        except OSError as error:
            raise ConfigurationError(f"PORT: {host}:{port}: {error.strerror}") from None
        probe.close()
        yield


def main() -> None:
    """Serve until told to stop, by one worker: visitors are in its memory."""
    try:
        configuration = from_environment()
        with alone(configuration.host, configuration.port):
            Granian(
                "app.main:create",
                factory=True,
                address=configuration.host,
                port=configuration.port,
                interface=Interfaces.ASGI,
                workers=1,
                loop=Loops.asyncio,  # which lets `main` say how many names are looked up at once
                websockets=False,
            ).serve()
    except ConfigurationError as error:
        sys.exit(f"cannot start: {error}")


if __name__ == "__main__":
    main()
