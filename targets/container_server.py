"""A store's server in a container that outlives it: stopped or killed, its name is still known and refuses connections.

Without its container, the name of a server would take seconds to be looked up in vain, and a check would find out about
Docker's name server instead of the app.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from docker.errors import APIError
from docker.models.containers import Container

POLL_SECONDS = 0.02
END_SECONDS = 30.0
FREEZE_ATTEMPTS = 5
ENDED = "(the server has ended)"

# The container's program: runs the server, given as arguments, again and again; $0 is the signal that ends it in order.
# Docker hands on signals: USR1 is stop, USR2 is kill, HUP is start. One that ends by itself ends the container.
LOOP = f"""
down=
trap 'down=yes; kill -s "$0" "$server"' USR1
trap 'down=yes; kill -s KILL -- -1' USR2
trap 'down=' HUP
trap 'kill -s "$0" "$server"; wait "$server"; exit' TERM INT
while :; do
    "$@" &
    server=$!
    while kill -s 0 "$server" 2>/dev/null; do wait "$server"; done
    echo '{ENDED}'
    [ "$down" ] || exit 1
    while [ "$down" ]; do sleep 0.05; done
done
"""


def program(config: Mapping[str, Any], arguments: list[str]) -> dict[str, Any]:
    """Return the Config of a container that runs the program of another one so, with more arguments."""
    signal = (config.get("StopSignal") or "SIGTERM").removeprefix("SIG")
    return {
        "Entrypoint": ["sh", "-c", LOOP, signal],
        "Cmd": [*(config["Entrypoint"] or []), *(config["Cmd"] or []), *arguments],
    }


class ContainerServer:
    """The hand on the server, as `server.Server` has it."""

    def __init__(self, container: Container) -> None:
        self._container = container

    def stop(self) -> None:
        """End it in good order; raises TimeoutError where it goes on."""
        self._end("SIGUSR1")

    def kill(self) -> None:
        """End it with all of its processes (SIGKILL); raises TimeoutError where it goes on."""
        self._end("SIGUSR2")

    def start(self) -> None:
        """Start it again."""
        self._container.kill("SIGHUP")

    def freeze(self) -> None:
        """Stop all of its processes where they are; on a busy machine that takes the engine several attempts."""
        for _ in range(FREEZE_ATTEMPTS - 1):
            with suppress(APIError):  # "unable to freeze": https://github.com/opencontainers/runc/issues/4388
                self._container.pause()
                return
            time.sleep(POLL_SECONDS)
        self._container.pause()

    def thaw(self) -> None:
        """Let them go on."""
        self._container.unpause()

    def _end(self, signal: str) -> None:
        before = self._endings()
        deadline = time.monotonic() + END_SECONDS
        self._container.kill(signal)
        while self._endings() == before:
            if time.monotonic() > deadline:
                raise TimeoutError(f"the server in {self._container.name} goes on after {signal}")
            time.sleep(POLL_SECONDS)

    def _endings(self) -> int:
        return int(self._container.logs(stdout=True, stderr=False).count(ENDED.encode()))
