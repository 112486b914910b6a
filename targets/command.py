"""Programs that do one thing and end (uv, docker compose): run with list arguments, their output read as it comes."""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from targets.running import CannotStart

KEPT_LINES = 30
LONGEST_LINE = 1 << 20
STOP_SECONDS = 5.0


async def run(
    arguments: Sequence[str | Path],
    *,
    what: str,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    seen: Callable[[str], None] = lambda _line: None,
) -> str:
    """Run to the end and return the end of its output; `seen` gets each line.

    Raises `CannotStart` with that output where the status is not 0, and says then that `what` failed.
    A cancelled command is ended, with its children.
    """
    # A session of its own: Ctrl-C at the terminal reaches us alone, and we end it in order.
    process = await asyncio.create_subprocess_exec(
        *map(str, arguments),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=STDOUT,
        env=environment,
        cwd=folder,
        limit=LONGEST_LINE,
        start_new_session=True,
    )
    lines: deque[str] = deque(maxlen=KEPT_LINES)
    try:
        assert process.stdout  # noqa: S101 -- it is a pipe
        async for raw in process.stdout:
            line = raw.decode(errors="replace").rstrip()
            lines.append(line)
            seen(line)
        status = await process.wait()
    except asyncio.CancelledError:
        await _end(process)
        raise
    if status != 0:
        raise CannotStart(f"{what} failed with status {status}", "\n".join(lines))
    return "\n".join(lines)


async def _end(process: Process) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
            return
