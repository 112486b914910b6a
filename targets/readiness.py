"""Whether an app answers: `GET /healthz` until it says `ok`, its process ends or the time is up."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from urllib.parse import urlsplit

import h11

from targets.running import CannotStart

ANSWER_SECONDS = 2.0
LARGEST_ANSWER = 1 << 16
POLL_SECONDS, LONGEST_POLL_SECONDS, GROWTH = 0.05, 0.4, 1.4  # on a busy machine, to ask often makes it busier
STATE_POLL_SECONDS = 0.2  # asking for the state may cost a call to an engine


class NoAnswer(Exception):
    """One request was not answered as it should be; the message says how."""


async def wait_until_ready(
    url: str, state: Callable[[], str], seconds: float, poll_seconds: float | None = None
) -> None:
    """Return when the app is healthy; raises `CannotStart` once its state is not "running", or after `seconds`.

    Asks every `poll_seconds`; without them, less and less often.
    """
    problem = "no answer yet"

    async def healthy() -> None:
        nonlocal problem
        pause = poll_seconds or POLL_SECONDS
        while True:
            try:
                return await check(url)
            except NoAnswer as error:
                problem = str(error)
            await asyncio.sleep(pause)
            pause = poll_seconds or min(GROWTH * pause, LONGEST_POLL_SECONDS)

    deadline = asyncio.get_running_loop().time() + seconds
    waiting = asyncio.create_task(healthy())
    try:
        while not (await asyncio.wait([waiting], timeout=STATE_POLL_SECONDS))[0]:
            if (now := state()) != "running":
                raise CannotStart(now)
            if asyncio.get_running_loop().time() > deadline:
                raise CannotStart(f"not ready after {seconds:g} s: GET /healthz: {problem}")
        if (now := state()) != "running":  # somebody else answered at its address
            raise CannotStart(now)
    finally:
        waiting.cancel()


async def check(url: str) -> None:
    """Ask once; raises `NoAnswer` unless the answer is 200 with the body `ok`."""
    status, body = await get(url, "/healthz")
    if status != 200 or body.strip() != b"ok":  # noqa: PLR2004 -- the number is the name
        raise NoAnswer(f"answered {status} with {body[:40]!r}, not 200 with b'ok'")


async def get(url: str, path: str) -> tuple[int, bytes]:
    """Return status and body of one GET on a connection of its own; raises `NoAnswer`."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await _exchange(url, path)
    except TimeoutError:
        raise NoAnswer(f"no answer within {ANSWER_SECONDS:g} s") from None
    except h11.RemoteProtocolError as error:
        raise NoAnswer(f"the answer is not HTTP: {error}") from None
    except (OSError, asyncio.LimitOverrunError) as error:
        raise NoAnswer(str(error)) from None


async def _exchange(url: str, path: str) -> tuple[int, bytes]:
    parts = urlsplit(url)
    tls = ssl.create_default_context() if parts.scheme == "https" else None
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port or (443 if tls else 80), ssl=tls)
    try:
        connection = h11.Connection(h11.CLIENT)
        headers = [("Host", parts.netloc.rpartition("@")[2]), ("Connection", "close")]
        request = h11.Request(method="GET", target=parts.path.rstrip("/") + path, headers=headers)
        writer.write((connection.send(request) or b"") + (connection.send(h11.EndOfMessage()) or b""))
        status, body = 0, b""
        while len(body) <= LARGEST_ANSWER:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                data = await reader.read(LARGEST_ANSWER)
                if not data and not status:
                    raise NoAnswer("the connection was closed without an answer")
                connection.receive_data(data)
            elif isinstance(event, h11.Response):
                status = event.status_code
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage | h11.ConnectionClosed):
                break
        return status, body
    finally:
        writer.close()
