"""How the app reaches its store: a module for each kind, with a `Client` and a `start`.

Only that of the configured store is imported, as each driver costs memory and time.
"""

from __future__ import annotations

import time
from pkgutil import resolve_name
from typing import Protocol

from app.configuration import Configuration
from app.errors import CannotStart, NoAnswer

WAIT_SECONDS = 10


class Client(Protocol):
    """A store that answers soon or not at all. Used by all threads of a process."""

    def version(self) -> str:
        """Ask the store for its version; answers 503 where it does not reply."""


def open_client(configuration: Configuration) -> Client:
    """Make the client of a process; nothing is asked of the store yet."""
    client: Client = resolve_name(f"app.stores.{configuration.store}:Client")(configuration.store_url)
    return client


def start(configuration: Configuration) -> None:
    """Return as soon as the store can be used; raises `CannotStart` where it cannot.

    It may still be starting, and another process may be making the table.
    """
    start_store = resolve_name(f"app.stores.{configuration.store}:start")
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            start_store(configuration)
        except NoAnswer as error:
            if time.monotonic() > deadline:
                raise CannotStart(f"STORE_URL: {error.reason}, after {WAIT_SECONDS} s") from None
            time.sleep(0.1)
        else:
            return
