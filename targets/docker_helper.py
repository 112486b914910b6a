"""A look into a SQLite file from a container, by a program that stays: each `docker exec` costs a fifth of a second."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from docker.utils.socket import frames_iter

from targets import sqlite_file
from targets.containers import Copies, log

LOG_LINES = 5


class Helper:
    """`sqlite_file` in a container of the app's image, as its user. While it runs, the volume keeps what it holds."""

    def __init__(self, copies: Copies, app: Mapping[str, Any], mounts: Mapping[str, Any], path: Path) -> None:
        program = Path(sqlite_file.__file__).read_text()
        config = {"Entrypoint": ["python", "-c", program], "Cmd": [str(path)], "OpenStdin": True}
        self._container = copies.make(app, config, {"PortBindings": {}, **mounts}, [])
        self._socket = copies.connect(self._container)
        self._container.start()
        self._frames = frames_iter(self._socket, tty=False)
        self._rest = b""

    def exchange(self, line: str) -> str:
        """Send a line and return the one that comes back; raises OSError where the helper has ended."""
        self._socket._sock.sendall(line.encode() + b"\n")  # noqa: SLF001 -- the SDK's object can only read
        while b"\n" not in self._rest:
            _, said = next(self._frames, (0, b""))
            if not said:
                raise OSError(f"looking into the SQLite file: {log(self._container, LOG_LINES)}")
            self._rest += said
        answer, _, self._rest = self._rest.partition(b"\n")
        return answer.decode()
