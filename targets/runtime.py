"""How targets run: the protocol of all runtimes, and the choice of one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Literal, Protocol, Self

from targets import docker, process
from targets.manifest import Target
from targets.measured import Measured
from targets.running import NotStarted, Running, RuntimeUnavailable

__all__ = ["NotStarted", "Running", "Runtime", "RuntimeUnavailable", "available", "choose"]


class Runtime(Protocol):
    """Starts targets, and stops everything that it started when the `with` block ends, however it ends."""

    name: str

    @property
    def where(self) -> str:
        """What `attach` needs in another process to find what runs here; "" where there is nothing to find."""

    def __enter__(self) -> Self:
        """Clean up after runs that were killed, and turn SIGTERM into KeyboardInterrupt."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything."""

    def start(self, targets: Sequence[Target], report: Callable[[str, str], None]) -> dict[str, Running | NotStarted]:
        """Start targets in parallel and wait until each answers or cannot; `report` gets a target and its progress."""

    def log(self, name: str, lines: int = 20) -> str:
        """Return the end of a target's log, also after its death."""

    def state(self, name: str) -> str:
        """Return "running", or how the target ended."""

    def image(self, name: str) -> str:
        """Return the id of the image that a target runs from; "" where there is none."""

    def measured(self, target: Target, command: Sequence[str] = ()) -> Measured:
        """Return a target that was started for a benchmark to handle, or with `command` that program in its place.

        Such a program listens on PORT of HOST, and answers `GET /healthz` as an app does. Raises `CannotStart`, and
        `OutOfReach` where the runtime has no hand on its targets.
        """


def available(name: str | None) -> Literal["docker", "process"]:
    """Check that a runtime can run here, or find one that can; raises `RuntimeUnavailable`."""
    if name == "process":
        return "process"
    problem = docker.problem()
    if name == "docker" and problem:
        raise RuntimeUnavailable(f"the runtime docker cannot run here: {problem}; start it, or use the runtime process")
    if name not in {None, "", "docker"}:
        raise RuntimeUnavailable(f"there is no runtime {name!r}; use docker or process")
    if problem:
        print(f"targets: running as local processes, since Docker cannot: {problem}", file=sys.stderr)
        return "process"
    return "docker"


def choose(name: str | None, root: Path) -> Runtime:
    """Make the runtime for one run: the named one, or docker where it can run, else process."""
    return docker.for_run(root) if available(name) == "docker" else process.for_run(root)
