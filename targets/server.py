"""The hand that a runtime has on one store server of its own making, and the faults that all servers have in common."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

POLL_SECONDS = 0.02


class Server(Protocol):
    """A server in a runtime. Its address and its data stay the same from one start to the next."""

    def stop(self) -> None:
        """End it in good order, and wait for that; its address then refuses connections."""

    def kill(self) -> None:
        """End it with all of its processes (SIGKILL), and wait for that; its address then refuses connections."""

    def start(self) -> None:
        """Start it again; the store waits until it answers."""

    def freeze(self) -> None:
        """Stop all of its processes where they are: its address accepts connections, and nothing answers."""

    def thaw(self) -> None:
        """Let them go on."""


@contextmanager
def without(begin: Callable[[], None], end: Callable[[], None], wait: Callable[[], None]) -> Iterator[None]:
    """Do `begin`, let the block run, then do `end`, however the block ended, and `wait` until the server answers."""
    begin()
    try:
        yield
    finally:
        end()
        wait()


def wait_for(ask: Callable[[], object], refused: type[Exception], seconds: float) -> None:
    """Return once `ask` is answered; raises what it raises where that is still `refused` after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            ask()
        except refused:
            if time.monotonic() > deadline:
                raise
            time.sleep(POLL_SECONDS)
        else:
            return
