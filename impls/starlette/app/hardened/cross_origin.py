"""Refuses POST requests that a page of another origin sent (OWASP ASVS 5.0, 3.5.1 and 3.5.3)."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.problems import Problem

DEFAULT_PORTS = {"http": 80, "https": 443}


def same_origin(headers: Headers) -> bool:
    """Whether a request comes from our own page, or from a client that is no browser and sends neither field."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return site in {"same-origin", "none"}
    return origin is None or same_host(origin, headers.get("host", ""))


def same_host(origin: str, host: str) -> bool:
    """Whether `Origin` has the host and the port of `Host`; what cannot be read has not."""
    try:
        theirs, ours = urlsplit(origin), urlsplit(f"//{host}")
        port = DEFAULT_PORTS.get(theirs.scheme)
        return bool(theirs.hostname) and (theirs.hostname, theirs.port or port) == (ours.hostname, ours.port or port)
    except ValueError:
        return False


class SameOriginOnly:
    """Answers 403 to a cross-origin POST."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST" and not same_origin(Headers(scope=scope)):
            await Problem(403)(scope, receive, send)
        else:
            await self.app(scope, receive, send)
