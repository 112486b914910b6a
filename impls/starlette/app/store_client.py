"""What the app asks of a store beside sessions. A driver is imported only where its store is the one in use."""

from __future__ import annotations

from importlib import import_module
from typing import Protocol, cast


class StoreClient(Protocol):
    """A module that knows one kind of store: `redis_client`, `sqlite_client`, `postgres_client`."""

    NOT_YET: tuple[type[Exception], ...]
    """What `prepare` raises where the store may be there in a moment."""
    NEVER: tuple[type[Exception], ...]
    """What `prepare` raises where waiting does not help."""

    async def prepare(self, url: str) -> None:
        """Make what sessions need in the store; raises `ValueError` for a URL that cannot be read."""

    async def version(self, url: str) -> str:
        """Ask the store for its version; raises `StoreUnavailable` where it does not reply."""


def client_of(store: str) -> StoreClient:
    """Import the client of a kind of store."""
    return cast("StoreClient", import_module(f"app.{store}_client"))
