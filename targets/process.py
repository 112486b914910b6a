"""The runtime of local processes: no Docker, each implementation in an environment of its own, one Redis for all."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import socket
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from targets import environment, interrupts, redis_server
from targets.checkout import made, signing_secret
from targets.manifest import Target
from targets.processes import Processes, own, remove_leftovers
from targets.readiness import wait_until_ready
from targets.running import CannotStart, NotStarted, Running

READY_SECONDS = 30.0
PORT_TRIES = 3
REDIS = "_redis"  # a name that no target can have

Report = Callable[[str, str], None]


def for_run(root: Path, ready_seconds: float = READY_SECONDS) -> ProcessRuntime:
    """Make the runtime of one run, with probes."""
    processes = Processes(made(root.resolve()) / "process" / str(os.getpid()))
    return ProcessRuntime(root, processes, probes=True, ready_seconds=ready_seconds)


def standing(root: Path) -> ProcessRuntime:
    """Make the runtime of `make up`: what it starts goes on after the command, and the next one finds it again."""
    processes = Processes.found_again(made(root.resolve()) / "process" / "up")
    return ProcessRuntime(root, processes, probes=False, ready_seconds=READY_SECONDS)


class ProcessRuntime:
    """Processes whose logs and records are in a folder under .run/process."""

    name = "process"

    def __init__(self, root: Path, processes: Processes, *, probes: bool, ready_seconds: float) -> None:
        self._root = root.resolve()
        self._probes = probes
        self._ready_seconds = ready_seconds
        self._processes = processes
        self._ports: set[int] = set()
        self._until_exit = ExitStack()

    def __enter__(self) -> Self:
        """Clean up after runs that were killed, and turn SIGTERM into KeyboardInterrupt."""
        self._until_exit.enter_context(interrupts.terminate_as_interrupt())
        self.remove_leftovers()
        own(self._processes.folder)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything; the logs stay until the next run."""
        self.stop()
        self._until_exit.close()

    def start(self, targets: Sequence[Target], report: Report) -> dict[str, Running | NotStarted]:
        """Start targets in parallel and wait until each answers or cannot."""
        self._processes.folder.mkdir(parents=True, exist_ok=True)
        return asyncio.run(self._start(targets, report))

    def stop(self) -> None:
        """End every process of this runtime."""
        with interrupts.held():
            self._processes.stop()
            shutil.rmtree(self._processes.folder / REDIS, ignore_errors=True)

    def remove_leftovers(self) -> None:
        """End what runs of this checkout left behind when they were killed."""
        remove_leftovers(self._processes.folder.parent)

    def log(self, name: str, lines: int = 20) -> str:
        """Return the end of a target's log, also after its death."""
        return self._processes.log(name, lines)

    def state(self, name: str) -> str:
        """Return "running", or how the target ended."""
        return self._processes.state(name)

    def image(self, name: str) -> str:  # noqa: ARG002 -- as every runtime
        """Return "": processes have no image."""
        return ""

    def url(self, name: str) -> str:
        """Return the base URL of a target while it runs, else ""."""
        process = self._processes.found(name)
        return process.url if process else ""

    def follow(self, names: Sequence[str]) -> list[str]:
        """Return the command that shows logs as they grow."""
        return ["tail", "-n", "20", "-F", *(str(self._processes.folder / f"{name}.log") for name in names)]

    async def _start(self, targets: Sequence[Target], report: Report) -> dict[str, Running | NotStarted]:
        users: dict[str, list[Target]] = {}
        for target in targets:
            users.setdefault(target.implementation, []).append(target)
        environments = {name: asyncio.create_task(self._environment(each, report)) for name, each in users.items()}
        redis = asyncio.create_task(self._redis([each for each in targets if each.store == "redis"], report))
        try:
            outcomes = await asyncio.gather(
                *(self._try(target, environments[target.implementation], redis, report) for target in targets)
            )
        finally:
            await _end([*environments.values(), redis])
        return {outcome.target.name: outcome for outcome in outcomes}

    async def _try(
        self, target: Target, binaries: asyncio.Task[Path], redis: asyncio.Task[str], report: Report
    ) -> Running | NotStarted:
        try:
            url = await self._start_app(target, await binaries, await redis if target.store == "redis" else "", report)
        except CannotStart as error:
            report(target.name, f"not started: {error.reason}")
            return NotStarted(target, error.reason, error.log or self.log(target.name))
        report(target.name, "ready")
        return Running(target, url)

    async def _start_app(self, target: Target, binaries: Path, redis: str, report: Report) -> str:
        """Start an app, on another port where somebody was faster, and wait for it; raises `CannotStart`."""
        report(target.name, "starting")
        for tries_left in reversed(range(PORT_TRIES)):
            url = self.url(target.name) or self._launch(target, binaries, redis)
            try:
                await wait_until_ready(url, lambda: self.state(target.name), self._ready_seconds)
            except CannotStart:
                if self.state(target.name) == "running" or not tries_left or not _taken(int(url.rpartition(":")[2])):
                    raise
            else:
                return url
        raise AssertionError("the last try returns or raises")

    def _launch(self, target: Target, binaries: Path, redis: str) -> str:
        port = self._free_port()
        url = f"http://127.0.0.1:{port}"
        database = next(n for n in count() if n not in self._processes.databases()) if redis else None
        settings = {
            "STORE_URL": f"{redis}/{database}" if redis else "cookie:",
            "SESSION_SECRETS": signing_secret(self._root, target.name),
            "SESSION_COOKIE_NAME": f"{target.name}-sid",
            "EDITION": target.edition,
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "WORKERS": "1",
            "PROBES": str(int(self._probes)),
        }
        surroundings = {
            "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(Path.home()),
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
        }
        try:
            self._processes.launch(
                target.name,
                target.command,
                folder=target.folder,
                environment=surroundings | settings,
                url=url,
                database=database,
            )
        except OSError as error:
            raise CannotStart(f"command: {target.command[0]}: {error.strerror}") from None
        return url

    async def _environment(self, users: Sequence[Target], report: Report) -> Path:
        return await environment.make(
            made(self._root) / "venvs" / users[0].implementation,
            users[0].folder / "requirements.txt",
            _to_all(users, report),
        )

    async def _redis(self, users: Sequence[Target], report: Report) -> str:
        """Start a Redis for those who need one, and return its URL without a database; raises `CannotStart`."""
        if not users:
            return ""
        url = self.url(REDIS)
        if not url:
            server = await redis_server.find(made(self._root) / "venvs", _to_all(users, report))
            port, password = self._free_port(), secrets.token_hex(16)
            url = f"redis://:{password}@127.0.0.1:{port}"
            folder = self._processes.folder / REDIS
            folder.mkdir(exist_ok=True)
            self._processes.launch(
                REDIS,
                [str(server), "-"],
                folder=folder,
                environment={"LANG": "C.UTF-8"},
                url=url,
                standard_input=redis_server.configuration(port, password),
            )
        try:
            await redis_server.wait_until_ready(url, lambda: self.state(REDIS), self._ready_seconds)
        except CannotStart as error:
            raise CannotStart(error.reason, self.log(REDIS)) from None
        return url

    def _free_port(self) -> int:
        """Return a port that nobody listens on, and that this runtime has not given to another target."""
        while True:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = int(probe.getsockname()[1])
            if port not in self._ports:
                self._ports.add(port)
                return port


def _to_all(users: Iterable[Target], report: Report) -> Callable[[str], None]:
    def to_all(text: str) -> None:
        for target in users:
            report(target.name, text)

    return to_all


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


async def _end(tasks: Sequence[asyncio.Task[Any]]) -> None:
    """Cancel what nobody waits for any more, and let it clean up."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
