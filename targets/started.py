"""Processes that were started, written down so that a later command finds them again, and can be sure that it does."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Collection
from pathlib import Path

import msgspec

POLL_SECONDS = 0.02
STOP_SECONDS = 5.0
PROC = Path("/proc")  # of Linux; elsewhere `ps` tells
STATE, PGRP, START_TICKS, ZOMBIE = 0, 2, 19, "Z"  # fields after the name: proc_pid_stat(5)


class Started(msgspec.Struct, frozen=True):
    """A process, the leader of its group. `since` tells it from a later one with the same number."""

    pid: int
    since: str
    url: str = ""
    database: int | None = None

    @property
    def alive(self) -> bool:
        """Whether this very process still runs."""
        return since(self.pid) == self.since


def since(pid: int) -> str | None:
    """Return what tells a running process from earlier and later ones of its number; None where it has ended."""
    if not (PROC / "self").exists():
        shown = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S603, S607
        return shown.stdout.strip() or None
    fields = _fields(PROC / str(pid) / "stat")
    if not fields or fields[STATE] == ZOMBIE:
        return None
    return f"{(PROC / 'sys/kernel/random/boot_id').read_text().strip()}-{fields[START_TICKS]}"


def write(path: Path, process: Started) -> None:
    """Write a process down where only the owner can read it: a store's URL has a password."""
    path.touch(0o600)
    path.write_bytes(msgspec.json.encode(process))


def read(path: Path) -> Started | None:
    """Read what was written; None where there is nothing, or only a part, since the writer was killed."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Started)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def stop(groups: Collection[int], seconds: float = STOP_SECONDS) -> None:
    """End process groups: SIGTERM, `seconds` for all together, then SIGKILL."""
    for number in (signal.SIGTERM, signal.SIGCONT):  # a stopped process ends when it goes on
        for group in groups:
            _signal(group, number)
    for group in _left(groups, seconds):
        _signal(group, signal.SIGKILL)
    _left(groups, seconds)


def _left(groups: Collection[int], seconds: float) -> set[int]:
    """Wait until the groups have ended; return those that have not after `seconds`."""
    deadline = time.monotonic() + seconds
    while (left := _living(groups)) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return left


def _living(groups: Collection[int]) -> set[int]:
    """Return the groups that have a process that is not a zombie: those wait for a parent that may never look."""
    if not (PROC / "self").exists():
        return {group for group in groups if _signal(group, 0)}
    fields = [each for path in PROC.glob("[0-9]*/stat") if (each := _fields(path))]
    return set(groups) & {int(each[PGRP]) for each in fields if each[STATE] != ZOMBIE}


def _signal(group: int, number: int) -> bool:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


def _fields(path: Path) -> list[str]:
    """Return what /proc/PID/stat says after the process' name, which may have spaces; nothing where it has ended."""
    try:
        return path.read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
