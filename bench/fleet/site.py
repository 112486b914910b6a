"""Locust's processes of one run on this machine: a master and its workers, on loopback unless told otherwise."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from bench.fleet import figures
from bench.fleet.figures import Figures
from bench.scenarios import Scenario
from targets import environment, ports
from targets.checkout import made
from targets.processes import Processes

ROOT = Path(__file__).parent.parent.parent
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
BACKEND = {"GEVENT_BACKEND": "select"}  # gevent's usual one keeps time in whole milliseconds
LOCUST = ["-m", "locust", "-f", "bench/fleet/locustfile.py"]
USER_CLASSES = {
    Scenario.READ: "Read",
    Scenario.WRITE: "Write",
    Scenario.FLOW: "Flow",
    Scenario.VISITORS: "Visitors",
    Scenario.NO_SESSION: "NoSession",
}
MASTER = "master"
MOST_WORKERS = 64
WAIT_FOR_WORKERS_SECONDS = 60
MOST_A_SECOND = 100  # users that log in
OVERHEAD_SECONDS = 120.0  # of a run: until workers are there and users ready, and for the last answers
POLL_SECONDS = 0.1
LOG_LINES = 20


@dataclass(frozen=True)
class Plan:
    """What is asked of which app, by how many workers: `local` ones are started here, `remote` ones waited for."""

    url: str
    scenario: Scenario
    rate: float
    users: int
    seconds: float
    local: int = 2
    remote: int = 0
    bind: str = "127.0.0.1"
    port: int = 0


class NoFigures(Exception):
    """A run came to no figures; the message says what its master said."""


class Site:
    """The processes, with their logs, figures and Locust's report in a folder. Nothing outlives the `with` block."""

    def __init__(self, python: Path, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._python = python
        self._path = folder / "figures.jsonl"
        self._processes = Processes(folder)

    def run(self, plan: Plan, tick: Callable[[float], None] = lambda _over: None) -> Figures:
        """Do a run; `tick` hears how many seconds it has taken. Raises `NoFigures`."""
        before = len(figures.read(self._path))
        try:
            self._start(plan, ["--headless", "--html", str(self.folder / f"report-{before + 1}.html")])
            self._wait(plan.seconds + OVERHEAD_SECONDS, tick)
        finally:
            self._processes.stop()
        made = figures.read(self._path)
        if len(made) == before:
            raise NoFigures(f"Locust came to no figures\n{self._processes.log(MASTER, LOG_LINES)}")
        return made[-1]

    def serve(self, plan: Plan, port: int, tell: Callable[[Figures], object]) -> NoReturn:
        """Serve Locust's page until it ends or we are interrupted; runs are started there, and `tell` gets theirs."""
        told = 0
        try:
            self._start(plan, ["--web-host", "127.0.0.1", "--web-port", str(port)])
            while self._processes.state(MASTER) == "running":
                time.sleep(POLL_SECONDS)
                made = figures.read(self._path)
                for each in made[told:]:
                    tell(each)
                told = len(made)
        finally:
            self._processes.stop()
        raise NoFigures(f"Locust's page ended\n{self._processes.log(MASTER, LOG_LINES)}")

    def _start(self, plan: Plan, mode: list[str]) -> None:
        port = plan.port or ports.free()
        workers = plan.local + plan.remote
        self._launch(
            MASTER,
            ["--master", "--master-bind-host", plan.bind, "--master-bind-port", str(port)],
            ["--expect-workers", str(workers), "--expect-workers-max-wait", str(WAIT_FOR_WORKERS_SECONDS)],
            ["--host", plan.url, "--users", str(plan.users), "--spawn-rate", str(min(plan.users, MOST_A_SECOND))],
            ["--rate", f"{plan.rate:g}", "--seconds", f"{plan.seconds:g}", "--figures", str(self._path)],
            ["--only-summary", "--exit-code-on-error", "0", *mode, USER_CLASSES[plan.scenario]],
        )
        for number in range(1, plan.local + 1):
            self._launch(f"worker-{number}", ["--worker", "--master-host", plan.bind, "--master-port", str(port)])

    def _launch(self, name: str, *arguments: list[str]) -> None:
        command = [str(self._python), *LOCUST, *(each for some in arguments for each in some)]
        self._processes.launch(name, command, folder=ROOT, environment=os.environ | BACKEND, url="")

    def _wait(self, seconds: float, tick: Callable[[float], None]) -> None:
        begun = time.monotonic()
        while self._processes.state(MASTER) == "running":
            over = time.monotonic() - begun
            if over > seconds:
                raise NoFigures(f"Locust did not end in {seconds:g} s\n{self._processes.log(MASTER, LOG_LINES)}")
            tick(over)
            time.sleep(POLL_SECONDS)


def make_python(report: Callable[[str], None]) -> Path:
    """Make Locust's environment where it is not there yet, and return its Python; raises `CannotStart`."""
    return asyncio.run(environment.make(made(ROOT) / "venvs" / "fleet", REQUIREMENTS, report)) / "python"
