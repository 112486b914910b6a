"""Locust's worker: begins when the master says so, and tells it in its reports what was seen."""

from __future__ import annotations

from typing import Any

import msgspec

from bench.fleet.share import Share

BEGIN = "same-session-begin"
KEY = "same_session"


class Worker:
    """Hears of the worker's events."""

    def __init__(self, environment: Any) -> None:
        environment.share = None
        self._environment = environment
        environment.events.test_start.add_listener(self._start)
        environment.events.test_stop.add_listener(self._stop)
        environment.events.report_to_master.add_listener(self._report)
        environment.runner.register_message(BEGIN, self._begin)

    def _start(self, environment: Any, **_: Any) -> None:
        options = environment.parsed_options
        environment.share = Share(options.rate, options.seconds)

    def _stop(self, environment: Any, **_: Any) -> None:
        environment.share = None

    def _begin(self, environment: Any, msg: Any) -> None:
        environment.share.start(msg.data["users"], msg.data["turn"])

    def _report(self, client_id: str, data: dict[str, Any]) -> None:  # noqa: ARG002 -- Locust names it
        if share := self._environment.share:
            data[KEY] = msgspec.to_builtins(share.report())
