"""Processes that were started, written down so that a later command finds them again, and can be sure that it does."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import msgspec

POLL_SECONDS = 0.02
STOP_SECONDS = 5.0
PROC = Path("/proc")  # of Linux; elsewhere `ps` tells
STATE, PARENT, GROUP, START_TICKS, ZOMBIE = 0, 1, 2, 19, "Z"  # fields after the name: proc_pid_stat(5)


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

    @property
    def replaced(self) -> bool:
        """Whether another process has its number: none can while any of its group lives."""
        return since(self.pid) not in {None, self.since}


class _Living(NamedTuple):
    """A process that is not a zombie: those wait for a parent that may never look."""

    pid: int
    parent: int
    group: int


DECODER = msgspec.json.Decoder(Started)  # made on import: msgspec crashes where threads first meet a type at once


def since(pid: int) -> str | None:
    """Return what tells a running process from earlier and later ones of its number; None where it has ended."""
    if not (PROC / "self").exists():
        shown = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S603, S607
        return shown.stdout.strip() or None
    fields = _fields(pid)
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
        return DECODER.decode(path.read_bytes())
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def family(leaders: Collection[int]) -> set[int]:
    """Return the living processes of groups, and the children of these: PostgreSQL's are leaders of their own."""
    return {each.pid for each in _family(leaders)}


def stop(leaders: Collection[int], seconds: float = STOP_SECONDS) -> None:
    """End processes with their families: SIGTERM, `seconds` for all together, then SIGKILL."""
    members = _family(leaders)
    pids = {each.pid for each in members}
    send([-leader for leader in leaders], signal.SIGTERM)  # a group at once: none of it sees another one end first
    send([each.pid for each in members if each.group not in leaders], signal.SIGTERM)
    send(pids, signal.SIGCONT)  # a stopped process ends when it goes on
    send(_left(leaders, pids, seconds), signal.SIGKILL)
    _left(leaders, pids, seconds)


def kill(leaders: Collection[int]) -> None:
    """End processes with their families at once: SIGKILL."""
    members = freeze(leaders)
    send(members, signal.SIGKILL)
    _left(leaders, members, STOP_SECONDS)


def freeze(leaders: Collection[int]) -> set[int]:
    """Stop processes with their families where they are, and return all; leaders first: no more are born."""
    send(leaders, signal.SIGSTOP)
    members = family(leaders)
    send(members, signal.SIGSTOP)
    return members


def send(pids: Collection[int], number: int) -> None:
    """Send a signal to processes that may have ended; a negative number is a group's, kill(2)."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _left(leaders: Collection[int], members: Collection[int], seconds: float) -> set[int]:
    """Wait until the members and whoever joined them have ended; return those that have not after `seconds`."""
    deadline = time.monotonic() + seconds
    left = set(members)
    while True:
        left = _alive(left) or family(leaders)  # to look at every process of the machine is dear: once, at the end
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(POLL_SECONDS)


def _alive(pids: Collection[int]) -> set[int]:
    if not (PROC / "self").exists():
        return set(pids) & {each.pid for each in _living()}
    return {pid for pid in pids if (fields := _fields(pid)) and fields[STATE] != ZOMBIE}


def _family(leaders: Collection[int]) -> list[_Living]:
    living = _living()
    found = {each.pid for each in living if each.group in leaders}
    while more := {each.pid for each in living if each.parent in found} - found:
        found |= more
    return [each for each in living if each.pid in found]


def _living() -> list[_Living]:
    if (PROC / "self").exists():
        fields = {pid: _fields(pid) for pid in os.listdir(PROC) if pid.isdigit()}  # noqa: PTH208 -- see `_fields`
        rows = [[pid, each[PARENT], each[GROUP], each[STATE]] for pid, each in fields.items() if each]
    else:
        shown = subprocess.run(["ps", "-axo", "pid=,ppid=,pgid=,stat="], capture_output=True, text=True, check=True)  # noqa: S607
        rows = [line.split() for line in shown.stdout.splitlines()]
    return [_Living(int(pid), int(parent), int(group)) for pid, parent, group, state in rows if state[0] != ZOMBIE]


def _fields(pid: int | str) -> list[str]:
    """Return what /proc/PID/stat says after the process' name, which may have spaces; nothing where it has ended.

    A suite reads the files of every process some hundred times, and `pathlib` takes five times as long for it.
    """
    try:
        with open(f"{PROC}/{pid}/stat", errors="replace") as file:  # noqa: PTH123 -- see above
            return file.read().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
