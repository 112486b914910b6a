"""Refuses a body that is too large before anything has been changed.

Starlette's own `max_body_size` comes too late for sessions: where an endpoint does not read the body, it lets it run,
and puts its 413 in the place of the answer to a change that is saved by then.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.problems import Problem

LARGEST_BODY = 16 * 1024


def may_have_body(scope: Scope) -> bool:
    """Whether a body may follow; in HTTP/1 one of two fields says so (RFC 9112, 6.3)."""
    return scope["http_version"] == "2" or any(
        name == b"transfer-encoding" or (name == b"content-length" and value != b"0")
        for name, value in scope["headers"]
    )


class BodyLimit:
    """Reads the whole body, at most `LARGEST_BODY` bytes of it, and hands it on as one message."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not may_have_body(scope):
            await self.app(scope, receive, send)
            return

        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            if len(body) > LARGEST_BODY:
                await Problem(413)(scope, receive, send)
                return
            more = message.get("more_body", False)

        unread = True

        async def receive_wrapper() -> Message:
            nonlocal unread
            if unread:
                unread = False
                return {"type": "http.request", "body": body, "more_body": False}
            return await receive()

        await self.app(scope, receive_wrapper, send)
