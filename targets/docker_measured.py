"""A target in containers under a benchmark: the container that compose made, and its store's."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection
from contextlib import suppress

from docker.errors import APIError
from docker.models.containers import Container

from targets import containers
from targets.docker_stores import environment
from targets.emptied import NO_JOURNAL, REMOVE_ROWS, TRUNCATE
from targets.readiness import wait_until_ready
from targets.resources import ControlGroup
from targets.running import CannotStart

READY_SECONDS = 30.0
KILL_SECONDS = 10
POLL_SECONDS = 0.01  # the start is measured


class MeasuredContainer:
    """A container of an app, and that of its store where it has one.

    `directly` tells whether this machine reaches it at its own address, without the proxy of a published port.
    """

    def __init__(self, container: Container, store_kind: str, store: Container | None, *, directly: bool) -> None:
        self.url = ""
        self._directly = directly
        self._container = container
        self._store_kind = store_kind
        self._store_container = store
        self.store = ControlGroup(store) if store else None
        self.stop()

    def start(self, cpus: Collection[int]) -> float:
        """See `Measured`; the time begins with the start of the container."""
        if cpus:
            self._container.update(cpuset_cpus=",".join(map(str, sorted(cpus))))
        begun = time.monotonic()
        try:
            self._container.start()
        except APIError as error:
            raise CannotStart(str(error.explanation)) from None
        self._container.reload()
        self.url = f"http://{self._address()}"
        try:
            asyncio.run(wait_until_ready(self.url, self._state, READY_SECONDS, POLL_SECONDS))
        except CannotStart as error:
            raise CannotStart(error.reason, self.log()) from None
        seconds = time.monotonic() - begun
        self.app = ControlGroup(self._container)
        return seconds

    def stop(self) -> None:
        """See `Measured`."""
        with suppress(APIError):  # it does not run
            self._container.kill()
        self._container.wait(timeout=KILL_SECONDS)

    def spare_the_disk(self) -> None:
        """See `Measured`."""
        if self._store_kind == "redis":
            self._run(self._store_container, ["redis-cli", *NO_JOURNAL])

    def empty_store(self) -> None:
        """See `Measured`."""
        match self._store_kind:
            case "redis":
                self._run(self._store_container, ["redis-cli", "FLUSHALL"])
            case "postgres":
                database = environment(self._container.attrs)["STORE_URL"].rpartition("/")[2]
                command = ["psql", "--quiet", "--username=postgres", f"--dbname={database}", f"--command={TRUNCATE}"]
                self._run(self._store_container, command)
            case "sqlite":
                path = environment(self._container.attrs)["STORE_URL"].removeprefix("sqlite:///")
                self._run(self._container, ["python", "-c", REMOVE_ROWS, path])

    def log(self, lines: int = 20) -> str:
        """See `Measured`."""
        return containers.log(self._container, lines)

    def _address(self) -> str:
        if self._directly:
            return containers.own_address(self._container.attrs)
        return containers.address(self._container, f"{containers.APP_PORT}/tcp")

    def _state(self) -> str:
        self._container.reload()
        return containers.state(self._container)

    def _run(self, container: Container | None, command: list[str]) -> None:
        assert container  # noqa: S101 -- a store of this kind has a container
        status, said = container.exec_run(command)
        if status:
            raise CannotStart("the store could not be emptied", str(said))
