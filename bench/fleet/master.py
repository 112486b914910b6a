"""Locust's master: lets all workers begin once their users are ready, and makes figures of what they saw."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import gevent
import locust
import msgspec

from bench.fleet import figures
from bench.fleet.figures import Figures
from bench.fleet.share import LAST_ANSWERS_SECONDS, LEAD_SECONDS, WARM_UP_SECONDS, Report, Seen
from bench.fleet.worker import BEGIN, KEY
from bench.records import Load

READY_SECONDS = 60.0
REPORT_SECONDS = 2 * LAST_ANSWERS_SECONDS  # a worker waits for its last answers, and then looks at its sessions
LOG = logging.getLogger("bench.fleet")


class Master:
    """Hears of the master's events."""

    def __init__(self, environment: Any) -> None:
        self._environment = environment
        self._runner = environment.runner
        self._reports: dict[str, Report] = {}
        self._begun: datetime | None = None
        self._over = True
        self._patience: Any = None
        environment.events.test_start.add_listener(self._start)
        environment.events.test_stop.add_listener(self._stop)
        environment.events.worker_report.add_listener(self._hear)

    def _start(self, **_: Any) -> None:
        self._reports, self._begun, self._over = {}, None, False
        self._patience = gevent.spawn_later(READY_SECONDS, self._give_up)

    def _stop(self, **_: Any) -> None:
        if not self._over:
            self._over = True
            LOG.warning("stopped before its end: there are no figures")
        self._patience.kill()

    def _hear(self, client_id: str, data: dict[str, Any]) -> None:
        if self._over or KEY not in data:
            return
        self._reports[client_id] = msgspec.convert(data[KEY], Report)
        if self._begun is None:
            if self._ready() == self._runner.target_user_count:
                self._begin()
        elif all(each.seen for each in self._reports.values()):
            self._over = True
            self._patience.kill()
            gevent.spawn(self._finish)  # ends the greenlet that we are called in

    def _ready(self) -> int:
        return sum(each.ready for each in self._reports.values())

    def _begin(self) -> None:
        self._begun = datetime.now(UTC)
        seconds = self._environment.parsed_options.seconds
        self._patience.kill()
        self._patience = gevent.spawn_later(
            LEAD_SECONDS + WARM_UP_SECONDS + seconds + LAST_ANSWERS_SECONDS + REPORT_SECONDS, self._give_up
        )
        LOG.info("%d users at %d workers are ready and begin", self._ready(), len(self._reports))
        for number, worker in enumerate(self._reports):
            told = {"users": self._runner.target_user_count, "turn": number / len(self._reports)}
            self._runner.send_message(BEGIN, told, worker)

    def _give_up(self) -> None:
        self._over = True
        seen = sum(each.seen is not None for each in self._reports.values())
        LOG.error(
            "%s: no figures",
            f"{seen} of {len(self._reports)} workers told what they saw"
            if self._begun
            else f"{self._ready()} of {self._runner.target_user_count} users were ready after {READY_SECONDS:g} s",
        )
        self._environment.process_exit_code = 1
        self._end()

    def _finish(self) -> None:
        made = self._made({name: each.seen for name, each in self._reports.items() if each.seen})
        LOG.info("%s", figures.line(made))
        for reason in made.invalid:
            LOG.warning("%s", reason)
        if path := self._environment.parsed_options.figures:
            figures.append(Path(path), made)
        self._end()

    def _end(self) -> None:
        if self._environment.parsed_options.headless:
            self._runner.quit()
        else:
            self._runner.stop()

    def _made(self, seen: dict[str, Seen]) -> Figures:
        options = self._environment.parsed_options
        load = Load(connections=sum(each.users for each in seen.values()), rate=options.rate)
        counts = figures.add([each.counts for each in seen.values()])
        invalid = figures.reasons(load, options.seconds, counts, max(each.cpu for each in seen.values()))
        if unread := sum(each.unread for each in seen.values()):
            invalid.append(f"{unread} sessions did not show their count at the end")
        return Figures(
            generator=f"Locust {locust.__version__}, {len(seen)} workers",
            url=self._environment.host,
            begun=self._begun or datetime.now(UTC),
            scenario=self._runner.user_classes[0].scenario,
            load=load,
            seconds=options.seconds,
            counts=counts,
            latency=figures.merge([each.latency for each in seen.values()]),
            workers=[
                figures.Worker(
                    name=name,
                    users=each.users,
                    answers=each.counts.good + each.counts.wrong + each.counts.failed,
                    cpu=each.cpu,
                )
                for name, each in seen.items()
            ],
            invalid=invalid,
        )
