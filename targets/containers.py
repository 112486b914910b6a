"""Containers beside those of a compose project: copies with other settings, which end as the project does.

Made by the engine's API alone: a call of `docker compose` costs more than the start of the container.
"""

from __future__ import annotations

import secrets
import socket
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from copy import deepcopy
from typing import Any

import docker
from docker.errors import DockerException, NotFound
from docker.models.containers import Container
from docker.models.volumes import Volume

from targets.processes import signal_name
from targets.running import CannotStart

PROJECT, SERVICE = "com.docker.compose.project", "com.docker.compose.service"
COPIED_LABELS = (PROJECT, "com.docker.compose.config-hash", "com.docker.compose.oneoff", "com.same-session.")
SIGNALLED = 128  # a shell's and an init's way to say "ended by signal": 128 + its number
TOKEN_BYTES = 4
LOOPBACK = "127.0.0.1"
APP_PORT = 8000
CONNECT_ATTEMPTS = 5
ATTEMPT_SECONDS = 0.2
ANSWER_SECONDS = 0.5  # for one that is on this machine, or not to be reached
REMOVED_AT_ONCE = 4  # at the same time


class Copies:
    """Copies of the containers of one project, beside one of its apps; `close`, or else the end of that, removes them.

    Raises `CannotStart` where the project has no such app.
    """

    def __init__(self, project: str, app: str) -> None:
        self.project = project
        self._engine = connect()
        self.app = self.original(app)
        self.reached_directly = bool(direct(self.app))
        self._containers: list[Container] = []
        self._volumes: list[Volume] = []
        self._sockets: list[Any] = []

    def original(self, service: str) -> dict[str, Any]:
        """Return what the engine tells of a service's container; raises `CannotStart` where there is none."""
        attributes: dict[str, Any] = self.service(service).attrs
        return attributes

    def service(self, service: str) -> Container:
        """Return a service's own container; raises `CannotStart` where there is none."""
        found = find(self._engine, self.project, service)
        if not found:
            raise CannotStart(f"the project {self.project} has no container of {service!r}")
        return found

    def volume(self, original: Mapping[str, Any], options: Mapping[str, str]) -> str:
        """Make a volume with options of the engine's `local` driver; return its name."""
        name = f"{self.project}_{secrets.token_hex(TOKEN_BYTES)}"
        labels = _labels(original, name) | {"com.docker.compose.volume": name}
        self._volumes.append(
            self._engine.volumes.create(name, driver="local", driver_opts=dict(options), labels=labels)
        )
        return name

    def make(
        self,
        original: Mapping[str, Any],
        config: Mapping[str, Any],
        host: Mapping[str, Any],
        networks: Sequence[str],
    ) -> Container:
        """Make a container like `original`, but for parts of its Config and HostConfig and for its networks.

        It can be reached by its name in each of them; the first is that of its published port. It is not started yet.
        """
        name = f"{original['Name'].removeprefix('/')}-{secrets.token_hex(TOKEN_BYTES)}"
        body = deepcopy(original["Config"]) | {
            "Image": original["Image"],  # its name may be that of a newer one by now
            "Hostname": "",  # else the original's id
            "Healthcheck": {"Test": ["NONE"]},
            "Labels": _labels(original, name),
            "HostConfig": deepcopy(original["HostConfig"]) | {"NetworkMode": [*networks, "none"][0]} | host,
        }
        made = self._engine.api.create_container_from_config(body | config, name)
        container = self._engine.containers.get(made["Id"])
        self._containers.append(container)
        for network in networks[1:]:
            self._engine.networks.get(network).connect(container)
        return container

    def connect(self, container: Container) -> Any:
        """Return a socket of a container that is not started yet: its input, and frames of its output."""
        wanted = {"stdin": 1, "stdout": 1, "stderr": 0, "stream": 1}
        self._sockets.append(self._engine.api.attach_socket(str(container.name), wanted))
        return self._sockets[-1]

    def run_in(self, container: Container, command: Sequence[str]) -> Any:
        """Start one more program in a container that runs; return a socket: its input, and frames of its output."""
        program = self._engine.api.exec_create(container.id, list(command), stdin=True, stderr=False)
        self._sockets.append(self._engine.api.exec_start(program["Id"], socket=True))
        return self._sockets[-1]

    def published(self, ports: Sequence[str]) -> dict[str, Any]:
        """Return the PortBindings of a HostConfig by which `address` reaches these ports.

        On Linux none are needed. Each one costs a process, several rules of the firewall, and a copy of each byte.
        """
        return {} if self.reached_directly else {port: [{"HostIp": LOOPBACK, "HostPort": ""}] for port in ports}

    def address(self, container: Container, port: str) -> str:
        """Return where this machine reaches a port of one that runs, as `172.18.0.5:8000` or `127.0.0.1:49153`."""
        if self.reached_directly:
            return f"{_addresses(container.attrs)[0]}:{port.partition('/')[0]}"
        return address(container, port)

    def close(self) -> None:
        """Remove all of them."""
        for each in self._sockets:
            each._response.close()  # noqa: SLF001 -- which the SDK hides there, for want of another way to close both
        with ThreadPoolExecutor(REMOVED_AT_ONCE) as pool:
            list(pool.map(remove, self._containers))
        for volume in self._volumes:
            volume.remove()
        self._engine.close()


def connect() -> docker.DockerClient:
    """Connect to the engine, which on a machine at its limit was seen to answer `/version` without one."""
    for _ in range(CONNECT_ATTEMPTS - 1):
        with suppress(DockerException):
            return _connected()
        time.sleep(ATTEMPT_SECONDS)
    return _connected()


def _connected() -> docker.DockerClient:
    """Connect without looking for a proxy before each request: pytest changes the environment meanwhile."""
    engine = docker.from_env()
    engine.api.trust_env = False
    return engine


def find(engine: docker.DockerClient, project: str, service: str) -> Container | None:
    """Return a project's container of a service, which may have ended."""
    try:
        labels = [f"{PROJECT}={project}", f"{SERVICE}={service}"]
        found = engine.containers.list(all=True, filters={"label": labels}, ignore_removed=True)
    except NotFound:
        return None
    return found[0] if found else None


def address(container: Container, port: str) -> str:
    """Return where this machine reaches a container's port, as `127.0.0.1:49153`; "" where it does not."""
    published = container.ports.get(port)
    return f"{LOOPBACK}:{published[0]['HostPort']}" if published else ""


def _addresses(attributes: Mapping[str, Any]) -> list[str]:
    networks = attributes["NetworkSettings"]["Networks"].values()
    return [each["IPAddress"] for each in networks if each["IPAddress"]]


def direct(app: Mapping[str, Any]) -> str:
    """Return the address by which this machine reaches the container of an app that answers, as `172.18.0.5:8000`.

    "" where it does not: where the engine has a machine of its own, as on macOS and Windows.
    """
    for each in _addresses(app):
        with suppress(OSError), socket.create_connection((each, APP_PORT), ANSWER_SECONDS):
            return f"{each}:{APP_PORT}"
    return ""


def own_address(app: Mapping[str, Any]) -> str:
    """Return the address of an app's container in its first network, as `172.18.0.5:8000`."""
    return f"{_addresses(app)[0]}:{APP_PORT}"


def state(container: Container) -> str:
    """Return "running", or how the container ended, as it was when the engine was last asked."""
    now = container.attrs["State"]
    status, code = now["Status"], int(now["ExitCode"])
    if status == "running":
        return "running"
    if status == "created":
        return f"never started: {now['Error'] or 'the engine does not say why'}"
    if status != "exited":
        return str(status)
    if now["OOMKilled"]:
        return "killed for using more memory than its limit"
    return ending(code)


def ending(code: int) -> str:
    """Return what an exit status means, as a shell or an init tells it."""
    if code > SIGNALLED:
        return f"killed by signal {signal_name(code - SIGNALLED)}"
    return f"exited with status {code}"


def log(container: Container, lines: int) -> str:
    """Return the end of what a container printed."""
    return container.logs(tail=lines).decode(errors="replace").rstrip()


def _labels(original: Mapping[str, Any], name: str) -> dict[str, str]:
    """Return labels by which compose and `remove_leftovers` find a copy, under a service name of its own."""
    labels = original["Config"]["Labels"].items()
    return {key: value for key, value in labels if key.startswith(COPIED_LABELS)} | {SERVICE: name}


def remove(container: Container) -> None:
    """Remove a container, whatever its state, with the volumes that have no name."""
    with suppress(NotFound):
        container.remove(force=True, v=True)
