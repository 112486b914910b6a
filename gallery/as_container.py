"""The gallery as a container beside those of `make up`, in their compose project."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from gallery.port import PortTaken
from targets import containers, docker, ports
from targets.checkout import identity
from targets.compose import Compose
from targets.readiness import wait_until_ready
from targets.running import CannotStart

NAME = "gallery"
READY_SECONDS = 30.0


def start(root: Path, port: int, report: Callable[[str], None]) -> str:
    """Build and start the gallery, or find it as it is to be, and return its URL; raises `CannotStart`, `PortTaken`."""
    runtime = docker.standing(root)
    url = f"http://127.0.0.1:{port}"
    if runtime.url(NAME) != url and ports.taken(port):
        raise PortTaken(port)
    settings = {"CHECKOUT": identity(root), "RUN_PID": "", "RUN_SINCE": "", "GALLERY_PORT": str(port)}
    compose = Compose(root.resolve(), runtime.where, settings)

    async def started() -> None:
        await compose.build(NAME, report)
        await compose.up([NAME])
        await wait_until_ready(url, lambda: runtime.state(NAME), READY_SECONDS)

    try:
        asyncio.run(started())
    except CannotStart as error:
        raise CannotStart(error.reason, error.log or runtime.log(NAME)) from None
    return url


def stop(root: Path) -> None:
    """Remove the gallery's container, if there is one."""
    engine = containers.connect()
    if container := containers.find(engine, docker.standing(root).where, NAME):
        containers.remove(container)
    engine.close()
