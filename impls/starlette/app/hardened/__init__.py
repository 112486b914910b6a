"""The hardened edition: what Starlette needs to keep the promises of SPEC.md."""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import Request

from app.configuration import Configuration
from app.hardened.cookie_store import CookieStore
from app.hardened.cross_origin import SameOriginOnly
from app.hardened.lazy_session import LazySession
from app.hardened.middleware import LazySessionMiddleware
from app.hardened.redis_store import RedisStore
from app.hardened.session_cookie import SessionCookie
from app.problems import server_error


def middleware(configuration: Configuration) -> list[Middleware]:
    """Give the app sessions in Redis or in a signed cookie, and refuse posts of other origins."""
    return [
        Middleware(SameOriginOnly),
        Middleware(
            LazySessionMiddleware,
            store=RedisStore(configuration) if configuration.store == "redis" else CookieStore(configuration),
            cookie=SessionCookie(configuration.session_cookie_name, configuration.session_cookie_secure),
            absolute=configuration.session_absolute_seconds,
        ),
        Middleware(ServerErrorMiddleware, handler=server_error),  # so that a 500 passes the sessions on its way out
    ]


async def open_session(request: Request) -> LazySession:
    """Read the session that the client has, once."""
    session: LazySession = request.scope["session"]
    await session.load()
    return session


async def destroy_session(request: Request) -> None:
    """End the session without reading it first."""
    session: LazySession = request.scope["session"]
    session.destroy()
