"""Faults in what a change of privilege does to the id, in ending sessions, and in keeping sessions apart."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.sabotage.app import App
from tests.sabotage.fault import breaks
from tests.sabotage.http import Request, Response
from tests.sabotage.memory import Data
from tests.sabotage.visit import Visit


@breaks("login.old-id-dies", "login.rotates-id", "login.rotates-id-again")
class KeepsTheIdAtLogIn(App):
    """Log-in keeps the id."""

    def rotates(self, visit: Visit) -> bool:
        return "log" not in visit.request.path or "logout" in visit.request.path


@breaks("login.old-id-dies", "login.rotates-id")
class KeepsTheIdAtLogInByLink(App):
    """The form changes the id, the link does not."""

    def rotates(self, visit: Visit) -> bool:
        return visit.request.path != "/login"


@breaks("login.rotates-id-again")
class ChangesTheIdAtTheFirstLogInOnly(App):
    """A second log-in, as somebody else, keeps the id."""

    def log_in(self, visit: Visit) -> Response:
        self.known = "username" in self.read(visit)
        return super().log_in(visit)

    def rotates(self, visit: Visit) -> bool:
        return visit.request.path != "/user/login" or not self.known


@breaks("login.old-id-dies", "logout.old-id-dies")
class KeepsTheOldIdAliveAfterLogIn(App):
    """Log-in makes a new id, and the old one still works."""

    def forget(self, sid: str) -> None:
        """Leave it."""


@breaks("logout.old-id-dies")
class KeepsTheOldIdAliveAfterLogOut(App):
    """Log-out makes a new id, and the old one is still logged in."""

    def log_out(self, visit: Visit) -> Response:
        data = self.read(visit)
        old = visit.sid
        response = super().log_out(visit)
        if old and visit.request.method != "HEAD":
            self.sessions[old] = data
        return response


@breaks("logout.old-id-dies", "logout.rotates-id")
class KeepsTheIdAtLogOut(App):
    """Log-out keeps the id."""

    def rotates(self, visit: Visit) -> bool:
        return "logout" not in visit.request.path


@breaks("revoke.reset", "revoke.stays-dead")
class ResetForgetsTheCookieAlone(App):
    """A reset deletes the cookie and keeps the session."""

    def end(self, visit: Visit) -> None:
        visit.used = True
        if not self.changes_nothing(visit):
            self.take_back(visit)


@breaks("revoke.reset")
class DestroySessionForgetsTheCookieAlone(App):
    """`/destroy-session` deletes the cookie and keeps the session; `/reset` does it right."""

    def destroy_session(self, visit: Visit) -> Response:
        visit.used = True
        if not self.changes_nothing(visit):
            self.take_back(visit)
        return self.json({"response": "session destroyed", "session": {}})


@breaks("race.slow-write-revives-nothing", "revoke.stays-dead")
class ResetEmptiesAndKeepsTheRecord(App):
    """A reset empties the data, and the id lives on: the next write with it is the same session again."""

    def end(self, visit: Visit) -> None:
        visit.used = True
        with self.lock:
            sid = self.identify(visit)
            if sid and not self.changes_nothing(visit):
                self.sessions[sid] = {}
        if not self.changes_nothing(visit):
            self.take_back(visit)


@breaks("app.resets", "cookie.deletion", "cookie.deletion-attributes")
class ResetKeepsTheCookie(App):
    """A reset ends the session and leaves the dead id with the browser."""

    def take_back(self, visit: Visit) -> None:
        """Leave it."""


@breaks("revoke.stays-dead")
class ReusesADeadId(App):
    """A write with the cookie of a destroyed session brings its id back to life."""

    dead = ""

    def end(self, visit: Visit) -> None:
        self.dead = self.identify(visit) or self.dead
        super().end(visit)

    def save(self, visit: Visit, data: Data, *, rotate: bool) -> str:
        values = self.cookie_values(visit.request)
        if not visit.sid and values and (sid := self.unsign(values[0])) and sid == self.dead:
            self.sessions[sid] = data
            self.hand_out(visit, sid)
            return sid
        return super().save(visit, data, rotate=rotate)


@breaks("isolate.reset")
class ResetEndsEverySession(App):
    """A reset empties the whole store."""

    def end(self, visit: Visit) -> None:
        kept = self.identify(visit)
        if kept and not self.changes_nothing(visit):
            for sid in set(self.sessions) - {kept}:
                del self.sessions[sid]
        super().end(visit)


@breaks("flow.greeting", "isolate.visitors")
class KeepsTheNameInTheProcess(App):
    """The name is that of whoever logged in last."""

    last = ""

    def log_in(self, visit: Visit) -> Response:
        response = super().log_in(visit)
        self.last = self.names(visit.request.body.decode("latin-1"))[0].strip()
        return response

    def read(self, visit: Visit) -> Data:
        data = super().read(visit)
        return data | {"username": self.last} if "username" in data and self.last else data


@breaks("isolate.same-name")
class LogOutForgetsTheNameEverywhere(App):
    """A log-out takes the name out of every session that has it."""

    def log_out(self, visit: Visit) -> Response:
        name = self.read(visit).get("username")
        response = super().log_out(visit)
        for sid, data in list(self.sessions.items()):
            if name and data.pop("username", None) == name:
                self.sessions[sid] = data
        return response


@breaks("isolate.connection")
class RemembersTheConnection(App):
    """A request without a cookie gets the session of the one before it on the same connection."""

    latest = (0, "")

    def __call__(self, request: Request) -> Response:
        connection, cookie = self.latest
        if request.header("cookie"):
            self.latest = (request.connection, request.header("cookie"))
        elif connection == request.connection:
            request.headers.append(("cookie", cookie))
        return super().__call__(request)


@breaks("race.first-requests")
class GivesParallelStrangersOneSession(App):
    """Of strangers who come at the same time only one gets a session that works."""

    waiting = 0

    def count(self, visit: Visit) -> Response:
        if visit.request.header("cookie"):
            return super().count(visit)
        with self.lock:
            self.waiting += 1
        time.sleep(0.02)
        crowded = self.waiting > 1
        response = super().count(visit)
        with self.lock:
            self.waiting -= 1
            if crowded:
                self.sessions.pop(visit.set_cookie.partition("=")[2].partition(".")[0])
        return response


@breaks("forged.duplicates")
class TakesTwoCookiesForOneSession(App):
    """Of two session cookies the first is read and the second is written."""

    def change(self, visit: Visit, do: Callable[[Data], object], *, rotate: bool = False) -> Data:
        values = self.cookie_values(visit.request)
        if len(values) > 1:
            before = dict(self.sessions.get(visit.sid or "", {}))
            visit.sid = self.unsign(values[1])
            self.sessions[visit.sid or ""] = before
        return super().change(visit, do, rotate=rotate)
