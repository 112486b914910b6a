"""A client with one session at a time: random steps, each held against the model of the session."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Event

from conformance.client import Response
from conformance.soak import answers
from conformance.soak.answers import given
from conformance.soak.check import check_dead
from conformance.soak.findings import Kind
from conformance.soak.pace import Pace
from conformance.soak.session import Dead, Fate, Session, Told
from conformance.soak.site import REFUSED, Sent, Site
from conformance.visitor import JSON

OK, SEE_OTHER, CONFLICT = 200, 303, 409
PARALLEL = 3
FRUITS = ("cherries", "blueberries")
Options = Mapping[str, str] | None


class SoakClient:
    """One client of a target. `name` begins the names that it logs in with, and is its own."""

    def __init__(self, site: Site, name: str, pace: Pace, seed: str) -> None:
        self._site = site
        self._name = name
        self._pace = pace
        self._random = Random(seed)  # noqa: S311 -- it has to come again
        self._log_ins = 0
        self._session: Session | None = None
        self._weights: dict[Callable[[Session], None], int] = {
            self.read: 4,
            self.look: 3,
            self.count: 6,
            self.visit: 2,
            self.choose_fruit: 2,
            self.log_in: 2,
            self.log_out: 2,
            self.reset: 1,
            self.leave: 1,
        }
        if site.atomic:
            self._weights[self.count_in_parallel] = 2
        if site.revocable:
            self._weights[self.read_dead] = 2

    def run(self, stop: Event) -> None:
        """Take steps until the end."""
        while not stop.wait(self._random.uniform(*self._pace.think)):
            if self._session:
                (step,) = self._random.choices(list(self._weights), list(self._weights.values()))
                step(self._session)
            else:
                self.begin()

    def begin(self) -> None:
        """Begin a session, with a count."""
        sent = self._site.send("POST", "/count", None)
        if self._fate(sent, SEE_OTHER) is Fate.DONE and sent.response and (cookie := given(sent.response)):
            self._session = Session(cookie, fruit=self._random.choice(FRUITS))
            self._session.steps.append(sent.note)
            self._site.sessions.append(self._session)

    def leave(self, session: Session) -> None:
        """Go away; the session has to be as it is until the end."""
        del session
        self._session = None

    def read(self, session: Session) -> None:
        """Read count and name."""
        sent = self._send(session, "GET", "/", headers=JSON)
        if response := self._read(sent, session):
            self._hold(session, answers.page(response))

    def look(self, session: Session) -> None:
        """Read the whole session."""
        sent = self._send(session, "GET", "/_probe/session")
        if response := self._read(sent, session):
            self._hold(session, answers.whole(response))

    def count(self, session: Session) -> None:
        """Count once."""
        sent = self._send(session, "POST", "/count")
        session.count.add(self._fate(sent, SEE_OTHER, session))
        self._keep(session, [sent])

    def count_in_parallel(self, session: Session) -> None:
        """Count several times at once."""
        with ThreadPoolExecutor(PARALLEL) as pool:
            futures = [pool.submit(self._send, session, "POST", "/count") for _ in range(PARALLEL)]
        sent = [each.result() for each in futures]
        for each in sent:
            session.count.add(self._fate(each, SEE_OTHER, session))
        self._keep(session, sent)

    def visit(self, session: Session) -> None:
        """Count a visit, which is told at once."""
        sent = self._send(session, "GET", "/visits")
        session.visits.add(self._fate(sent, OK, session))
        if self._keep(session, [sent]) and sent.response and sent.status == OK:
            number = answers.visits(sent.response)
            if number is None:
                self._found(session, Kind.WRONG, f"a visit is answered with {sent.response.text[:80]!r}")
            elif problem := session.visits.problem("visits", number):
                self._found(session, *problem)

    def choose_fruit(self, session: Session) -> None:
        """Choose its fruit; the answer tells the whole session."""
        sent = self._send(session, "GET", f"/{session.fruit}")
        session.set_fruit(self._fate(sent, OK, session))
        if self._keep(session, [sent]) and sent.response and sent.status == OK:
            self._hold(session, answers.fruit(sent.response))

    def log_in(self, session: Session) -> None:
        """Log in with a name that nobody else has.

        Where the session may be gone this could as well begin another one, and nothing would tell.
        """
        if session.may_be_gone:
            return
        self._log_ins += 1
        name = f"{self._name} {self._log_ins}"
        sent = self._send(session, "POST", "/user/login", form={"username": name})
        self._rotate(session, sent, name)

    def log_out(self, session: Session) -> None:
        """Log out; only where there is a name this changes the id."""
        if not session.may_be_gone and None not in session.names:
            self._rotate(session, self._send(session, "POST", "/logout"), None)

    def reset(self, session: Session) -> None:
        """End the session, and begin anew where that is done."""
        sent = self._send(session, "POST", "/reset")
        match self._fate(sent, SEE_OTHER, session):
            case Fate.DONE:
                self._died(session, session.cookie, "a reset")
                self._give_up(session)
            case Fate.UNKNOWN:
                session.may_be_gone = True

    def read_dead(self, _session: Session) -> None:
        """Read with the cookie of a session that has ended, or has another id."""
        if self._site.dead:
            check_dead(self._site, self._random.choice(self._site.dead))

    def _rotate(self, session: Session, sent: Sent, name: str | None) -> None:
        fate = self._fate(sent, SEE_OTHER, session)
        session.set_name(name, fate)
        cookie = given(sent.response) if sent.response and fate is Fate.DONE else None
        if cookie and cookie != session.cookie:
            self._died(session, session.cookie, "a log-in" if name else "a log-out")
            session.cookie = cookie

    def _send(self, session: Session, method: str, path: str, *, form: Options = None, headers: Options = None) -> Sent:
        sent = self._site.send(method, path, session.cookie, form=form, headers=headers)
        session.steps.append(sent.note)
        return sent

    def _fate(self, sent: Sent, good: int, session: Session | None = None) -> Fate:
        """Tell what became of a change. Where the cookie is the session, without an answer nothing did."""
        if sent.status == good:
            self._site.tally.add("acknowledged")
            return Fate.DONE
        if sent.status == CONFLICT:
            self._site.tally.add("conflicts")
            return Fate.NOT_DONE
        self._site.tally.add("unknown")
        if sent.status not in {None, REFUSED}:
            steps = session.steps if session else [sent.note]
            self._site.found(Kind.WRONG, f"a change is answered with {sent.status}", steps)
        return Fate.UNKNOWN if self._site.ids else Fate.NOT_DONE

    def _read(self, sent: Sent, session: Session) -> Response | None:
        """Return the answer to a read, where there is something to read in it."""
        if sent.status not in {None, REFUSED, OK}:
            self._site.found(Kind.WRONG, f"a read is answered with {sent.status}", session.steps)
        return sent.response if sent.status == OK else None

    def _keep(self, session: Session, sent: Iterable[Sent]) -> bool:
        """Keep the cookie that changes hand out; one that begins another session tells that this one is gone."""
        handed_out = [cookie for each in sent if each.response and (cookie := given(each.response))]
        if not handed_out:
            return True
        if not self._site.ids:
            session.cookie = handed_out[-1]
        elif session.may_be_gone:
            self._give_up(session)
        else:
            self._found(session, Kind.LOST, "it is gone: a change begins another session")
        return not session.left

    def _hold(self, session: Session, told: Told | None) -> None:
        if told is None:
            self._found(session, Kind.WRONG, "what a read tells is no session")
        elif session.may_be_gone and told.nothing:
            self._give_up(session)
        elif problem := session.problem(told):
            self._found(session, *problem)

    def _died(self, session: Session, cookie: str, by: str) -> None:
        if self._site.revocable:
            self._site.dead.append(Dead(cookie, session, self._site.now, by))

    def _give_up(self, session: Session) -> None:
        session.left = True
        self._session = None

    def _found(self, session: Session, kind: Kind, what: str) -> None:
        self._site.found(kind, what, session.steps)
        self._give_up(session)
