"""The gallery as a local process beside those of `make up`, in an environment of its own."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from gallery import listing
from gallery.port import PortTaken
from targets import environment, ports, process
from targets.checkout import identity, made
from targets.processes import Processes
from targets.readiness import wait_until_ready
from targets.running import CannotStart

NAME = "_gallery"  # which no target can have
HERE = Path(__file__).parent
READY_SECONDS = 30.0


def start(root: Path, port: int, report: Callable[[str], None]) -> str:
    """Start the gallery, or find it as it is to be, and return its URL; raises `CannotStart` and `PortTaken`."""
    processes = _processes(root)
    url = f"http://127.0.0.1:{port}"
    if found := processes.found(NAME):
        if found.url == url:
            return url
        processes.stop_one(NAME)
    binaries = environment_of(root, report)
    if ports.taken(port):
        raise PortTaken(port)
    command = [str(binaries / "python"), "-m", "app"]
    processes.launch(NAME, command, folder=HERE, environment=_settings(root, port), url=url)
    try:
        asyncio.run(wait_until_ready(url, lambda: processes.state(NAME), READY_SECONDS))
    except CannotStart as error:
        processes.stop_one(NAME)
        raise CannotStart(error.reason, processes.log(NAME, 20)) from None
    return url


def stop(root: Path) -> None:
    """End the gallery, if it runs."""
    _processes(root).stop_one(NAME)


def environment_of(root: Path, report: Callable[[str], None]) -> Path:
    """Make the environment where it is missing, and return the folder of its programs; raises `CannotStart`."""
    return asyncio.run(environment.make(made(root.resolve()) / "venvs" / NAME, HERE / "requirements.txt", report))


def _processes(root: Path) -> Processes:
    return Processes.found_again(Path(process.standing(root).where))


def _settings(root: Path, port: int) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "COOKIE_NAME": f"gallery-{identity(root)}",
        "TARGETS_FILE": str(listing.folder(root).resolve() / "targets.json"),
        "REPORT_FOLDER": str(listing.report(root).resolve()),
    }
