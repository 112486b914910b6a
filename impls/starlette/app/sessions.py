"""The seam between the routes and an edition: what a session can do, and how a request gets at its own."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import MutableMapping
from typing import Any, Protocol, cast

from starlette.middleware import Middleware
from starlette.requests import Request

from app.configuration import Configuration


class Session(MutableMapping[str, Any]):
    """A mapping from short keys to JSON values, with two verbs that a mapping lacks."""

    @abstractmethod
    def increment(self, key: str) -> int:
        """Add one to a counter and return the new value."""

    @abstractmethod
    def rotate(self) -> None:
        """Change the session id, at a change of privilege."""


class Edition(Protocol):
    """What differs between the hardened and the stock edition."""

    def middleware(self, configuration: Configuration) -> list[Middleware]:
        """Give the app its sessions."""

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
