"""The stock edition on cookies: Starlette's SessionMiddleware as its documentation shows it, and nothing more."""

from __future__ import annotations

from collections import UserDict
from typing import Any

from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request

from app.configuration import Configuration
from app.sessions import Session

LIBRARY = "Starlette"


class StockSession(UserDict[str, Any], Session):
    """`request.session` with the verbs of the app, done as everybody does them."""

    def __init__(self, session: dict[str, Any]) -> None:
        self.data = session

    def increment(self, key: str) -> int:
        self[key] = self.get(key, 0) + 1
        return int(self[key])

    def rotate(self) -> None:
        """Change nothing: a cookie has no id, and the quick start of the other library says nothing of changing it."""


def sessions(configuration: Configuration) -> tuple[list[Middleware], None]:
    """Give the app signed cookies, all else at the library's defaults."""
    middleware = [
        Middleware(
            SessionMiddleware,
            secret_key=configuration.secrets[0],
            session_cookie=configuration.session_cookie_name,
        )
    ]
    return middleware, None


async def open_session(request: Request) -> Session:
    """Return the session, which the middleware has read already."""
    return StockSession(request.session)


async def destroy_session(request: Request) -> None:
    """Empty the session; Starlette then deletes the cookie."""
    request.session.clear()
