"""Servers of many sabotaged apps, in as many processes as there are cores: in one they would wait for each other."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection

from tests.sabotage import fault
from tests.sabotage.app import App
from tests.sabotage.control import CORRECT
from tests.sabotage.http import Server


@contextmanager
def serving(names: Sequence[str]) -> Iterator[dict[str, str]]:
    """Serve an app for each name, of a fault or `CORRECT`, while the block runs; yields their URLs."""
    context = multiprocessing.get_context("spawn")
    shares = [share for number in range(os.cpu_count() or 1) if (share := names[number :: os.cpu_count() or 1])]
    pipes = [context.Pipe() for _ in shares]
    processes = [
        context.Process(target=_serve, args=(share, theirs), daemon=True)
        for share, (_, theirs) in zip(shares, pipes, strict=True)
    ]
    try:
        for process in processes:
            process.start()
        for _, theirs in pipes:
            theirs.close()  # so that a process that ends is heard of
        urls = dict(pair for ours, _ in pipes for pair in ours.recv().items())
        yield {name: urls[name] for name in names}
    finally:
        for (ours, _), process in zip(pipes, processes, strict=True):
            ours.close()
            process.join()


def _serve(names: Sequence[str], pipe: Connection) -> None:
    faults = fault.catalogue()
    servers = {name: Server(App() if name == CORRECT else faults[name].app()) for name in names}
    pipe.send({name: server.url for name, server in servers.items()})
    try:
        pipe.recv()
    except EOFError:  # whoever wanted us has what was wanted, or has ended
        for server in servers.values():
            server.close()
