"""Control of a target in containers: a copy of its own for instances, copies of its store's, and their faults."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any, Self

from targets import docker_stores
from targets.containers import Copies
from targets.control import Instance, OutOfReach, Settings, Store
from targets.database import seen
from targets.instance_host import InstanceHost
from targets.manifest import Target
from targets.readiness import wait_until_ready
from targets.running import CannotStart

READY_SECONDS = 30.0
STOP_SECONDS = 5.0
KILL_SECONDS = 10.0
POLL_SECONDS = 0.05
FOLDER = "/tmp/checks"  # noqa: S108 -- the container's, in memory
NOWHERE = "http://127.0.0.1:1"  # of one that has ended: its port is soon another's


class DockerControl:
    """The hand on a target of one compose project. Several threads may use it."""

    def __init__(self, project: str, target: Target) -> None:
        self.kind = target.store
        self._copies = Copies(project, target.name)
        self._until_exit = ExitStack()
        self._until_exit.callback(self._copies.close)
        self._app = self._copies.app
        self._hosts: dict[int | None, InstanceHost] = {}  # by the store that is in them, None for all others
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove every instance and store that was started here."""
        self._until_exit.close()

    def store(self) -> Store:
        """Start a store of the target's kind."""
        match self.kind:
            case "redis":
                store: Any = docker_stores.redis(self._copies, self._app)
            case "postgres":
                store = docker_stores.postgres(self._copies, self._app)
            case "sqlite":
                host = InstanceHost(self._copies, self._app, docker_stores.room(self._copies, self._app))
                url = docker_stores.environment(self._app)["STORE_URL"]
                store = docker_stores.sqlite(self._copies, host.container, url)
                self._hosts[id(store)] = host
            case _:
                raise OutOfReach(f"there is no store of the kind {self.kind}: sessions are with their clients")
        self._until_exit.callback(store.close)
        made: Store = store
        return made

    def database(self) -> Store:
        """Make a store of the target's kind on a server of the run, where this machine reaches that."""
        match self.kind:
            case "redis" if self._copies.reached_directly:
                redis = docker_stores.redis_database(self._copies, self._app)
                self._until_exit.callback(redis.close)
                return seen(redis)
            case "postgres" if self._copies.reached_directly:
                return seen(docker_stores.postgres_database(self._copies, self._app))
            case "sqlite":
                host = self._host(None)
                host.run(f"mkdir -m 700 {FOLDER}")
                return seen(docker_stores.sqlite(self._copies, host.container, f"sqlite:///{FOLDER}/sessions.db"))
            case _:
                return seen(self.store())

    def instance(self, store: Store | None, settings: Settings) -> Instance:
        """Start an app on a store that `store` made, and wait until it answers."""
        given = {"PROBES": "true", "STORE_URL": store.app_url if store else "cookie:"}
        instance = DockerInstance(self._host(store), docker_stores.environment(self._app) | given)
        instance.start(settings)
        return instance

    def _host(self, store: Store | None) -> InstanceHost:
        """Return the container for the instances on a store; servers can all be reached from the same one."""
        with self._lock:
            if id(store) in self._hosts:
                return self._hosts[id(store)]
            if None not in self._hosts:
                self._hosts[None] = InstanceHost(self._copies, self._app, {})
            return self._hosts[None]


class DockerInstance:
    """A process of the target's command, with its workers, in a container that it shares with other instances."""

    def __init__(self, host: InstanceHost, variables: Mapping[str, str]) -> None:
        self.url = NOWHERE
        self._host = host
        self._variables = variables
        self._settings: Settings = {}
        self._log = host.new_log()
        self._port = 0
        self._process: int | None = None  # which leads a group

    def stop(self) -> None:
        """End it in good order, and wait for that; what does not end in 5 seconds is killed."""
        if self._process:
            self._host.run(f"kill -s TERM {self._process}")
            deadline = time.monotonic() + STOP_SECONDS
            while self._state() == "running" and time.monotonic() < deadline:
                time.sleep(POLL_SECONDS)
            self.kill()

    def kill(self) -> None:
        """End all of its processes at once, and wait for that; raises TimeoutError where one goes on."""
        if not self._process:
            return
        deadline = time.monotonic() + KILL_SECONDS
        while self._host.run(f"kill -s KILL -- -{self._process} 2>/dev/null")[0] == 0:  # as long as there is any
            if time.monotonic() > deadline:
                raise TimeoutError(f"the instance at {self.url} goes on after SIGKILL")
            time.sleep(POLL_SECONDS)
        self._process = None
        self.url = NOWHERE
        self._host.give_back(self._port)

    def start(self, settings: Settings | None = None) -> None:
        """Start it again, with other settings where they are given; raises `CannotStart`."""
        self.kill()  # what is left of one that ended by itself
        if settings is not None:
            self._settings = settings
            self._host.run(f"rm -f {self._log}")
        self._port = self._host.take_port()
        variables = {**self._variables, "PORT": str(self._port), **self._settings}
        given = {name: value for name, value in variables.items() if value is not None}
        self._process = self._host.launch(given, self._log)
        self.url = self._host.url(self._port)
        try:
            asyncio.run(wait_until_ready(self.url, self._state, READY_SECONDS))
        except CannotStart as error:
            self.kill()
            raise CannotStart(error.reason, self.log()) from None

    def log(self, lines: int = 20) -> str:
        """Return the end of its log."""
        return self._host.run(f"tail -n {lines} {self._log}")[1]

    def _state(self) -> str:
        assert self._process  # noqa: S101 -- asked between `launch` and `kill` alone
        return self._host.state(self._process)
