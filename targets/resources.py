"""What a part of a target uses: its CPU time and its memory, and the CPUs that it may run on."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from docker.models.containers import Container

from targets.control import OutOfReach

PROC = Path("/proc")
CONTROL_GROUPS = Path("/sys/fs/cgroup")
USER_TICKS, SYSTEM_TICKS = 11, 12  # fields of /proc/PID/stat after the name: proc_pid_stat(5)
NANOSECONDS, MICROSECONDS = 1e-9, 1e-6
KILOBYTE = 1024


class Resources(Protocol):
    """Counters and limits of processes that belong together. Linux alone has them; elsewhere they are `OutOfReach`."""

    def pin(self, cpus: Collection[int]) -> None:
        """Let them run on these CPUs alone."""

    def cpu_seconds(self) -> float:
        """Return the CPU time that they have used, in user and kernel mode: take two and compare."""

    def memory_bytes(self) -> int:
        """Return their memory without the page cache: what is anonymous, once where processes share it."""


class ProcessTree:
    """The processes that a function names."""

    def __init__(self, pids: Callable[[], Collection[int]]) -> None:
        self._pids = pids

    def pin(self, cpus: Collection[int]) -> None:
        """Let every thread of theirs run on these CPUs alone; later ones take that over."""
        for pid in self._pids():
            with suppress(FileNotFoundError):
                for thread in _directory(PROC / str(pid) / "task"):
                    with suppress(ProcessLookupError):
                        os.sched_setaffinity(int(thread.name), cpus)

    def cpu_seconds(self) -> float:
        """See `Resources`; in steps of a hundredth of a second a process."""
        ticks = 0
        for pid in self._pids():
            with suppress(FileNotFoundError, ProcessLookupError):
                fields = _text(PROC / str(pid) / "stat").rpartition(")")[2].split()
                ticks += int(fields[USER_TICKS]) + int(fields[SYSTEM_TICKS])
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory_bytes(self) -> int:
        """See `Resources`; of what processes share, each has its part."""
        kilobytes = 0
        for pid in self._pids():
            with suppress(FileNotFoundError, ProcessLookupError):
                kilobytes += _fields(PROC / str(pid) / "smaps_rollup", 1).get("Pss_Anon:", 0)
        return kilobytes * KILOBYTE


class ControlGroup:
    """A container, by the files of its control group, version 1 or 2: cgroups(7). The engine has to be on this machine.

    Read anew after each start of the container.
    """

    def __init__(self, container: Container) -> None:
        self._container = container
        container.reload()
        pid = container.attrs["State"]["Pid"]
        groups = [line.split(":", 2) for line in _text(PROC / str(pid) / "cgroup").splitlines()]
        self._version_1 = {name: path for _, names, path in groups for name in names.split(",")}
        self._version_2 = CONTROL_GROUPS / self._version_1.get("", "/").strip("/")

    def pin(self, cpus: Collection[int]) -> None:
        """See `Resources`."""
        self._container.update(cpuset_cpus=",".join(map(str, sorted(cpus))))

    def cpu_seconds(self) -> float:
        """See `Resources`."""
        if "cpuacct" in self._version_1:
            return int(_text(self._folder("cpuacct") / "cpuacct.usage")) * NANOSECONDS
        return _fields(self._version_2 / "cpu.stat")["usage_usec"] * MICROSECONDS

    def memory_bytes(self) -> int:
        """See `Resources`."""
        if "memory" in self._version_1:
            return _fields(self._folder("memory") / "memory.stat")["total_rss"]
        return _fields(self._version_2 / "memory.stat")["anon"]

    def _folder(self, controller: str) -> Path:
        return CONTROL_GROUPS / controller / self._version_1[controller].strip("/")


def _fields(path: Path, skipped: int = 0) -> dict[str, int]:
    """Return the lines of a file that begin with a name and a number."""
    lines = (line.split() for line in _text(path).splitlines()[skipped:])
    return {words[0]: int(words[1]) for words in lines}


def _text(path: Path) -> str:
    if not PROC.joinpath("self").exists():
        raise OutOfReach("CPU time and memory are read from Linux's /proc, and this machine has none")
    try:
        return path.read_text()
    except FileNotFoundError:
        if path.is_relative_to(CONTROL_GROUPS):
            raise OutOfReach(f"the engine's control groups are not on this machine: there is no {path}") from None
        raise


def _directory(path: Path) -> list[Path]:
    return list(path.iterdir())
