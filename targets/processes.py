"""Local processes of one run: started with a log and a record each, watched, ended together."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from targets import started
from targets.started import Started

LOG_TAIL_BYTES = 1 << 16
OWNER = "owner"


class Processes:
    """Named processes whose logs and records are in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._started: dict[str, Started] = {}

    @classmethod
    def found_again(cls, folder: Path) -> Self:
        """Take over the processes of an earlier command that still run."""
        processes = cls(folder)
        for path in folder.glob("*.json"):
            if (process := started.read(path)) and process.alive:
                processes._started[path.stem] = process
        return processes

    def launch(
        self,
        name: str,
        arguments: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str],
        url: str,
        database: int | None = None,
        standard_input: bytes = b"",
    ) -> None:
        """Start a process in a group of its own; raises OSError where there is no such program."""
        with (self.folder / f"{name}.log").open("wb") as log:
            child = subprocess.Popen(  # noqa: S603 -- the command of a manifest of this tree
                list(arguments),
                cwd=folder,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._children[name] = child
        self._started[name] = Started(child.pid, started.since(child.pid) or "", url, database)
        started.write(self.folder / f"{name}.json", self._started[name])
        assert child.stdin  # noqa: S101 -- it is a pipe
        with suppress(BrokenPipeError), child.stdin:  # it may have ended; its state will say so
            child.stdin.write(standard_input)

    def found(self, name: str) -> Started | None:
        """Return the process of a name while it runs."""
        return self._started[name] if self.state(name) == "running" else None

    def databases(self) -> set[int | None]:
        """Return the numbers of the databases that processes have been given."""
        return {process.database for process in self._started.values()}

    def state(self, name: str) -> str:
        """Return "running", or how the process ended."""
        if child := self._children.get(name):
            return _ending(child.poll())
        if process := self._started.get(name):
            return "running" if process.alive else "ended"
        return "not started"

    def log(self, name: str, lines: int) -> str:
        """Return the end of a log."""
        path = self.folder / f"{name}.log"
        if not path.exists():
            return ""
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - LOG_TAIL_BYTES))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])

    def stop(self) -> None:
        """End all groups and forget them; the logs stay."""
        ours = [each.pid for name, each in self._started.items() if name in self._children or each.alive]
        started.stop(ours)
        for child in self._children.values():
            child.poll()
        for path in self.folder.glob("*.json"):
            path.unlink()


def own(folder: Path) -> None:
    """Make a run's folder, named by its process number, and write down whose it is."""
    folder.mkdir(parents=True, exist_ok=True)
    started.write(folder / OWNER, Started(os.getpid(), started.since(os.getpid()) or ""))


def remove_leftovers(runs: Path) -> None:
    """End what runs left behind that were killed, and remove their folders."""
    for folder in runs.glob("[0-9]*"):
        owner = started.read(folder / OWNER)
        alive = owner.alive if owner else started.since(int(folder.name))  # one may just be writing itself down
        if not alive:
            Processes.found_again(folder).stop()
            shutil.rmtree(folder, ignore_errors=True)


def _ending(status: int | None) -> str:
    if status is None:
        return "running"
    return f"exited with status {status}" if status >= 0 else f"killed by signal {signal_name(-status)}"


def signal_name(number: int) -> str:
    """Return a signal as number and name: `9 (SIGKILL)`."""
    return f"{number} ({signal.Signals(number).name})" if number in list(signal.Signals) else str(number)
