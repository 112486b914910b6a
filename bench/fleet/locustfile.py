"""What Locust loads, as a master and as a worker. `python -m bench.fleet` starts both; see docs/scaling-out.md."""

from __future__ import annotations

from typing import Any

import locust.runners
from locust import events

from bench.fleet.master import Master
from bench.fleet.users import Flow, NoSession, Read, Visitors, Write
from bench.fleet.worker import Worker

__all__ = ["Flow", "NoSession", "Read", "Visitors", "Write"]

locust.runners.WORKER_REPORT_INTERVAL = 1.0  # seconds; the end of a run waits for a report


@events.init_command_line_parser.add_listener
def options(parser: Any) -> None:
    """Add what a run of ours needs; the master's page shows it, and its workers hear of it."""
    parser.add_argument("--rate", type=float, default=200.0, help="requests a second, of all users together")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long is measured")
    parser.add_argument("--figures", default="", include_in_web_ui=False, help="the file for the JSON line")


@events.init.add_listener
def begin(environment: Any, **_: Any) -> None:
    """Take our part in a master or a worker."""
    if isinstance(environment.runner, locust.runners.WorkerRunner):
        Worker(environment)
    elif isinstance(environment.runner, locust.runners.MasterRunner) and len(environment.user_classes) == 1:
        Master(environment)
    else:
        raise SystemExit("this needs --master with the name of one user class, and workers: see docs/scaling-out.md")
