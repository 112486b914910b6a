"""A worker's share of a run: when requests of its users are due, and what came back."""

from __future__ import annotations

import resource
import time
from collections import Counter
from collections.abc import Iterator
from itertools import count

import msgspec
from gevent import sleep
from gevent.event import Event

from bench.latencies import Latencies
from bench.records import Counts, Latency

LEAD_SECONDS = 0.2  # until the first request is due
WARM_UP_SECONDS = 0.5
LAST_ANSWERS_SECONDS = 10.0


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker saw; `cpu` is its own, in seconds a second, `unread` are sessions that did not show their count."""

    users: int
    counts: Counts
    unread: int
    cpu: float
    latency: Latency


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker adds to each of its reports to the master: users that are ready, and in the end what it saw."""

    ready: int
    seen: Seen | None


class Share:
    """The users of one worker in one run. What is due from `begin` to `end` is recorded; before that, it warms up."""

    def __init__(self, rate: float, seconds: float) -> None:
        self.tally = Counter[str]()
        self.latencies = Latencies()
        self.begin = self.end = self.deadline = 0.0
        self._rate, self._seconds = rate, seconds
        self._gap = self._start = self._cpu = 0.0
        self._turn = 0.0
        self._ready = self._done = 0
        self._begun = Event()
        self._seen: Seen | None = None

    def start(self, users: int, turn: float) -> None:
        """Let the schedules begin, of so many users at all workers; `turn`, below 1, is this worker's among those."""
        self._gap, self._turn = users / self._rate, turn
        self._start = time.monotonic() + LEAD_SECONDS
        self.begin = self._start + WARM_UP_SECONDS
        self.end = self.begin + self._seconds
        self.deadline = self.end + LAST_ANSWERS_SECONDS
        self._cpu = _cpu_seconds()
        self._begun.set()

    def schedule(self) -> Iterator[float]:
        """Yield the moments at which a user's requests are due, none before it has come: late ones without a pause.

        Locust's own pacing lets a request that was late delay all that follow. Users and workers take turns, so that
        requests are due as evenly as those of the open loop are.
        """
        number = self._ready
        self._ready += 1
        self._begun.wait()
        first = self._start + (number + self._turn) / self._ready * self._gap
        for each in count():
            due = first + each * self._gap
            if due >= self.end:
                return
            while (left := due - time.monotonic()) > 0:
                sleep(left)
            yield due

    def done(self) -> None:
        """Hear that a user has come to its end; after the last one there is a result."""
        self._done += 1
        if self._done < self._ready:
            return
        counts = {name: self.tally[name] for name in Counts.__struct_fields__}
        self._seen = Seen(
            users=self._done,
            counts=Counts(**counts),
            unread=self.tally["unread"],
            cpu=(_cpu_seconds() - self._cpu) / (time.monotonic() - self._start),
            latency=self.latencies.encoded(),
        )

    def report(self) -> Report:
        """Return what the master has to know by now."""
        return Report(ready=self._ready, seen=self._seen)


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
