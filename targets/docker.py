"""The runtime of containers: the services of compose.yaml, one project for each run beside that of `make up`."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from docker.errors import APIError
from docker.models.containers import Container

from targets import containers, interrupts, manifest, started
from targets.checkout import identity, signing_secret, store_password
from targets.compose import Compose, down, follow
from targets.docker_measured import MeasuredContainer
from targets.manifest import Target
from targets.measured import Measured
from targets.readiness import wait_until_ready
from targets.running import CannotStart, NotStarted, Running, RuntimeUnavailable
from targets.started import Started

READY_SECONDS = 30.0
POLL_SECONDS = 0.1
ENGINE_SECONDS = 10  # for one question; a machine that just booted is slow
OLDEST_COMPOSE = (2, 24)  # the first with env_file.required
CHECKOUT, PID, SINCE = "com.same-session.checkout", "com.same-session.pid", "com.same-session.since"

Report = Callable[[str, str], None]


def problem() -> str | None:
    """Return why there is no engine with a compose that we can use, or None where there is one."""
    if not shutil.which("docker"):
        return "no docker command is installed"
    numbers = tuple(map(int, re.findall(r"\d+", _ask("compose", "version", "--short"))[:2]))
    if numbers < OLDEST_COMPOSE:
        return f"it has no `docker compose` of version {'.'.join(map(str, OLDEST_COMPOSE))} or later"
    if not _ask("version", "--format", "{{.Server.Version}}"):
        return "no Docker engine answers"
    return None


def for_run(root: Path, ready_seconds: float = READY_SECONDS) -> DockerRuntime:
    """Make the runtime of one run, with probes; its volumes end with it."""
    pid = os.getpid()
    settings = {"PROBES": "true", "RUN_PID": str(pid), "RUN_SINCE": started.since(pid) or "", "HEALTH_INTERVAL": "1h"}
    return DockerRuntime(root, f"-run-{pid}", settings, ("--volumes",), ready_seconds)


def standing(root: Path) -> DockerRuntime:
    """Make the runtime of `make up`: containers that stay, and sessions that outlive them."""
    return DockerRuntime(root, "", {}, (), READY_SECONDS)


class DockerRuntime:
    """Containers of one compose project."""

    name = "docker"

    def __init__(
        self, root: Path, suffix: str, settings: dict[str, str], down_options: tuple[str, ...], ready_seconds: float
    ) -> None:
        self._root = root.resolve()
        self._checkout = identity(root)
        common = {"CHECKOUT": self._checkout, "STORE_PASSWORD": store_password(self._root)}
        settings = common | {"PROBES": "false", "RUN_PID": "", "RUN_SINCE": ""} | settings
        project = f"same-session-{self._checkout}"
        self._compose = Compose(self._root, project + suffix, settings)
        self._builder = Compose(self._root, project, settings)  # its name is in the images: all runs share them
        self._down_options = down_options
        self._ready_seconds = ready_seconds
        self._is_run = bool(settings["RUN_PID"])
        self._engine = containers.connect()
        self._reached_directly: set[str] = set()
        self._until_exit = ExitStack()

    @property
    def where(self) -> str:
        """The compose project."""
        return self._compose.project

    def __enter__(self) -> Self:
        """Clean up after runs that were killed, and turn SIGTERM into KeyboardInterrupt."""
        self._until_exit.enter_context(interrupts.terminate_as_interrupt())
        self.remove_leftovers()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove everything."""
        self.stop()
        self._until_exit.close()

    def start(self, targets: Sequence[Target], report: Report) -> dict[str, Running | NotStarted]:
        """Build and start targets in parallel, and wait until each answers or cannot."""
        return asyncio.run(self._start(targets, report))

    def stop(self) -> None:
        """Remove this project's containers and networks, and its volumes where they belong to a run."""
        with interrupts.held():
            try:
                self._down(self._compose.project, *self._down_options)
            finally:
                self._engine.close()  # it opens again where a log is asked for

    def remove_leftovers(self) -> None:
        """Remove what runs of this checkout left behind when they were killed."""
        dead = {
            labels[containers.PROJECT]
            for labels in self._labels()
            if labels.get(PID) and not Started(int(labels[PID]), labels.get(SINCE, "")).alive
        }
        for project in dead:
            self._down(project, "--volumes")

    def log(self, name: str, lines: int = 20) -> str:
        """Return the end of a target's log, also after its death."""
        container = self._container(name)
        return containers.log(container, lines) if container else ""

    def state(self, name: str) -> str:
        """Return "running", or how the target ended."""
        container = self._container(name)
        return containers.state(container) if container else "not started"

    def image(self, name: str) -> str:
        """Return the id of the image that a target runs from; "" where there is none."""
        container = self._container(name)
        return str(container.attrs["Image"]) if container else ""

    def url(self, name: str) -> str:
        """Return the base URL of a target while it runs, else ""."""
        container = self._container(name)
        address = containers.address(container, f"{containers.APP_PORT}/tcp") if container else ""
        return f"http://{address}" if address else ""

    def measured(self, target: Target, command: Sequence[str] = ()) -> Measured:
        """Return a target that was started for a benchmark to handle, or with `command` that program in its place."""
        container = self._container(target.name)
        if not container:
            raise CannotStart(self.state(target.name))
        directly = target.name in self._reached_directly
        if command:
            copies = containers.Copies(self._compose.project, target.name)
            self._until_exit.callback(copies.close)
            networks = list(container.attrs["NetworkSettings"]["Networks"])
            container = copies.make(container.attrs, {"Entrypoint": [], "Cmd": list(command)}, {}, networks)
        return MeasuredContainer(container, target.store, self._container(target.store), directly=directly)

    def follow(self, names: Sequence[str]) -> list[str]:
        """Return the command that shows logs as they grow."""
        return follow(self._compose.project, names)

    def _down(self, project: str, *options: str) -> None:
        """Remove a project; raises `RuntimeUnavailable` where anything of it still runs.

        A network may stay, which harms no run: an engine that has lost count of its endpoints does not let it go
        (https://github.com/moby/moby/issues/42119).
        """
        try:
            asyncio.run(down(project, *options))
        except CannotStart as error:
            if self._engine.containers.list(all=True, filters={"label": f"{containers.PROJECT}={project}"}):
                raise RuntimeUnavailable(
                    f"{error}\nsee: docker ps --filter label={CHECKOUT}={self._checkout}"
                ) from None
            print(f"targets: left behind: {error.log.rpartition(chr(10))[2]}", file=sys.stderr)

    async def _start(self, targets: Sequence[Target], report: Report) -> dict[str, Running | NotStarted]:
        try:
            services = await self._compose.services()
        except CannotStart as error:
            return {target.name: NotStarted(target, error.reason, error.log) for target in targets}
        failed = {
            target.name: CannotStart(f"compose.yaml has no service {target.name!r}; add one")
            for target in targets
            if target.name not in services
        }
        users: dict[str, list[Target]] = {}
        for target in targets:
            signing_secret(self._root, target.name)
            if target.name not in failed:
                users.setdefault(target.implementation, []).append(target)
        await asyncio.gather(*(self._build(each, services, failed, report) for each in users.values()))
        replaced = {"dangling": True, "label": f"{CHECKOUT}={self._checkout}"}
        self._engine.images.prune(replaced)
        whole = [target for target in targets if target.name not in failed]
        await self._start_stores(services & {target.store for target in whole})
        await self._up(whole, failed, report)
        outcomes = await asyncio.gather(*(self._wait(target, failed.get(target.name), report) for target in targets))
        return {outcome.target.name: outcome for outcome in outcomes}

    async def _build(
        self, users: Sequence[Target], services: set[str], failed: dict[str, CannotStart], report: Report
    ) -> None:
        """Build the one image of an implementation's targets.

        By the same service whatever was selected: its name is in the image, and `up` replaces what runs from another.
        """
        every = (target for target in manifest.find(self._root) if target.name in services)
        service = next(target.name for target in every if target.implementation == users[0].implementation)

        def to_all(text: str) -> None:
            for target in users:
                report(target.name, text)

        try:
            await self._builder.build(service, to_all)
        except CannotStart as error:
            failed |= {target.name: error for target in users}

    async def _start_stores(self, stores: set[str]) -> None:
        """Start stores and wait until they answer, since on a busy machine apps would give up before they do.

        What goes wrong here goes wrong again for the targets that depend on it, and is told there.
        """
        with suppress(CannotStart, APIError, TimeoutError):
            if stores:
                await self._compose.up(sorted(stores))
                async with asyncio.timeout(self._ready_seconds):
                    await asyncio.gather(*map(self._healthy, stores))

    async def _healthy(self, service: str) -> None:
        """Return once the service's own health check holds, without waiting for the engine to try it."""
        while container := self._container(service):
            check = container.attrs["Config"]["Healthcheck"]["Test"][1:]  # after "CMD"
            if (await asyncio.to_thread(container.exec_run, check)).exit_code == 0:
                return
            await asyncio.sleep(POLL_SECONDS)

    async def _up(self, targets: Sequence[Target], failed: dict[str, CannotStart], report: Report) -> None:
        """Start targets together; where that fails, one by one, so that one does not take the others down."""
        for target in targets:
            report(target.name, "starting")
        try:
            if targets:
                await self._compose.up([target.name for target in targets])
        except CannotStart as together:
            if len(targets) == 1:
                failed[targets[0].name] = together
                return
            for target in targets:
                await self._up([target], failed, lambda _name, _text: None)

    async def _wait(self, target: Target, failed: CannotStart | None, report: Report) -> Running | NotStarted:
        url = self.url(target.name)
        if not failed and not url:
            failed = CannotStart(self.state(target.name))
        if not failed:
            try:
                await wait_until_ready(url, lambda: self.state(target.name), self._ready_seconds)
            except CannotStart as error:
                failed = error
        if failed:
            report(target.name, f"not started: {failed.reason}")
            return NotStarted(target, failed.reason, failed.log or self.log(target.name))
        report(target.name, "ready")
        if own := self._directly(target.name):
            self._reached_directly.add(target.name)
        return Running(target, own or url)

    def _directly(self, name: str) -> str:
        """Return the URL of a run's target by its container's address, "" where it has none or is to be published.

        The published port is a process that copies each byte: it would take a twelfth of a run's time.
        """
        container = self._container(name) if self._is_run else None
        address = containers.direct(container.attrs) if container else ""
        return f"http://{address}" if address else ""

    def _container(self, name: str) -> Container | None:
        return containers.find(self._engine, self._compose.project, name)

    def _labels(self) -> list[dict[str, Any]]:
        """Return the labels of everything that this checkout has in the engine."""
        mine: dict[str, Any] = {"label": f"{CHECKOUT}={self._checkout}"}
        return [
            *(each.labels for each in self._engine.containers.list(all=True, filters=mine, ignore_removed=True)),
            *(each.attrs["Labels"] for each in self._engine.networks.list(filters=mine)),
            *(each.attrs["Labels"] for each in self._engine.volumes.list(filters=mine)),
        ]


def _ask(*arguments: str) -> str:
    """Return what the docker command says, or nothing where it fails."""
    try:
        said = subprocess.run(  # noqa: S603 -- our own questions
            ["docker", *arguments],  # noqa: S607 -- wherever it is installed
            capture_output=True,
            text=True,
            check=True,
            timeout=ENGINE_SECONDS,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return ""
    return said.stdout.strip()
