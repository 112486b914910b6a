"""Faults that show while the store is away, and after it."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from tests.sabotage.app import App
from tests.sabotage.fault import breaks
from tests.sabotage.http import Response
from tests.sabotage.memory import Data, Sessions, State, StoreDown
from tests.sabotage.visit import Problem, Visit

TOO_LONG_SECONDS = 2.3


@breaks("outage.refused", "outage.frozen", "outage.read-only", "outage.full", "outage.readiness")
class AnswersAnOutageWith500(App):
    """A store that is away is an internal error."""

    def store_down(self, visit: Visit) -> Response:
        del visit
        return self.problem(Problem(500))


@breaks("outage.refused", "outage.frozen", "outage.read-only", "outage.full")
class DoesNotSayWhenToComeBack(App):
    """A store that is away is a 503 without Retry-After."""

    def store_down(self, visit: Visit) -> Response:
        del visit
        return self.problem(Problem(503))


@breaks("outage.refused")
class TriesAgainForTooLong(App):
    """A store that refuses connections is asked again and again."""

    def store_down(self, visit: Visit) -> Response:
        if self.store.state is State.AWAY and visit.request.path == "/count":
            time.sleep(TOO_LONG_SECONDS)
        return super().store_down(visit)


@breaks("outage.frozen")
class WaitsForTooLong(App):
    """A store that does not answer is waited for."""

    def store_down(self, visit: Visit) -> Response:
        if self.store.state is State.FROZEN and visit.request.path == "/user/login":
            time.sleep(TOO_LONG_SECONDS)
        return super().store_down(visit)


@breaks("outage.keeps-the-cookie")
class TakesTheCookieBackWhenTheStoreIsAway(App):
    """A session that cannot be read is taken for one that there is not."""

    def store_down(self, visit: Visit) -> Response:
        response = super().store_down(visit)
        if self.store.state is State.AWAY:
            response.headers.append(("set-cookie", f"{self.cookie_name}=; Max-Age=0; {self.attributes(visit)}"))
        return response


@breaks("outage.refused", "outage.frozen", "outage.read-only", "outage.says-what-is-true")
class SaysDoneWhenTheStoreIsAway(App):
    """A count that could not be stored is answered like one that was."""

    def store_down(self, visit: Visit) -> Response:
        return self.home(visit) if visit.request.path == "/count" else super().store_down(visit)


@breaks("outage.refused", "outage.frozen", "outage.says-what-is-true")
class SaysResetWhenTheStoreIsAway(App):
    """A reset that could not be done is answered like one that was."""

    def store_down(self, visit: Visit) -> Response:
        return self.home(visit) if visit.request.path == "/reset" else super().store_down(visit)


@breaks("outage.full")
class SaysDoneWhenTheStoreIsFull(App):
    """A change for which there is no room is answered like one that was stored."""

    def store_down(self, visit: Visit) -> Response:
        return self.home(visit) if visit.request.path == "/_probe/fill" else super().store_down(visit)


@breaks("outage.says-what-is-true", "outage.recovers", "outage.leaks-nothing")
class GivesASessionUpAfterThreeFailures(App):
    """A session that could not be read three times is never read again."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.failures: Counter[str] = Counter()

    def read(self, visit: Visit) -> Data:
        cookie = visit.request.header("cookie")
        if self.failures[cookie] > 2:
            raise Problem(503)
        try:
            return super().read(visit)
        except StoreDown:
            self.failures[cookie] += 1
            raise


@breaks("outage.recovers")
class ForgetsTheNameInAnOutage(App):
    """A session that could not be read comes back without its name."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.failed: set[str] = set()

    def read(self, visit: Visit) -> Data:
        cookie = visit.request.header("cookie")
        try:
            data = super().read(visit)
        except StoreDown:
            self.failed.add(cookie)
            raise
        if cookie in self.failed and data.pop("username", None):
            self.sessions[visit.sid or ""] = data
        return data


@breaks("outage.strangers-go-on", "economy.elsewhere", "economy.read", "economy.write", "race.frozen-store")
class AsksTheStoreWhateverComes(App):
    """Every request asks the store first."""

    def route(self, visit: Visit) -> Response:
        if visit.request.path not in {"/readyz", "/healthz"}:
            self.store.ask()
        return super().route(visit)


@breaks("outage.strangers-go-on")
class AsksTheStoreForStrangers(App):
    """A page for a client without a cookie asks the store."""

    def page(self, visit: Visit) -> Response:
        if not self.cookie_values(visit.request):
            self.store.ask()
        return super().page(visit)


@breaks("outage.readiness")
class IsAlwaysReady(App):
    """Readiness does not ask the store."""

    def ready(self, visit: Visit) -> Response:
        return self.healthy(visit)


class Lossy(Sessions):
    """Takes a refusal to write for the end of the session."""

    def __setitem__(self, sid: str, data: Data) -> None:
        try:
            super().__setitem__(sid, data)
        except StoreDown:
            if self.store.state is State.NO_WRITES:
                self.store.records.pop(self.prefix + sid, None)
            raise


@breaks("outage.read-only", "outage.full")
class LosesTheSessionThatItCannotWrite(App):
    """A session whose change is refused is gone."""

    sessions_class = Lossy


class WritesWithEveryRead(Sessions):
    """Reads, and writes what it has read."""

    def __getitem__(self, sid: str) -> Data:
        data = super().__getitem__(sid)
        super().__setitem__(sid, data)
        return data


@breaks("outage.read-only", "outage.full", "economy.read")
class CannotReadWithoutWriting(App):
    """A read stores what it has read."""

    sessions_class = WritesWithEveryRead


@breaks("outage.flushed")
class GoesOnUnderAForgottenId(App):
    """When the store is empty, a signed id is good for a new session."""

    def new_id(self) -> str:
        return self.forgotten or super().new_id()

    def save(self, visit: Visit, data: Data, *, rotate: bool) -> str:
        values = self.cookie_values(visit.request)
        empty = not self.store.records and not visit.sid and not rotate
        self.forgotten = self.unsign(values[0]) if values and empty else None
        return super().save(visit, data, rotate=rotate)

    forgotten: str | None = None


@breaks("outage.leaks-nothing")
class CountsFailuresAsConnections(App):
    """The pool has a hundred connections to give away, and takes none back that failed."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.left = 100

    def read(self, visit: Visit) -> Data:
        if self.left <= 0:
            raise Problem(503)
        try:
            return super().read(visit)
        except StoreDown:
            self.left -= 1
            raise


@breaks("outage.leaks-nothing")
class LeaksAConnectionWithEveryFailure(App):
    """A request that fails leaves its connection open."""

    def store_down(self, visit: Visit) -> Response:
        self.store.clients += 1
        return super().store_down(visit)
