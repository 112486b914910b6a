"""Beaker's middleware, which also keeps answers that depend on the session out of shared caches (RFC 9111, 7.3)."""

from __future__ import annotations

from types import TracebackType
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from beaker.middleware import SessionMiddleware


class PrivateSessionMiddleware(SessionMiddleware):
    """Works on what is really sent: Bottle replaces its response by that of a redirect or an error."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        def start_private(
            status: str,
            headers: list[tuple[str, str]],
            exc_info: tuple[type[BaseException], BaseException, TracebackType] | None = None,
        ) -> Any:
            # Beaker fills these when the session is first used, also where it then cannot be read.
            if environ[self.environ_key].__dict__["_headers"]:
                headers += [("Vary", "Cookie"), ("Cache-Control", "no-store")]
            return start_response(status, headers, exc_info)

        return super().__call__(environ, start_private)
