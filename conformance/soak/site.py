"""A target under soak: two instances of its app behind a balancer, on a store of their own, and what is known of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import count

from conformance.client import Client, NoAnswer, Response
from conformance.redact import SHOWN
from conformance.soak.findings import Finding, Kind, Note
from conformance.soak.session import Dead, Session
from conformance.soak.tally import Tally
from targets.control import Control, Instance

LATEST_SECONDS = 2.0  # SPEC.md, Everywhere: within which an app answers for a store that does not
REFUSED = 503
POLL_SECONDS = 0.05
FOR_LONG = {"SESSION_IDLE_SECONDS": "604800", "SESSION_ABSOLUTE_SECONDS": "604800"}  # longer than any soak
WORKERS = ("2", "1")


@dataclass
class App:
    """One of the two instances; `url` is empty while the balancer sends nothing there."""

    label: str
    instance: Instance
    url: str


@dataclass(frozen=True)
class Sent:
    """A request with its answer, or without."""

    note: Note
    response: Response | None

    @property
    def status(self) -> int | None:
        """The answer's status."""
        return self.response.status if self.response else None


class Site:
    """One target. Its control, and what is started here, are ended by whoever made the control."""

    def __init__(self, name: str, absent: frozenset[str], control: Control) -> None:
        self.name = name
        self.ids = "session-ids" not in absent
        self.revocable = "revocation" not in absent
        self.atomic = "atomic-updates" not in absent
        self.store = None if control.kind == "cookie" else control.store()
        instances = [control.instance(self.store, {"WORKERS": each, **FOR_LONG}) for each in WORKERS]
        self.apps = [App(f"app {number}", each, each.url) for number, each in enumerate(instances, 1)]
        self.frozen_since = 0.0  # on the monotonic clock; 0 while the store is not frozen
        self.tally = Tally()
        self.findings: list[Finding] = []
        self.events: list[Note] = []
        self.failed_faults: list[str] = []
        self.sessions: list[Session] = []
        self.dead: list[Dead] = []
        self._begun = time.monotonic()
        self._turns = count()
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Let the time of the soak begin."""
        self._begun = time.monotonic()

    @property
    def now(self) -> float:
        """Seconds since the soak began."""
        return time.monotonic() - self._begun

    def event(self, text: str) -> None:
        """Write down what was done to the target."""
        self.events.append(Note(self.now, text))

    def not_done(self, text: str) -> None:
        """Write down a fault that could not be made."""
        self.failed_faults.append(text)
        self.event(f"not done: {text}")

    def found(self, kind: Kind, what: str, steps: Iterable[Note] = ()) -> None:
        """Write down what is wrong, with what led to it."""
        finding = Finding(kind, self.name, self.now, what, tuple(steps), tuple(self.events))
        with self._lock:
            self.findings.append(finding)

    def turn(self) -> App:
        """Return the app whose turn it is among those that are there; waits for one."""
        while not (there := [each for each in self.apps if each.url]):
            time.sleep(POLL_SECONDS)
        return there[next(self._turns) % len(there)]

    def send(
        self,
        method: str,
        path: str,
        cookie: str | None,
        *,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        app: App | None = None,
    ) -> Sent:
        """Send a request to an app, or to the one whose turn it is."""
        app = app or self.turn()
        self.tally.add("requests")
        begun = time.monotonic()
        try:
            response = Client(app.url).request(method, path, cookie=cookie, form=form, headers=headers)
        except NoAnswer as error:
            self.tally.add("no answer")
            return Sent(self._note(begun, app, cookie, str(error)), None)
        note = self._note(begun, app, cookie, f"{method} {path}: {response.status}{handed_out(response)}")
        if response.status == REFUSED:
            self.tally.add("refused")
        self._on_time(begun, note)
        return Sent(note, response)

    def _note(self, begun: float, app: App, cookie: str | None, text: str) -> Note:
        took = time.monotonic() - begun
        return Note(begun - self._begun, f"{app.label}, {cut(cookie)}: {text} ({took:.2f} s)")

    def _on_time(self, begun: float, note: Note) -> None:
        """Find an answer late that came while the store was frozen, and took too long since then."""
        frozen = self.frozen_since
        if not frozen:
            return
        took = time.monotonic() - max(begun, frozen)
        self.tally.took(took)
        if took > LATEST_SECONDS:
            self.found(Kind.LATE, f"the store is frozen, and an answer takes {took:.1f} s", [note])


def handed_out(response: Response) -> str:
    """Say what an answer does about the cookie."""
    return "".join(f", Set-Cookie {cut(line.partition(';')[0])}" for line in response.set_cookies)


def cut(cookie: str | None) -> str:
    """Return so much of a cookie that two can be told apart."""
    name, _, value = (cookie or "").partition("=")
    return f"{name}={value[:SHOWN]}…" if cookie else "no cookie"
