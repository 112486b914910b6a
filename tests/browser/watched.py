"""Contexts, each a browser of its own to its pages, that fail their test on what goes wrong unseen."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Request

PATIENCE_MILLISECONDS = 10_000
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
WITHOUT_NETWORK = {"about", "blob", "data", "file"}


@contextmanager
def watched(browser: Browser, *, allowed: Collection[str] = (), **options: Any) -> Iterator[BrowserContext]:
    """Open a fresh context while the block runs, with Playwright's `options` of contexts.

    At its end raises AssertionError with each console error, script error and request to another machine, but for those
    whose text contains one of `allowed`.
    """
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    complaints = complaints_of(context)
    try:
        yield context
    finally:
        context.close()
    if left := [each for each in complaints if not any(text in each for text in allowed)]:
        raise AssertionError("\n".join(left))


def complaints_of(context: BrowserContext) -> list[str]:
    """Return what goes wrong in a context: a list that grows while it is used."""
    complaints: list[str] = []

    def hear(line: ConsoleMessage) -> None:
        if line.type == "error":
            complaints.append(f"console: {line.text} {line.location['url']}")

    def see(request: Request) -> None:
        if leaves(request.url):
            complaints.append(f"request: {request.url}")

    context.on("console", hear)
    context.on("weberror", lambda raised: complaints.append(f"script: {raised.error}"))
    context.on("request", see)
    return complaints


def leaves(url: str) -> bool:
    """Tell whether a request for this goes to another machine."""
    parts = urlsplit(url)
    return parts.scheme not in WITHOUT_NETWORK and parts.hostname not in LOOPBACK
