"""The seam between the routes and an edition: what a session can do, and how a request gets at its own."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import MutableMapping
from typing import Any, Protocol, cast

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.types import Lifespan

from app.configuration import Configuration

LARGEST_COUNT = 10**18  # exclusive; what every store adds up in 64 bits


def as_count(value: object) -> int:
    """Return a counter as it was stored; where there is none, or something else was put into its place, it is 0."""
    return value if type(value) is int and abs(value) < LARGEST_COUNT else 0


class Session(MutableMapping[str, Any]):
    """A mapping from short keys to JSON values, with the verbs that a mapping lacks."""

    def number(self, key: str) -> int:
        """Return a counter, 0 where there is none."""
        return as_count(self.get(key))

    @abstractmethod
    def increment(self, key: str) -> int:
        """Add one to a counter and return the new value."""

    @abstractmethod
    def rotate(self) -> None:
        """Change the session id, at a change of privilege."""


class Edition(Protocol):
    """What differs between the hardened edition and the stock ones."""

    LIBRARY: str
    """The package that the sessions come from."""

    def sessions(self, configuration: Configuration) -> tuple[list[Middleware], Lifespan[Starlette] | None]:
        """Return what gives the app its sessions, and what is kept open for them as long as the app runs."""

    async def open_session(self, request: Request) -> Session:
        """Read the session that the client has, or begin a new one."""

    async def destroy_session(self, request: Request) -> None:
        """End the session."""


def edition_of(request: Request) -> Edition:
    """Return the edition that this app runs."""
    return cast("Edition", request.app.state.edition)


async def open_session(request: Request) -> Session:
    """Read the session that the client has, or begin a new one; nothing is read before."""
    return await edition_of(request).open_session(request)


async def destroy_session(request: Request) -> None:
    """End the session that the client has."""
    await edition_of(request).destroy_session(request)
