"""A target as local processes under a benchmark: the app's processes, and those of its store's server."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Collection
from urllib.parse import urlsplit

import psycopg
import redis

from targets.emptied import NO_JOURNAL, REMOVE_ROWS, TRUNCATE
from targets.processes import Processes
from targets.readiness import wait_until_ready
from targets.resources import ProcessTree
from targets.running import CannotStart

READY_SECONDS = 30.0
POLL_SECONDS = 0.01  # the start is measured


class MeasuredProcess:
    """The processes of a name, started by a function that returns their URL, on a store's URL."""

    def __init__(self, processes: Processes, name: str, server: str, store_url: str, launch: Callable[[], str]) -> None:
        self.url = ""
        self._processes = processes
        self._name = name
        self._store_url = store_url
        self._launch = launch
        self.app = ProcessTree(lambda: processes.family(name))
        self.store = ProcessTree(lambda: processes.family(server)) if server else None
        self.stop()

    def start(self, cpus: Collection[int]) -> float:
        """See `Measured`; the time begins with the start of the process."""
        begun = time.monotonic()
        self.url = self._launch()
        if cpus:
            self.app.pin(cpus)
        try:
            asyncio.run(wait_until_ready(self.url, self._state, READY_SECONDS, POLL_SECONDS))
        except CannotStart as error:
            raise CannotStart(error.reason, self.log()) from None
        seconds = time.monotonic() - begun
        pids = self._processes.family(self._name)  # to look for them takes longer than to read their counters
        self.app = ProcessTree(lambda: pids)
        return seconds

    def stop(self) -> None:
        """See `Measured`."""
        self._processes.kill(self._name)

    def spare_the_disk(self) -> None:
        """See `Measured`."""
        if urlsplit(self._store_url).scheme == "redis":
            with redis.Redis.from_url(self._store_url) as client:
                client.execute_command(*NO_JOURNAL)

    def empty_store(self) -> None:
        """See `Measured`."""
        match urlsplit(self._store_url).scheme:
            case "redis":
                with redis.Redis.from_url(self._store_url) as client:
                    client.flushdb()
            case "postgresql":
                with psycopg.connect(self._store_url, autocommit=True) as connection:
                    connection.execute(TRUNCATE)
            case "sqlite":
                path = self._store_url.removeprefix("sqlite:///")
                subprocess.run([sys.executable, "-c", REMOVE_ROWS, path], check=True)  # noqa: S603 -- our own program

    def log(self, lines: int = 20) -> str:
        """See `Measured`."""
        return self._processes.log(self._name, lines)

    def _state(self) -> str:
        return self._processes.state(self._name)
