"""The runtime of targets that somebody else runs: an app in any language at a base URL."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import msgspec

from targets.control import OutOfReach
from targets.manifest import Target
from targets.measured import Measured
from targets.readiness import NoAnswer, check, get, wait_until_ready
from targets.running import CannotStart, NotStarted, Running, RuntimeUnavailable

READY_SECONDS = 5.0


def target_at(url: str, absent: frozenset[str]) -> Target:
    """Make a hardened target of the app at `url`, named as its /about says, else by its address.

    Raises `RuntimeUnavailable` where `url` is no base URL.
    """
    if not re.fullmatch(r"https?://[^/?#@:]+(:[0-9]{1,5})?(/[^?#]*)?", url):
        raise RuntimeUnavailable(f"{url!r} is not a base URL; give one such as http://127.0.0.1:8000")
    about = asyncio.run(_about(url))
    return Target(
        name=about.get("implementation", urlsplit(url).netloc),
        implementation=about.get("implementation", "unknown"),
        store=about.get("store", "unknown"),
        edition="hardened",
        absent=absent,
        deviations=(),
        manifest=Path(),
        folder=Path(),
        environment="",
        command=(),
        url=url.rstrip("/"),
    )


class UrlRuntime:
    """Starts and stops nothing: only looks whether the app is there."""

    name = "url"
    where = ""

    def __init__(self) -> None:
        self._urls: dict[str, str] = {}

    def __enter__(self) -> Self:
        """Change nothing."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Change nothing."""

    def start(self, targets: Sequence[Target], report: Callable[[str, str], None]) -> dict[str, Running | NotStarted]:
        """Look whether each target answers."""
        self._urls |= {target.name: target.url for target in targets}
        return {target.name: self._look(target, report) for target in targets}

    def _look(self, target: Target, report: Callable[[str, str], None]) -> Running | NotStarted:
        report(target.name, f"waiting for {target.url}")
        try:
            asyncio.run(wait_until_ready(target.url, lambda: "running", READY_SECONDS))
        except CannotStart as error:
            return NotStarted(target, error.reason, self.log(target.name))
        report(target.name, "ready")
        return Running(target, target.url)

    def log(self, name: str, lines: int = 20) -> str:  # noqa: ARG002 -- as every runtime
        """Say that there is none."""
        return f"(no log: {self._urls[name]} is run by somebody else)"

    def state(self, name: str) -> str:
        """Ask the app."""
        try:
            asyncio.run(check(self._urls[name]))
        except NoAnswer as error:
            return f"not healthy: GET /healthz: {error}"
        return "running"

    def measured(self, target: Target, command: Sequence[str] = ()) -> Measured:  # noqa: ARG002 -- as every runtime
        """Say that there is no hand on it."""
        raise OutOfReach("the app is run by somebody else: it can be neither started nor measured here")

    def image(self, name: str) -> str:  # noqa: ARG002 -- as every runtime
        """Return "": what it runs from is not ours to know."""
        return ""


async def _about(url: str) -> dict[str, str]:
    try:
        _, body = await get(url, "/about")
        parts: dict[str, dict[str, Any]] = msgspec.json.decode(body, type=dict[str, dict[str, Any]])
    except (NoAnswer, msgspec.DecodeError):
        return {}
    return {name: str(part["name"]) for name, part in parts.items() if part.get("name")}
