"""Ports of this machine's loopback: a free one, whether one is taken, one that refuses connections meanwhile."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager


def free() -> int:
    """Return a port that nobody listens on; somebody else may be faster to take it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
