"""Prints which workers ran the checks of which target. A program of its own, since pytest cannot run inside pytest."""

from __future__ import annotations

import json
from collections import defaultdict

import pytest

from conformance import run
from conformance.catalogue import select
from tests.sabotage.app import App
from tests.sabotage.http import Server

WORKERS: dict[str, set[str]] = defaultdict(set)


class Watching(run.Controller):
    """A controller that notes the worker of each report."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note the worker."""
        WORKERS[report.nodeid.rpartition("[")[2].rstrip("]")].add(report.worker_id)
        super().pytest_runtest_logreport(report)


if __name__ == "__main__":
    run.Controller = Watching  # type: ignore[misc]
    servers = {name: Server(App()) for name in ("one", "two", "three")}
    run.run({name: each.url for name, each in servers.items()}, select("app.*").values(), lambda _record: None, 3)
    print(json.dumps({target: sorted(each) for target, each in WORKERS.items()}))
