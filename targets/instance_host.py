"""A container that runs instances of an app as processes: to start a container costs more than to start the app.

Its own program is a shell that reads what to do from its input. An image needs no more than that shell, `setsid`, and
POSIX's `env`, `cat`, `rm` and `tail`.
"""

from __future__ import annotations

import secrets
import shlex
import threading
from collections import deque
from collections.abc import Mapping
from itertools import count
from typing import Any

from docker.errors import APIError

from targets import containers
from targets.containers import Copies
from targets.conversation import Conversation
from targets.running import CannotStart

INSTANCES = 8  # at the same time
PORTS = range(8000, 8000 + INSTANCES)
LOG_LINES = 20
MARK_BYTES = 16
FOLDER = "/tmp"  # noqa: S108 -- the container's, in memory; what else is there is ours

# The app leads a session, and so a group, of its own. Who waits for it closes its output: that ends the substitution.
START = """
echo "$( (
    setsid env -i HOME="$HOME" HOSTNAME="$HOSTNAME" {command} >>{log} 2>&1 &
    echo $!
    exec >&-
    wait $!
    echo $? >{folder}/$!.status
) & )"
"""


class InstanceHost:
    """A copy of a target's container with another program. Several threads may use it."""

    def __init__(self, copies: Copies, app: Mapping[str, Any], mounts: Mapping[str, Any]) -> None:
        self._copies = copies
        self._command = [*(app["Config"]["Entrypoint"] or []), *(app["Config"]["Cmd"] or [])]
        self._mark = secrets.token_hex(MARK_BYTES)
        self._numbers = count()
        self._free = deque(PORTS)  # the one that was given back first is the first to be taken again
        self._lock = threading.Lock()
        limits = app["HostConfig"]
        ports = [_name(port) for port in PORTS]
        config = {"Entrypoint": ["sh"], "Cmd": [], "OpenStdin": True, "ExposedPorts": {name: {} for name in ports}}
        host = {
            # The limits of one, times 8: 128 MB and 64 processes each. An engine refuses more CPUs than it has.
            "Memory": limits["Memory"] * INSTANCES,
            "MemorySwap": 0,
            "PidsLimit": (limits["PidsLimit"] or 0) * INSTANCES,
            "NanoCpus": 0,
            "Init": True,  # collects workers whose parent was killed
            "PortBindings": copies.published(ports),
            **mounts,
        }
        networks = [limits["NetworkMode"]]
        networks += [each for each in app["NetworkSettings"]["Networks"] if each not in networks]
        self.container = copies.make(app, config, host, networks)
        self._shell = Conversation(self.container, copies.connect(self.container))
        try:
            self.container.start()
        except APIError as error:
            raise CannotStart(str(error.explanation)) from None
        self.container.reload()
        if (now := containers.state(self.container)) != "running":
            raise CannotStart(now, containers.log(self.container, LOG_LINES))

    def new_log(self) -> str:
        """Return the name of a file that no other instance has."""
        return f"{FOLDER}/{next(self._numbers)}.log"

    def take_port(self) -> int:
        """Return a port of the container that is not taken; raises `CannotStart` where all are."""
        with self._lock:
            if not self._free:
                raise CannotStart(f"{INSTANCES} instances of the target run already, and no more have a port")
            return self._free.popleft()

    def give_back(self, port: int) -> None:
        """Let another instance have a port."""
        with self._lock:
            self._free.append(port)

    def url(self, port: int) -> str:
        """Return the base URL of an instance that listens on a port of the container."""
        return f"http://{self._copies.address(self.container, _name(port))}"

    def launch(self, variables: Mapping[str, str], log: str) -> int:
        """Start the app with these variables alone, its output added to a log; return the number of its process."""
        command = [*(f"{name}={value}" for name, value in variables.items()), *self._command]
        return int(self.run(START.format(command=shlex.join(command), log=log, folder=FOLDER))[1])

    def state(self, process: int) -> str:
        """Return "running", or how the process that `launch` started has ended."""
        file = f"{FOLDER}/{process}.status"
        status = self.run(f'status=; [ -e {file} ] && read -r status <{file}; echo "$status"')[1]
        return containers.ending(int(status)) if status else "running"

    def run(self, script: str) -> tuple[int, str]:
        """Let the shell run a script; return its exit status and what it printed."""
        answer = self._shell.ask(
            f"{script}\nprintf '\\n%d %s\\n' $? {self._mark}\n".encode(), f" {self._mark}\n".encode()
        )
        printed, _, status = answer.rpartition(b"\n")
        return int(status), printed.decode(errors="replace").rstrip()


def _name(port: int) -> str:
    return f"{port}/tcp"
