"""The stock edition on Redis: starsessions as its README shows it, and nothing more."""

from __future__ import annotations

from redis.asyncio import Redis
from starlette.middleware import Middleware
from starsessions import SessionAutoloadMiddleware, SessionMiddleware
from starsessions.stores.redis import RedisStore

from app.configuration import Configuration
from app.stock_cookie import destroy_session, open_session

__all__ = ["LIBRARY", "destroy_session", "open_session", "sessions"]

LIBRARY = "starsessions"


def sessions(configuration: Configuration) -> tuple[list[Middleware], None]:
    """Give the app sessions in Redis, all else at the library's defaults but for `Secure`, which plain HTTP has not."""
    middleware = [
        Middleware(
            SessionMiddleware,
            store=RedisStore(connection=Redis.from_url(configuration.store_url)),
            cookie_name=configuration.session_cookie_name,
            cookie_https_only=configuration.session_cookie_secure,
        ),
        Middleware(SessionAutoloadMiddleware),
    ]
    return middleware, None
