"""The session layer: puts an unread session into `scope["session"]`, and saves it before the response starts."""

from __future__ import annotations

import time
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.hardened.lazy_session import CREATED, Data, LazySession
from app.hardened.session_cookie import SessionCookie
from app.problems import problem


class Store(Protocol):
    """Where sessions live. The idle timeout is the store's; it raises `HTTPException` for what it has to refuse."""

    def running(self) -> AbstractAsyncContextManager[object]:
        """Keep open, as long as the app runs, what the other methods need."""

    def identify(self, cookie: str) -> str | None:
        """Return the id that a cookie carries, or None where we did not make it."""

    async def read(self, sid: str) -> Data | None:
        """Return the data of a session that is alive, or None; its idle timeout starts again."""

    async def write(self, session: LazySession) -> str | None:
        """Save what changed; returns the cookie's new value, or None where the client's stays good."""

    async def delete(self, sid: str) -> None:
        """Forget a session."""


class LazySessionMiddleware:
    """Reads nothing before a route opens the session, and writes nothing that is not a successful change."""

    def __init__(self, app: ASGIApp, store: Store, cookie: SessionCookie, absolute: int) -> None:
        self.app = app
        self.store = store
        self.cookie = cookie
        self.absolute = absolute

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        session = LazySession(lambda: self.identify(scope), self.read)
        scope["session"] = session
        refused = False

        async def send_wrapper(message: Message) -> None:
            nonlocal refused
            if refused:  # the answer that the app goes on with has been replaced
                return
            if message["type"] == "http.response.start" and session.used:
                headers = MutableHeaders(scope=message)
                headers.add_vary_header("Cookie")  # keeps it out of shared caches: RFC 9111, 7.3
                headers.append("Cache-Control", "no-store")
                if message["status"] < 400 and scope["method"] != "HEAD":
                    try:
                        set_cookie = await self.save(session, scope)
                    except HTTPException as error:  # too late to raise it: the app's handlers are behind us
                        await problem(error)(scope, receive, send_wrapper)
                        refused = True
                        return
                    if set_cookie:
                        headers.append("Set-Cookie", set_cookie)
            await send(message)

        await self.app(scope, receive, send_wrapper)

    def sent(self, scope: Scope) -> str | None:
        """Return the cookie that the client sent."""
        return HTTPConnection(scope).cookies.get(self.cookie.name)

    def identify(self, scope: Scope) -> str | None:
        """Return the id that the client sent, where we made it."""
        sent = self.sent(scope)
        return self.store.identify(sent) if sent else None

    async def read(self, sid: str) -> Data | None:
        """Return the data of a session that has not come to its absolute timeout either."""
        data = await self.store.read(sid)
        try:
            return data if data and abs(time.time() - data[CREATED]) < self.absolute else None
        except (KeyError, TypeError, OverflowError):  # nothing that we wrote
            return None

    async def save(self, session: LazySession, scope: Scope) -> str | None:
        """Save what a successful request changed; returns the `Set-Cookie` line that it takes, if any."""
        if session.destroyed:
            if session.sid:
                await self.store.delete(session.sid)
            return None if self.sent(scope) is None else self.cookie.deletion()
        if not session.dirty or not (session.sid or session.data):
            return None
        created = session.data.setdefault(CREATED, int(time.time()))
        value = await self.store.write(session)
        return self.cookie.line(value, self.absolute - int(time.time() - created)) if value else None
