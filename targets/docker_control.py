"""Control of a target in containers: copies of its container, of its store's, and their faults."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any, Self

from docker.errors import APIError
from docker.models.containers import Container

from targets import containers, docker_stores
from targets.containers import Copies
from targets.control import Instance, OutOfReach, Settings, Store
from targets.manifest import Target
from targets.readiness import wait_until_ready
from targets.running import CannotStart

READY_SECONDS = 30.0
STOP_SECONDS = 5
APP_PORT = "8000/tcp"


class DockerControl:
    """The hand on a target of one compose project. Several threads may use it."""

    def __init__(self, project: str, target: Target) -> None:
        self.kind = target.store
        self._copies = Copies(project)
        self._until_exit = ExitStack()
        self._until_exit.callback(self._copies.close)
        self._app = self._copies.original(target.name)
        self._mounts: dict[int, Mapping[str, Any]] = {}  # by the store that they belong to

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
                store, mounts = docker_stores.sqlite(self._copies, self._app)
                self._mounts[id(store)] = mounts
            case _:
                raise OutOfReach(f"there is no store of the kind {self.kind}: sessions are with their clients")
        self._until_exit.callback(store.close)
        made: Store = store
        return made

    def instance(self, store: Store | None, settings: Settings) -> Instance:
        """Start an app on a store that `store` made, and wait until it answers."""
        given = {"PROBES": "true", "STORE_URL": store.app_url if store else "cookie:"}
        instance = DockerInstance(self._copies, self._app, given, self._mounts.get(id(store), {}))
        try:
            instance.start(settings)
        except CannotStart:
            instance.remove()
            raise
        return instance


class DockerInstance:
    """A copy of the target's container. Other settings make another copy, in the place of the one before."""

    def __init__(
        self, copies: Copies, app: Mapping[str, Any], settings: Mapping[str, str], mounts: Mapping[str, Any]
    ) -> None:
        self._copies = copies
        self._app = app
        self._settings = settings
        self._mounts = mounts
        self._container: Container | None = None

    @property
    def url(self) -> str:
        """The base URL; another one after each start."""
        return f"http://{containers.address(self._made, APP_PORT)}"

    def stop(self) -> None:
        """End it in good order, and wait for that."""
        self._made.stop(timeout=STOP_SECONDS)

    def kill(self) -> None:
        """End all of its processes at once, and wait for that."""
        if self._state() == "running":
            self._made.kill()
            self._made.wait()

    def start(self, settings: Settings | None = None) -> None:
        """Start it again, with other settings where they are given; raises `CannotStart`."""
        if settings is not None:
            self._replace(settings)
        try:
            self._made.start()
        except APIError as error:
            raise CannotStart(str(error.explanation)) from None
        if (now := self._state()) != "running":
            raise CannotStart(now, self.log())
        try:
            asyncio.run(wait_until_ready(self.url, self._state, READY_SECONDS))
        except CannotStart as error:
            raise CannotStart(error.reason, self.log()) from None

    def remove(self) -> None:
        """End it for good."""
        if self._container:
            containers.remove(self._container)

    def log(self, lines: int = 20) -> str:
        """Return the end of its log."""
        return containers.log(self._made, lines)

    @property
    def _made(self) -> Container:
        assert self._container  # noqa: S101 -- `instance` has started it once
        return self._container

    def _replace(self, settings: Settings) -> None:
        self.remove()
        variables = {**docker_stores.environment(self._app), **self._settings, **settings}
        # A name without a value takes a variable away, one of the image's too.
        config = {"Env": [name if value is None else f"{name}={value}" for name, value in variables.items()]}
        networks = [self._app["HostConfig"]["NetworkMode"]]
        networks += [each for each in self._app["NetworkSettings"]["Networks"] if each not in networks]
        self._container = self._copies.make(self._app, config, self._mounts, networks)

    def _state(self) -> str:
        self._made.reload()
        return containers.state(self._made)
