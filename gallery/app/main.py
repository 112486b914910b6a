"""Puts the gallery together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from app import pages
from app.configuration import from_environment
from app.gallery import Gallery
from app.headers import SafeHeaders
from app.report import Report

HOSTS = ["127.0.0.1", "localhost", "[::1]"]  # any other name is another site's that leads here (DNS rebinding)
LOOKUPS = 40


@asynccontextmanager
async def many_lookups(_app: Starlette) -> AsyncIterator[None]:
    """Look up many names at once: that of a target that has ended keeps a thread for a second, while others are up."""
    with ThreadPoolExecutor(LOOKUPS) as threads:
        asyncio.get_running_loop().set_default_executor(threads)
        yield


def create() -> Starlette:
    """Make the ASGI application from the environment; Granian calls this in its worker."""
    configuration = from_environment()
    gallery = Gallery(configuration)
    return Starlette(
        routes=[
            Route("/", gallery.show),
            Route("/press", gallery.press, methods=["POST"]),
            Route("/healthz", pages.healthy),
            Mount("/report", Report(configuration.report_folder)),
            Mount("/static", StaticFiles(directory=Path(__file__).parent / "static")),
        ],
        middleware=[
            Middleware(SafeHeaders),
            Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS, www_redirect=False),
        ],
        exception_handlers=pages.handlers,
        lifespan=many_lookups,
    )
