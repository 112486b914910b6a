"""The runtime of local processes: no Docker, each implementation in its own environment, one server of each kind."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from msgspec.structs import replace

from targets import interrupts, ports, postgres_server, process_app, redis_server, surroundings, unprivileged
from targets.checkout import made
from targets.manifest import Target
from targets.measured import Measured
from targets.process_measured import MeasuredProcess
from targets.processes import Processes, own, remove_controls, remove_leftovers
from targets.readiness import wait_until_ready
from targets.running import CannotStart, NotStarted, Running

READY_SECONDS = 30.0
PORT_TRIES = 3
REDIS, POSTGRES, SQLITE = "_redis", "_postgres", "_sqlite"  # names that no target can have

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
        self._stores: dict[str, str] = {}  # the URL of each target's
        self._until_exit = ExitStack()

    @property
    def where(self) -> str:
        """The folder of its processes."""
        return str(self._processes.folder)

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
            remove_controls(self._processes.folder)
            self._processes.stop()
            for name in (REDIS, POSTGRES, SQLITE):
                unprivileged.remove(self._processes.folder / name)

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

    def measured(self, target: Target, command: Sequence[str] = ()) -> Measured:
        """Return a target that was started for a benchmark to handle, or with `command` that program in its place."""
        store = self._stores[target.name]
        server = {"redis": REDIS, "postgres": POSTGRES}.get(target.store, "")
        binaries = asyncio.run(surroundings.make(self._root, target, lambda _text: None))
        name = "_program" if command else target.name
        program = replace(target, command=tuple(command)) if command else target

        def launch() -> str:
            port = self._free_port()
            settings = process_app.settings(self._root, target, store_url=store, port=port, probes=self._probes)
            return process_app.launch(self._processes, name, program, binaries, settings, port=port)

        return MeasuredProcess(self._processes, name, server, store, launch)

    def follow(self, names: Sequence[str]) -> list[str]:
        """Return the command that shows logs as they grow."""
        return ["tail", "-n", "20", "-F", *(str(self._processes.folder / f"{name}.log") for name in names)]

    async def _start(self, targets: Sequence[Target], report: Report) -> dict[str, Running | NotStarted]:
        users: dict[str, list[Target]] = {}
        for target in targets:
            users.setdefault(target.implementation, []).append(target)
        environments = {name: asyncio.create_task(self._environment(each, report)) for name, each in users.items()}
        servers = {
            kind: asyncio.create_task(start([each for each in targets if each.store == kind], report))
            for kind, start in {"redis": self._redis, "postgres": self._postgres}.items()
        }
        try:
            outcomes = await asyncio.gather(
                *(
                    self._try(target, environments[target.implementation], servers.get(target.store), report)
                    for target in targets
                )
            )
        finally:
            await _end([*environments.values(), *servers.values()])
        return {outcome.target.name: outcome for outcome in outcomes}

    async def _try(
        self, target: Target, binaries: asyncio.Task[Path], server: asyncio.Task[str] | None, report: Report
    ) -> Running | NotStarted:
        try:
            url = await self._start_app(target, await binaries, await server if server else "", report)
        except CannotStart as error:
            report(target.name, f"not started: {error.reason}")
            return NotStarted(target, error.reason, error.log or self.log(target.name))
        report(target.name, "ready")
        return Running(target, url)

    async def _start_app(self, target: Target, binaries: Path, server: str, report: Report) -> str:
        """Start an app, on another port where somebody was faster, and wait for it; raises `CannotStart`."""
        report(target.name, "starting")
        store = "" if self.url(target.name) else await self._store(target, server)
        for tries_left in reversed(range(PORT_TRIES)):
            url = self.url(target.name) or self._launch(target, binaries, store)
            try:
                await wait_until_ready(url, lambda: self.state(target.name), self._ready_seconds)
            except CannotStart:
                if self.state(target.name) == "running" or not tries_left or not ports.taken(urlsplit(url).port or 0):
                    raise
            else:
                return url
        raise AssertionError("the last try returns or raises")

    async def _store(self, target: Target, server: str) -> str:
        """Make what a target keeps its sessions in, and return its URL: of Redis without the number of a database."""
        if target.store == "postgres":
            programs = await postgres_server.find(made(self._root) / "venvs", lambda _text: None)
            return await postgres_server.make_database(programs, server, target.name)
        if target.store == "sqlite":
            folder = self._processes.folder / SQLITE / target.name
            folder.mkdir(0o700, parents=True, exist_ok=True)
            return f"sqlite:///{folder}/sessions.db"
        return server or "cookie:"

    def _launch(self, target: Target, binaries: Path, store: str) -> str:
        free = next(number for number in count() if number not in self._processes.databases())
        database = free if target.store == "redis" else None
        port = self._free_port()
        store_url = self._stores[target.name] = store if database is None else f"{store}/{database}"
        settings = process_app.settings(self._root, target, store_url=store_url, port=port, probes=self._probes)
        return process_app.launch(
            self._processes, target.name, target, binaries, settings, port=port, database=database
        )

    async def _environment(self, users: Sequence[Target], report: Report) -> Path:
        return await surroundings.make(self._root, users[0], _to_all(users, report))

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

    async def _postgres(self, users: Sequence[Target], report: Report) -> str:
        """Start a PostgreSQL for those who need one, and return its administrator's URL; raises `CannotStart`."""
        if not users:
            return ""
        programs = await postgres_server.find(made(self._root) / "venvs", _to_all(users, report))
        url = self.url(POSTGRES)
        if url:
            return url
        port, password = self._free_port(), secrets.token_hex(16)
        url = postgres_server.url(port, password)
        folder, user = self._processes.folder / POSTGRES, unprivileged.user()
        unprivileged.folder(folder, user)
        self._processes.launch(
            POSTGRES,
            postgres_server.arguments(programs, port, {}),
            folder=folder,
            environment={"LANG": "C.UTF-8"},
            url=url,
            standard_input=password.encode(),
            user=user,
        )
        try:
            await postgres_server.wait_until_ready(programs, url, lambda: self.state(POSTGRES), self._ready_seconds)
            await postgres_server.make_role(programs, url)
        except CannotStart as error:
            raise CannotStart(error.reason, error.log or self.log(POSTGRES)) from None
        return url

    def _free_port(self) -> int:
        """Return a port that nobody listens on, and that this runtime has not given to another target."""
        port = next(port for port in iter(ports.free, None) if port not in self._ports)
        self._ports.add(port)
        return port


def _to_all(users: Iterable[Target], report: Report) -> Callable[[str], None]:
    def to_all(text: str) -> None:
        for target in users:
            report(target.name, text)

    return to_all


async def _end(tasks: Sequence[asyncio.Task[Any]]) -> None:
    """Cancel what nobody waits for any more, and let it clean up."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
