"""One run of the suite: sends the checks to pytest's workers, target by target in parallel, and collects records."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

from conformance import record
from conformance.clause import Clause

HERE = Path(__file__).parent


class SuiteError(Exception):
    """The suite itself went wrong, so that its verdicts would mean nothing."""


class Controller:
    """The side of the plugin that runs in this process: hands out the task, takes in the records."""

    def __init__(self, task: str, seen: Callable[[record.Record], None]) -> None:
        self.task = task
        self.seen = seen
        self.problems: list[str] = []

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Give a worker its task."""
        node.workerinput["same_session"] = self.task

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> object:
        """Give all checks of one target to one worker."""
        from conformance.scheduling import ByTarget  # noqa: PLC0415 (pytest wants to be the first to import xdist)

        return ByTarget(config, log)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take a record; a report of failure means that the suite, not the target, went wrong."""
        if report.failed:
            self.problems.append(f"{report.nodeid}:\n{report.longreprtext}")
        elif report.when == "call":
            for name, value in report.user_properties:
                if name == record.PROPERTY:
                    self.seen(record.decode(str(value)))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note what could not be collected."""
        if report.failed:
            self.problems.append(report.longreprtext)

    def pytest_internalerror(self, excrepr: object) -> None:
        """Note what pytest itself could not do."""
        self.problems.append(str(excrepr))


@dataclass(frozen=True)
class Hand:
    """How workers get the hand on targets: by "module:function", called with runtime, where and a target's name."""

    attach: str = "conformance.control:attach"
    runtime: str = "url"
    where: str = ""


def run(
    urls: dict[str, str],
    clauses: Iterable[Clause],
    seen: Callable[[record.Record], None],
    workers: int | None = None,
    *,
    shuffle: int | None = None,
    suspects: Mapping[str, Sequence[str]] | None = None,
    hand: Hand | None = None,
) -> None:
    """Check the clauses on the targets at `urls`; `seen` gets each record as it comes.

    `shuffle` is the seed of a random order; without one, clauses run in the order of their files, but for those that
    wait, which begin first. Targets are begun in the order of `urls`. `hand` is None where there is none.
    `suspects` are, by target, the clauses that are declared not to hold: where one holds, its record shows how.

    Raises `SuiteError` where a check has a bug of its own, and KeyboardInterrupt where the user stops the run.
    """
    task = {"urls": urls, "clauses": [each.id for each in clauses], "shuffle": shuffle, "suspects": suspects or {}}
    controller = Controller(json.dumps(task | asdict(hand or Hand())), seen)
    status = pytest.main(
        [
            *("-p", "no:terminal", "-p", "no:cacheprovider", "-p", "conformance.plugin"),
            *("--numprocesses", str(workers or min(len(urls), 4 * (os.cpu_count() or 1)))),
            *(
                "--dist",
                "loadscope",
                "--no-loadscope-reorder",
                "--assert",
                "plain",
                "-o",
                "python_files=*.py",
                "-o",
                "addopts=",
                "-o",
                "filterwarnings=",
            ),
            *("--rootdir", str(HERE.parent), str(HERE / "clauses")),
        ],
        plugins=[controller],
    )
    if status is pytest.ExitCode.INTERRUPTED and not controller.problems:
        raise KeyboardInterrupt
    if controller.problems or status is not pytest.ExitCode.OK:
        raise SuiteError("\n".join(controller.problems) or f"pytest ended with {status!r}")
