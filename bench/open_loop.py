"""Open loop: requests at a fixed rate, whether earlier ones were answered or not, and latency from when each was due.

`python -m bench.open_loop`, with its task on standard input: a loop of its own, since those of asyncio and wrk keep
time in whole milliseconds. Each connection has sessions of its own. A request that is due while all connections wait
for answers is sent when one is free, and its latency begins when it was due ("coordinated omission": Gil Tene, wrk2).
"""

from __future__ import annotations

import re
import resource
import select
import socket
import sys
import time
from collections import deque
from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import urlsplit

import msgspec

from bench.latencies import Latencies, percentile
from bench.records import Latency
from bench.scenarios import Scenario
from bench.sessions import Session

LAST_ANSWERS_SECONDS = 10.0
REQUESTS = {Scenario.READ: "GET /", Scenario.WRITE: "POST /count", Scenario.NO_SESSION: "GET /_probe/no-session"}
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
COOKIE = re.compile(rb"\r\nset-cookie: *([^;\r]+)", re.IGNORECASE)
COUNT = re.compile(rb'"count": *(\d+)')


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What to send; what is due from `begin` to `end`, monotonic moments, is recorded; the rest warms up."""

    url: str
    scenario: Scenario
    rate: float
    connections: int
    start: float
    begin: float
    end: float
    sessions: list[tuple[str, str, int]]


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What came back; `cpu` is the generator's own, in seconds a second, `sessions` have cookies and counts."""

    good: int
    wrong: int
    failed: int
    unanswered: int
    acknowledged: int
    cpu: float
    p50: float
    p99: float
    latency: Latency
    sessions: list[tuple[str, int]]


class Connection:
    """A connection with the sessions that it uses in turn."""

    def __init__(self, address: tuple[str, int], sessions: Sequence[Session], line: str) -> None:
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.settimeout(0)
        self.due = self.sent = 0.0
        length = "Content-Length: 0\r\n" if line.startswith("POST") else ""
        self._head = f"{line} HTTP/1.1\r\nHost: {address[0]}:{address[1]}\r\nAccept: application/json\r\n{length}"
        self._turns = deque(sessions)
        self._session = self._turns[0]
        self._buffer = b""

    def send(self, due: float) -> None:
        """Send the next session's request."""
        self._turns.rotate(-1)
        self._session = self._turns[0]
        self.due, self.sent = due, time.monotonic()
        self.socket.send(f"{self._head}Cookie: {self._session.cookie}\r\n\r\n".encode())

    def receive(self) -> bytes | None:
        """Return the answer once all of it is there; raises ConnectionError where it was cut off."""
        some = self.socket.recv(1 << 16)
        if not some:
            raise ConnectionError("closed")
        self._buffer += some
        head, end, body = self._buffer.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if not end or (length and len(body) < int(length[1])):
            return None
        answer, self._buffer = self._buffer, b""
        return answer

    def right(self, answer: bytes, scenario: Scenario) -> bool:
        """Tell whether an answer is the right one, and take its cookie."""
        if cookie := COOKIE.search(answer):
            self._session.cookie = cookie[1].decode()
        status = int(answer[9:12])
        if scenario is Scenario.READ:
            count = COUNT.search(answer)
            return status == HTTPStatus.OK and count is not None and int(count[1]) == self._session.count
        if scenario is Scenario.WRITE:
            self._session.count += status == HTTPStatus.SEE_OTHER
            return status == HTTPStatus.SEE_OTHER
        return status == HTTPStatus.OK


def run(task: Task) -> Seen:
    """Do a task."""
    sessions = [Session(*each) for each in task.sessions]
    parts = urlsplit(task.url)
    address = (str(parts.hostname), parts.port or 80)
    line = REQUESTS[task.scenario]
    every = [
        Connection(address, sessions[number :: task.connections], line)
        for number in range(min(task.connections, len(sessions)))
    ]
    schedule = _Schedule(task)
    free, due = list(every), deque[float]()
    waiting: dict[socket.socket, Connection] = {}
    tally = dict.fromkeys(("good", "wrong", "failed", "unanswered", "acknowledged"), 0)
    latencies = Latencies()
    deadline = task.end + LAST_ANSWERS_SECONDS
    used = _cpu_seconds()
    while (now := time.monotonic()) < deadline and (schedule.next < task.end or waiting or due):
        due.extend(schedule.until(now))
        while due and free:
            connection = free.pop()
            connection.send(due.popleft())
            waiting[connection.socket] = connection
        pause = max(0.0, (schedule.next if schedule.next < task.end else deadline) - time.monotonic())
        for each in select.select(list(waiting), [], [], pause)[0]:
            connection = waiting[each]
            answer = connection.receive()
            if answer is None:
                continue
            answered = time.monotonic()
            right = connection.right(answer, task.scenario)
            tally["acknowledged"] += right and task.scenario is Scenario.WRITE
            if connection.due >= task.begin:
                tally["good" if right else "failed" if answer[9:10] == b"5" else "wrong"] += 1
                latencies.record(connection.due, connection.sent, answered)
            del waiting[each]
            free.append(connection)
    tally["unanswered"] = len(waiting) + len(due)
    return Seen(
        **tally,
        cpu=(_cpu_seconds() - used) / (task.end - task.start),
        p50=percentile(latencies.corrected, 50),
        p99=percentile(latencies.corrected, 99),
        latency=latencies.encoded(),
        sessions=[(each.cookie, each.count) for each in sessions],
    )


class _Schedule:
    """When requests are due: evenly, from the start on."""

    def __init__(self, task: Task) -> None:
        self._start, self._gap, self._end = task.start, 1 / task.rate, task.end
        self._number = 0
        self.next = task.start

    def until(self, now: float) -> list[float]:
        """Return the moments that have come, but for those that are not part of the task."""
        come = []
        while self.next <= now and self.next < self._end:
            come.append(self.next)
            self._number += 1
            self.next = self._start + self._number * self._gap
        return come


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Do the task that standard input has, and tell on standard output what came back."""
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=Task)
    try:
        sys.stdout.buffer.write(msgspec.json.encode(run(task)))
    except OSError as error:
        sys.exit(f"{task.url}: {error}")


if __name__ == "__main__":
    main()
