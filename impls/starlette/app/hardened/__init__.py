"""The hardened edition: what Starlette needs to keep the promises of SPEC.md."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import Request
from starlette.types import Lifespan

from app.configuration import Configuration
from app.hardened.cookie_store import CookieStore
from app.hardened.cross_origin import SameOriginOnly
from app.hardened.lazy_session import LazySession
from app.hardened.middleware import LazySessionMiddleware
from app.hardened.server_store import ServerStore
from app.hardened.session_cookie import SessionCookie
from app.problems import server_error

LIBRARY = "Starlette"  # the seam that it leaves open


def sessions(configuration: Configuration) -> tuple[list[Middleware], Lifespan[Starlette]]:
    """Give the app sessions in its store or in a signed cookie, and refuse posts of other origins."""
    store = CookieStore(configuration) if configuration.store == "cookie" else ServerStore(configuration)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with store.running():
            yield

    middleware = [
        Middleware(SameOriginOnly),
        Middleware(
            LazySessionMiddleware,
            store=store,
            cookie=SessionCookie(configuration.session_cookie_name, configuration.session_cookie_secure),
            absolute=configuration.session_absolute_seconds,
        ),
        Middleware(ServerErrorMiddleware, handler=server_error),  # so that a 500 passes the sessions on its way out
    ]
    return middleware, lifespan


async def open_session(request: Request) -> LazySession:
    """Read the session that the client has, once."""
    session: LazySession = request.scope["session"]
    await session.load()
    return session


async def destroy_session(request: Request) -> None:
    """End the session without reading it first."""
    session: LazySession = request.scope["session"]
    session.destroy()
