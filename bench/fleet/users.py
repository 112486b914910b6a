"""Locust's users, a class a scenario. Each has one session and one connection, and asks when its schedule says so."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode
from uuid import uuid4

import msgspec
from locust import FastHttpUser, task

from bench.fleet.share import LAST_ANSWERS_SECONDS, Share
from bench.scenarios import COUNTS_IN_A_FLOW, Scenario
from bench.sessions import Session

SEEN, SEE_OTHER, SERVER_ERROR = 200, 303, 500
JSON = {"Accept": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Shown(msgspec.Struct):
    """What `GET /` answers."""

    count: int
    username: str | None


class Visitor(FastHttpUser):
    """A user with a session; a subclass says what it asks and what is right.

    It keeps its cookie itself, as the other generators do: a jar takes a quarter of what a request costs here.
    """

    abstract = True
    network_timeout = connection_timeout = LAST_ANSWERS_SECONDS
    scenario: ClassVar[Scenario]

    def on_start(self) -> None:
        """Take part in the run, with a session."""
        self.share: Share = self.environment.share
        self.client.client.cookiejar = None
        self.session = Session("", f"user-{uuid4().hex}")
        with self.log_in(name="log in, before the start") as response:
            if response.status_code != SEE_OTHER:
                raise RuntimeError(f"POST /user/login answered {response.status_code}, not {SEE_OTHER}")
            self.keep_cookie(response)

    @task
    def keep_to_the_schedule(self) -> None:
        """Ask whenever it is due; what could not be asked long after the end is not answered."""
        for due in self.share.schedule():
            if time.monotonic() < self.share.deadline:
                self._ask(due)
            elif due >= self.share.begin:
                self.share.tally["unanswered"] += 1
        if self.scenario.counts:
            self._compare()
        self.share.done()
        self.wait_for_the_others()

    def wait_for_the_others(self) -> None:
        """Wait until the master stops the run."""
        while True:
            time.sleep(LAST_ANSWERS_SECONDS)

    def request(self) -> Any:
        """Send the next request; Locust hands its answer to a `with` block."""
        raise NotImplementedError

    def right(self, response: Any) -> bool:
        """Tell whether an answer is the right one."""
        raise NotImplementedError

    def send(self, method: str, path: str, headers: Mapping[str, str] = JSON, **more: Any) -> Any:
        """Send a request with the session's cookie; its answer is looked at and not followed."""
        cookie = {"Cookie": self.session.cookie} if self.session.cookie else {}
        return self.client.request(
            method, path, headers={**headers, **cookie}, catch_response=True, allow_redirects=False, **more
        )

    def log_in(self, **more: Any) -> Any:
        """Begin a session."""
        self.session = Session("", self.session.name)
        return self.send("POST", "/user/login", FORM, data=urlencode({"username": self.session.name}), **more)

    def keep_cookie(self, response: Any) -> bool:
        """Take the cookie of an answer, and tell whether it had one."""
        line = response.headers.get("set-cookie")
        if line:
            self.session.cookie = line.partition(";")[0]
        return bool(line)

    def add(self) -> Any:
        """Count."""
        return self.send("POST", "/count")

    def counted(self, response: Any) -> bool:
        """Tell whether a count was acknowledged, which the session has to show from then on."""
        if response.status_code != SEE_OTHER:
            return False
        self.keep_cookie(response)
        self.session.count += 1
        self.share.tally["acknowledged"] += 1
        return True

    def shows_the_session(self, response: Any) -> bool:
        """Tell whether an answer shows name and count of this session."""
        shown = _shown(response)
        return shown is not None and (shown.count, shown.username) == (self.session.count, self.session.name)

    def _ask(self, due: float) -> None:
        sent = time.monotonic()
        with self.request() as response:
            answered = time.monotonic()
            kind = self._kind(response)
            if kind == "good":
                response.success()
            else:
                response.failure(f"{kind}: status {response.status_code}")
            response.request_meta["response_time"] = 1000 * (answered - due)  # Locust's own page is then as honest
        if due >= self.share.begin:
            self.share.tally[kind] += 1
            if kind != "unanswered":
                self.share.latencies.record(due, sent, answered)

    def _kind(self, response: Any) -> str:
        """Return the name of the count that an answer belongs to."""
        if not response.status_code:
            return "unanswered"
        if self.right(response):
            return "good"
        return "failed" if response.status_code >= SERVER_ERROR else "wrong"

    def _compare(self) -> None:
        """Compare what was acknowledged with what the session shows."""
        with self.send("GET", "/", name="look, after the end") as response:
            shown = _shown(response)
        if shown is None or shown.username != self.session.name:
            self.share.tally["unread"] += 1
        else:
            self.share.tally["lost"] += max(0, self.session.count - shown.count)


class Read(Visitor):
    """See `Scenario`."""

    scenario = Scenario.READ

    def request(self) -> Any:
        """See `Visitor`."""
        return self.send("GET", "/")

    def right(self, response: Any) -> bool:
        """See `Visitor`."""
        return self.shows_the_session(response)


class Write(Visitor):
    """See `Scenario`."""

    scenario = Scenario.WRITE

    def request(self) -> Any:
        """See `Visitor`."""
        return self.add()

    def right(self, response: Any) -> bool:
        """See `Visitor`."""
        return self.counted(response)


class Flow(Visitor):
    """See `Scenario`; each step is a request of its own."""

    scenario = Scenario.FLOW
    step = 0

    def request(self) -> Any:
        """See `Visitor`."""
        if self.step == 0:
            return self.log_in()
        if self.step <= COUNTS_IN_A_FLOW:
            return self.add()
        if self.step == COUNTS_IN_A_FLOW + 1:
            return self.send("GET", "/")
        return self.send("POST", "/reset")

    def right(self, response: Any) -> bool:
        """See `Visitor`."""
        step, self.step = self.step, (self.step + 1) % (COUNTS_IN_A_FLOW + 3)
        if step == 0:
            return self.keep_cookie(response) and response.status_code == SEE_OTHER
        if step <= COUNTS_IN_A_FLOW:
            return self.counted(response)
        if step == COUNTS_IN_A_FLOW + 1:
            return self.shows_the_session(response)
        return int(response.status_code) == SEE_OTHER


class Visitors(Visitor):
    """See `Scenario`."""

    scenario = Scenario.VISITORS

    def request(self) -> Any:
        """See `Visitor`."""
        self.session.cookie = ""
        return self.add()

    def right(self, response: Any) -> bool:
        """See `Visitor`."""
        return self.keep_cookie(response) and response.status_code == SEE_OTHER


class NoSession(Visitor):
    """See `Scenario`."""

    scenario = Scenario.NO_SESSION

    def request(self) -> Any:
        """See `Visitor`."""
        return self.send("GET", "/_probe/no-session")

    def right(self, response: Any) -> bool:
        """See `Visitor`."""
        return int(response.status_code) == SEEN


def _shown(response: Any) -> Shown | None:
    if response.status_code != SEEN:
        return None
    try:
        return msgspec.json.decode(response.content, type=Shown)
    except msgspec.DecodeError:
        return None
