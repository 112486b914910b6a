"""The docker command, for what the engine's API has no verb for: build, up and down of the services of compose.yaml."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from targets import command

STOP_SECONDS = 5
STEP = re.compile(r"#(\d+) \[(?:\S+ )?(\d+/\d+)\] (.*)")  # "#7 [flask-redis 4/6] RUN pip install …"
WORK = re.compile(r"#(\d+) \d+\.\d+ ")  # a line that a step printed: it was not in the cache
LONGEST_STEP = 60


async def down(project: str, *options: str) -> None:
    """Remove a project's containers and networks; raises `CannotStart` where the engine could not.

    Goes by the labels that compose gave them, so that a compose.yaml that was changed meanwhile leaves nothing behind.
    """
    await command.run(
        ["docker", "compose", "--project-name", project, "down", "--timeout", str(STOP_SECONDS), *options],
        what="docker compose down",
        folder=Path("/"),  # compose looks for its file here and above
    )


def follow(project: str, services: Sequence[str]) -> list[str]:
    """Return the command that shows logs as they grow."""
    return ["docker", "compose", "--project-name", project, "logs", "--follow", "--tail", "20", *services]


class Compose:
    """One compose project: the services of a checkout's compose.yaml under a name of their own."""

    def __init__(self, root: Path, project: str, settings: Mapping[str, str]) -> None:
        self.project = project
        self._environment = os.environ | settings
        self._prefix = ["docker", "compose", "--project-name", project, "--file", str(root / "compose.yaml")]

    async def services(self) -> set[str]:
        """Return the names of all services; raises `CannotStart` where compose.yaml is wrong."""
        return set((await self._run("config", "--services", what="reading compose.yaml")).split())

    async def build(self, service: str, report: Callable[[str], None]) -> None:
        """Build a service's image; `report` hears of steps that are not in the cache. Raises `CannotStart`."""
        steps: dict[str, str] = {}

        def seen(line: str) -> None:
            if step := STEP.match(line):
                steps[step[1]] = f"building {step[2]}: {step[3]}"[:LONGEST_STEP]
            elif (work := WORK.match(line)) and (text := steps.pop(work[1], "")):
                report(text)

        # --progress is an option of `docker compose` itself, and so stands before the verb
        await self._run("--progress", "plain", "build", service, what="building the image", seen=seen)

    async def up(self, services: Sequence[str]) -> None:
        """Start services and what they depend on; raises `CannotStart`."""
        await self._run("up", "--detach", "--no-build", "--quiet-pull", *services, what="docker compose up")

    async def _run(self, *arguments: str, what: str, seen: Callable[[str], None] = lambda _line: None) -> str:
        return await command.run([*self._prefix, *arguments], what=what, environment=self._environment, seen=seen)
