"""One request to a target: bounded in time and size, following nothing, with the cookies of one jar and no others."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

import httpx

LARGEST_BODY = 1 << 16
MOST_COOKIES = 20


class NoAnswer(Exception):
    """A target gave no answer that can be read; the message says why, in a few words."""


@dataclass(frozen=True)
class Reply:
    """What a target answered, and the seconds until the last byte of it."""

    status: int
    headers: httpx.Headers
    body: bytes
    seconds: float


def transport() -> httpx.AsyncHTTPTransport:
    """Make what all requests go through. It keeps no connections: one to a target that was restarted would be dead."""
    return httpx.AsyncHTTPTransport(trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))


async def ask(
    through: httpx.AsyncHTTPTransport,
    method: str,
    url: str,
    seconds: float,
    *,
    jar: httpx.Cookies,
    form: dict[str, str] | None = None,
) -> Reply:
    """Send a request and return the answer, whose cookies are put into the jar; raises `NoAnswer`."""
    request = httpx.Request(method, url, data=form, headers={"Accept": "application/json"})
    jar.set_cookie_header(request)
    begun = time.perf_counter()
    try:
        async with asyncio.timeout(seconds):
            response = await through.handle_async_request(request)
            response.request = request
            body = await _read(response)
    except TimeoutError:
        raise NoAnswer(f"no answer within {seconds:g} s") from None
    except httpx.ConnectError:
        raise NoAnswer("no connection") from None
    except httpx.TransportError:
        raise NoAnswer("what it says is not HTTP, or breaks off") from None
    took = time.perf_counter() - begun
    jar.extract_cookies(response)
    if len(jar) > MOST_COOKIES:
        jar.clear()
    return Reply(response.status_code, response.headers, body, took)


async def _read(response: httpx.Response) -> bytes:
    body = b""
    try:
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > LARGEST_BODY:
                raise NoAnswer(f"more than {LARGEST_BODY >> 10} KiB")
    finally:
        await response.aclose()
    return body
