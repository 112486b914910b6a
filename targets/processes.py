"""Local processes of one run: started with a log and a record each, watched, ended together."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from targets import started, unprivileged
from targets.started import Started

LOG_TAIL_BYTES = 1 << 16
OWNER = "owner"
REAP_SECONDS = 5.0
CONTROLS = "control"  # in a run's folder: the folder of those that checks start beside its targets


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
        user: pwd.struct_passwd | None = None,
        output: int | None = None,
    ) -> None:
        """Start a process in a group of its own, as another user where one is given.

        What it prints goes to its log, or to the file descriptor `output`. Raises OSError where there is no such
        program.
        """
        with self.log_file(name).open("wb") as log:
            child = subprocess.Popen(  # noqa: S603 -- the command of a manifest of this tree
                list(arguments),
                cwd=folder,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=log if output is None else output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **unprivileged.identity(user),
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
        path = self.log_file(name)
        if not path.exists():
            return ""
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - LOG_TAIL_BYTES))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])

    def log_file(self, name: str) -> Path:
        """Return where a log is."""
        return self.folder / f"{name}.log"

    def stop(self) -> None:
        """End all processes and forget them; the logs stay."""
        self._end(started.stop, list(self._started))

    def kill_all(self) -> None:
        """End all processes at once and forget them."""
        self._end(started.kill, list(self._started))

    def stop_one(self, name: str) -> None:
        """End one process in good order."""
        self._end(started.stop, [name])

    def kill(self, name: str) -> None:
        """End one process at once, with its family."""
        self._end(started.kill, [name])

    def freeze(self, name: str) -> None:
        """Stop one process where it is, with its family."""
        started.freeze(self._leaders([name]))

    def thaw(self, name: str) -> None:
        """Let one process go on, with its family."""
        started.send(self.family(name), signal.SIGCONT)

    def family(self, name: str) -> set[int]:
        """Return the numbers of one process and its children, theirs too."""
        return started.family(self._leaders([name]))

    def _leaders(self, names: Collection[str]) -> list[int]:
        """Return the numbers of processes, but for those that other processes have by now."""
        known = [self._started[name] for name in names if name in self._started]
        return [each.pid for each in known if not each.replaced]

    def _end(self, end: Callable[[Collection[int]], None], names: Collection[str]) -> None:
        end(self._leaders(names))
        for name in names:
            if child := self._children.get(name):
                with suppress(subprocess.TimeoutExpired):
                    child.wait(REAP_SECONDS)  # not `poll`: that gives up where another thread is just asking
            (self.folder / f"{name}.json").unlink(missing_ok=True)


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
            remove_controls(folder)
            unprivileged.remove(folder)


def remove_controls(folder: Path) -> None:
    """End what checks started in a run and did not end, since their process was killed; remove their folders."""
    for each in folder.glob(f"{CONTROLS}/*"):
        Processes.found_again(each).kill_all()
    unprivileged.remove(folder / CONTROLS)


def _ending(status: int | None) -> str:
    if status is None:
        return "running"
    return f"exited with status {status}" if status >= 0 else f"killed by signal {signal_name(-status)}"


def signal_name(number: int) -> str:
    """Return a signal as number and name: `9 (SIGKILL)`."""
    return f"{number} ({signal.Signals(number).name})" if number in list(signal.Signals) else str(number)
