"""Control of a target in local processes: more of its app, and stores of their own, in a folder of the run's."""

from __future__ import annotations

import asyncio
import os
import resource
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Self

from targets import ports, process, process_app, process_stores, surroundings, unprivileged
from targets.checkout import made
from targets.control import Instance, OutOfReach, Settings, Store
from targets.database import seen
from targets.manifest import Target
from targets.processes import CONTROLS, Processes
from targets.readiness import wait_until_ready
from targets.running import CannotStart

READY_SECONDS = 30.0
LOG_SECONDS = 1.0
PORT_TRIES = 3


class ProcessControl:
    """The hand on a target of the run whose folder is `where`. Several threads may use it.

    Its own folder is inside that of the run, and so the run ends what is left of it.
    """

    def __init__(self, where: Path, target: Target, root: Path) -> None:
        self.kind = target.store
        self._target = target
        self._root = root
        self._where = where
        controls = where / CONTROLS
        controls.mkdir(parents=True, exist_ok=True)
        self._processes = Processes(Path(tempfile.mkdtemp(prefix=f"{target.name}-", dir=controls)))
        self._numbers = count(1)
        self._instances: list[LocalInstance] = []
        self._until_exit = ExitStack()
        self._until_exit.callback(unprivileged.remove, self._processes.folder)
        self._until_exit.callback(self._processes.kill_all)  # in good order takes time, for data that goes anyway

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """End every instance and store that was started here."""
        self._until_exit.close()

    def store(self) -> Store:
        """Start a store of the target's kind."""
        name = f"{self.kind}-{next(self._numbers)}"
        environments = made(self._root) / "venvs"
        match self.kind:
            case "redis":
                redis = process_stores.redis(self._processes, name, environments)
                self._until_exit.callback(redis.close)
                return redis
            case "postgres":
                return process_stores.postgres(self._processes, name, environments)
            case "sqlite":
                sqlite = process_stores.sqlite(self._processes.folder / name, lambda: self._no_room(sqlite))
                return sqlite
            case _:
                raise OutOfReach(f"there is no store of the kind {self.kind}: sessions are with their clients")

    def database(self) -> Store:
        """Make a store of the target's kind on a server of the run; for SQLite it is a file like any other."""
        run = Processes.found_again(self._where)
        match self.kind:
            case "redis" if (target := run.found(self._target.name)) and (server := run.found(process.REDIS)):
                redis = process_stores.redis_database(server.url, target.database or 0)
                self._until_exit.callback(redis.close)
                return seen(redis)
            case "postgres" if server := run.found(process.POSTGRES):
                environments = made(self._root) / "venvs"
                return seen(process_stores.postgres_database(server.url, f"{self._target.name}-checks", environments))
            case _:
                return seen(self.store())

    def instance(self, store: Store | None, settings: Settings) -> Instance:
        """Start an app on a store that `store` made, and wait until it answers."""
        name = f"app-{next(self._numbers)}"
        instance = LocalInstance(self._processes, name, self._target, self._root, store.app_url if store else "cookie:")
        instance.start(settings)
        self._instances.append(instance)
        return instance

    @contextmanager
    def _no_room(self, store: Store) -> Iterator[None]:
        """Let the store's apps write into no file: as on a full disk, but for the error's number (EFBIG)."""
        if not hasattr(resource, "prlimit"):
            raise OutOfReach("only Linux limits the files of a process that runs already")
        users = [each for each in self._instances if each.store_url == store.app_url]
        before = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for each in users for pid in each.pids()}
        try:
            for pid, (_, hard) in before.items():
                _limit(pid, (0, hard))
            yield
        finally:
            for pid, limits in before.items():
                _limit(pid, limits)


class LocalInstance:
    """The processes of an app."""

    def __init__(self, processes: Processes, name: str, target: Target, root: Path, store_url: str) -> None:
        self.store_url = store_url
        self.url = ""
        self._processes = processes
        self._name = name
        self._target = target
        self._root = root
        self._settings: Settings = {}
        self._reader = threading.Thread()

    def pids(self) -> set[int]:
        """Return the numbers of its processes."""
        return self._processes.family(self._name)

    def stop(self) -> None:
        """End it in good order, and wait for that."""
        self._processes.stop_one(self._name)

    def kill(self) -> None:
        """End all of its processes at once, and wait for that."""
        self._processes.kill(self._name)

    def start(self, settings: Settings | None = None) -> None:
        """Start it, or start it again with the same settings or others; raises `CannotStart`."""
        self._settings = self._settings if settings is None else settings
        binaries = asyncio.run(surroundings.make(self._root, self._target, lambda _text: None))
        for tries_left in reversed(range(PORT_TRIES)):
            port = ports.free()
            try:
                self._start(binaries, port)
            except CannotStart as error:
                self._processes.kill(self._name)
                if not tries_left or not ports.taken(port):
                    raise CannotStart(error.reason, self.log()) from None
            else:
                return

    def log(self, lines: int = 20) -> str:
        """Return the end of its log, since it was started last."""
        if self._processes.state(self._name) != "running":
            self._reader.join(LOG_SECONDS)
        return self._processes.log(self._name, lines)

    def _start(self, binaries: Path, port: int) -> None:
        usual = process_app.settings(self._root, self._target, store_url=self.store_url, port=port, probes=True)
        given = {name: value for name, value in {**usual, **self._settings}.items() if value is not None}
        # Its output comes to us: what it writes itself into a file would end with the room for files (`_no_room`).
        ours, its = os.pipe()
        self._reader = threading.Thread(target=_copy, args=(ours, self._processes.log_file(self._name)), daemon=True)
        try:
            self.url = process_app.launch(
                self._processes, self._name, self._target, binaries, given, port=port, output=its
            )
        finally:
            os.close(its)
            self._reader.start()
        asyncio.run(wait_until_ready(self.url, lambda: self._processes.state(self._name), READY_SECONDS))


def _copy(pipe: int, path: Path) -> None:
    with open(pipe, "rb", buffering=0) as source, path.open("ab", buffering=0) as log:
        while some := source.read(1 << 16):
            log.write(some)


def _limit(pid: int, limits: tuple[int, int]) -> None:
    with suppress(ProcessLookupError):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)
