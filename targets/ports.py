"""Ports of this machine's loopback: a free one, whether one is taken, one that refuses connections meanwhile."""

from __future__ import annotations

import fcntl
import os
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def free() -> int:
    """Return a port that nobody listens on, and that no process of this project was given before and still may use.

    A server that shares its port (SO_REUSEPORT, as Granian does) would not see that another one has it, and each would
    get some of the other's requests.
    """
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if _GIVEN.take(port):
            return port


class _Given:
    """Ports that were given away: each is a locked byte of a file that all processes of a user share; fcntl(2)."""

    def __init__(self) -> None:
        self._mine: set[int] = set()
        self._lock = threading.Lock()
        self._file: int | None = None

    def take(self, port: int) -> bool:
        """Take a port for this process until it ends; False where it is taken."""
        with self._lock:
            if port in self._mine:  # a process does not see its own locks
                return False
            if self._file is None:
                path = Path(tempfile.gettempdir()) / f"same-session-ports-{os.getuid()}"
                self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
            except BlockingIOError:
                return False
            self._mine.add(port)
            return True


_GIVEN = _Given()


def taken(port: int) -> bool:
    """Tell whether somebody listens on a port."""
    try:
        with refused(port):
            return False
    except OSError:
        return True


@contextmanager
def refused(port: int) -> Iterator[None]:
    """Hold a port without listening on it, so that connections are refused and nobody else takes it."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", port))
        yield
