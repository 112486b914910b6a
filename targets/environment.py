"""Python environments of implementations for the process runtime: made by uv, and again when requirements change."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from uv import find_uv_bin

from targets import command

STAMP = "made-from"
LOCK_POLL_SECONDS = 0.1


async def make(folder: Path, requirements: Path, report: Callable[[str], None]) -> Path:
    """Make the environment in `folder` where it is not there yet, and return its bin folder; raises `CannotStart`."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    async with alone(folder.with_suffix(".lock")):
        if not _fresh(folder, requirements):
            report("installing requirements")
            uv = find_uv_bin()
            await command.run(
                [uv, "venv", "--quiet", "--clear", "--python", sys.executable, folder], what="making the environment"
            )
            strictly = ["--quiet", "--require-hashes", "--allow-empty-requirements"]
            await command.run(
                [uv, "pip", "sync", *strictly, "--python", folder / "bin/python", requirements],
                what=f"installing {requirements.parent.name}/{requirements.name}",
            )
            (folder / STAMP).write_text(_origin(requirements))
    return folder / "bin"


def _origin(requirements: Path) -> str:
    """Return what differs where an environment must be made again."""
    return hashlib.sha256(sys.version.encode() + requirements.read_bytes()).hexdigest()


def _fresh(folder: Path, requirements: Path) -> bool:
    stamp = folder / STAMP
    return stamp.exists() and stamp.read_text() == _origin(requirements)


@asynccontextmanager
async def alone(path: Path) -> AsyncIterator[None]:
    """Keep other runs out; the kernel gives the lock back when its holder dies."""
    with path.open("w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(LOCK_POLL_SECONDS)
        yield
