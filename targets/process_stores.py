"""Stores of a check's own as local processes: a server on a port and in a folder of its own, or a file."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from targets import ports, postgres_server, redis_server, unprivileged
from targets.database import REDIS_OFFSET, Everybodys
from targets.postgres_store import SETTINGS, PostgresStore
from targets.processes import Processes
from targets.redis_store import RedisStore
from targets.running import CannotStart
from targets.sqlite_file import SqliteFile, answer
from targets.sqlite_store import SqliteStore

READY_SECONDS = 30.0
PASSWORD_BYTES = 16
LOG_LINES = 20
DATABASE = "sessions"
QUICK = {"fsync": "off"}  # what a killed server has written is with the kernel: only a machine that dies loses it


class LocalServer:
    """A server's process. While it is away, its port is held, so that nobody else takes it."""

    def __init__(self, processes: Processes, name: str, port: int, launch: Callable[[], None]) -> None:
        self._processes = processes
        self._name = name
        self._port = port
        self._launch = launch
        self._until_start = ExitStack()

    def stop(self) -> None:
        """End it in good order."""
        self._processes.stop_one(self._name)
        self._until_start.enter_context(ports.refused(self._port))

    def kill(self) -> None:
        """End it at once."""
        self._processes.kill(self._name)
        self._until_start.enter_context(ports.refused(self._port))

    def start(self) -> None:
        """Start it, or start it again."""
        self._until_start.close()
        self._launch()

    def freeze(self) -> None:
        """Stop its processes where they are."""
        self._processes.freeze(self._name)

    def thaw(self) -> None:
        """Let them go on."""
        self._processes.thaw(self._name)


def redis(processes: Processes, name: str, environments: Path) -> RedisStore:
    """Start a Redis that writes down what it acknowledges before it does; raises `CannotStart`."""
    program = asyncio.run(redis_server.find(environments, lambda _text: None))
    folder, port, password = processes.folder / f"{name}-data", ports.free(), secrets.token_hex(PASSWORD_BYTES)
    folder.mkdir()
    url = f"redis://:{password}@127.0.0.1:{port}/0"

    def launch() -> None:
        processes.launch(
            name,
            [str(program), "-"],
            folder=folder,
            environment={"LANG": "C.UTF-8"},
            url=url,
            standard_input=redis_server.configuration(port, password) + b"appendfsync always\n",
        )

    server = LocalServer(processes, name, port, launch)
    server.start()
    try:
        asyncio.run(redis_server.wait_until_ready(url, lambda: processes.state(name), READY_SECONDS))
    except CannotStart as error:
        raise CannotStart(error.reason, processes.log(name, LOG_LINES)) from None
    return RedisStore(url, url, server)


def postgres(processes: Processes, name: str, environments: Path) -> PostgresStore:
    """Start a PostgreSQL that logs what it is asked; raises `CannotStart`."""
    return asyncio.run(_postgres(processes, name, environments))


async def _postgres(processes: Processes, name: str, environments: Path) -> PostgresStore:
    programs = await postgres_server.find(environments, lambda _text: None)
    folder, port, password = processes.folder / f"{name}-data", ports.free(), secrets.token_hex(PASSWORD_BYTES)
    user = unprivileged.user()
    unprivileged.folder(folder, user)
    url = postgres_server.url(port, password)

    def launch() -> None:
        processes.launch(
            name,
            postgres_server.arguments(programs, port, SETTINGS | QUICK),
            folder=folder,
            environment={"LANG": "C.UTF-8"},
            url=url,
            standard_input=password.encode(),
            user=user,
        )

    server = LocalServer(processes, name, port, launch)
    server.start()
    try:
        await postgres_server.wait_until_ready(programs, url, lambda: processes.state(name), READY_SECONDS)
        await postgres_server.make_role(programs, url)
        app_url = await postgres_server.make_database(programs, url, DATABASE)
    except CannotStart as error:
        raise CannotStart(error.reason, error.log or processes.log(name, LOG_LINES)) from None
    return PostgresStore(app_url, postgres_server.url(port, password, DATABASE), server)


def redis_database(server: str, number: int) -> RedisStore:
    """Return a database of a run's Redis, beside that of a target's number."""
    url = f"{server}/{REDIS_OFFSET + number}"
    return RedisStore(url, url, Everybodys())


def postgres_database(server: str, name: str, environments: Path) -> PostgresStore:
    """Make a database in a run's PostgreSQL, whose administrator's URL is `server`; raises `CannotStart`."""

    async def make() -> str:
        programs = await postgres_server.find(environments, lambda _text: None)
        return await postgres_server.make_database(programs, server, name)

    return PostgresStore(asyncio.run(make()), urlsplit(server)._replace(path=f"/{name}").geturl(), Everybodys())


def sqlite(folder: Path, full: Callable[[], AbstractContextManager[None]]) -> SqliteStore:
    """Make a folder for a file, as a target's own."""
    folder.mkdir(0o700)
    path = folder / "sessions.db"
    file = SqliteFile(str(path))
    return SqliteStore(f"sqlite:///{path}", lambda line: answer(file, line), full)
