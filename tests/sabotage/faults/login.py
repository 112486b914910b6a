"""Faults in what a change of privilege does to the id, in ending sessions, and in keeping sessions apart."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.sabotage.app import App, Data, Visit
from tests.sabotage.fault import breaks
from tests.sabotage.http import Request, Response


@breaks()
class KeepsTheIdAtLogIn(App):
    """Log-in keeps the id."""

    def rotates(self, visit: Visit) -> bool:
        return "log" not in visit.request.path or "logout" in visit.request.path


@breaks()
class KeepsTheIdAtLogInByLink(App):
    """The form changes the id, the link does not."""

    def rotates(self, visit: Visit) -> bool:
        return visit.request.path != "/login"


@breaks()
class ChangesTheIdAtTheFirstLogInOnly(App):
    """A second log-in, as somebody else, keeps the id."""

    def log_in(self, visit: Visit) -> Response:
        self.known = "username" in self.read(visit)
        return super().log_in(visit)

    def rotates(self, visit: Visit) -> bool:
        return visit.request.path != "/user/login" or not self.known


@breaks()
class KeepsTheOldIdAliveAfterLogIn(App):
    """Log-in makes a new id, and the old one still works."""

    def forget(self, sid: str) -> None:
        """Leave it."""


@breaks()
class KeepsTheOldIdAliveAfterLogOut(App):
    """Log-out makes a new id, and the old one is still logged in."""

    def log_out(self, visit: Visit) -> Response:
        data = self.read(visit)
        old = visit.sid
        response = super().log_out(visit)
        if old and visit.request.method != "HEAD":
            self.sessions[old] = data
        return response


@breaks()
class KeepsTheIdAtLogOut(App):
    """Log-out keeps the id."""

    def rotates(self, visit: Visit) -> bool:
        return "logout" not in visit.request.path


@breaks()
class ResetForgetsTheCookieAlone(App):
    """A reset deletes the cookie and keeps the session."""

    def end(self, visit: Visit) -> None:
        visit.used = True
        if not self.changes_nothing(visit):
            self.take_back(visit)


@breaks()
class DestroySessionForgetsTheCookieAlone(App):
    """`/destroy-session` deletes the cookie and keeps the session; `/reset` does it right."""

    def destroy_session(self, visit: Visit) -> Response:
        visit.used = True
        if not self.changes_nothing(visit):
            self.take_back(visit)
        return self.json({"response": "session destroyed", "session": {}})


@breaks()
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


@breaks()
class ResetKeepsTheCookie(App):
    """A reset ends the session and leaves the dead id with the browser."""

    def take_back(self, visit: Visit) -> None:
        """Leave it."""


@breaks()
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


@breaks()
class ResetEndsEverySession(App):
    """A reset empties the whole store."""

    def end(self, visit: Visit) -> None:
        if self.identify(visit) and not self.changes_nothing(visit):
            kept = self.identify(visit)
            self.sessions = {kept: self.sessions[kept]} if kept else {}
        super().end(visit)


@breaks()
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


@breaks()
class FindsSessionsByName(App):
    """Who logs in with a name that is there already gets that name's session."""

    def log_in(self, visit: Visit) -> Response:
        name = self.valid_name(self.names(visit.request.body.decode("latin-1")))
        for sid, data in list(self.sessions.items()):
            if data.get("username") == name and name == "Ada" and sid != self.identify(visit):
                visit.used = True
                visit.sid = sid
                self.change(visit, lambda data: data.update(username=name), rotate=False)
                self.hand_out(visit, sid)
                return self.home(visit)
        return super().log_in(visit)


@breaks()
class RemembersTheConnection(App):
    """A request without a cookie gets the session of the one before it, where the client's address is the same."""

    latest = ""

    def __call__(self, request: Request) -> Response:
        if not request.header("cookie") and self.latest and request.path == "/":
            request.headers.append(("cookie", self.latest))
        elif request.header("cookie") and request.path == "/":
            self.latest = request.header("cookie")
        return super().__call__(request)


@breaks()
class GivesParallelStrangersOneCookie(App):
    """Strangers who come within the same 50 ms get cookies of which only the last works."""

    made = (0.0, "")

    def hand_out(self, visit: Visit, sid: str) -> None:
        super().hand_out(visit, sid)
        now = time.monotonic()
        if visit.request.path == "/count" and not visit.request.header("cookie"):
            when, before = self.made
            if now - when < 0.01:
                self.sessions.pop(before, None)
            self.made = (now, sid)


@breaks()
class TakesTwoCookiesForOneSession(App):
    """Of two session cookies the first is read and the second is written."""

    def change(self, visit: Visit, do: Callable[[Data], object], *, rotate: bool = False) -> Data:
        values = self.cookie_values(visit.request)
        if len(values) > 1:
            before = dict(self.sessions.get(visit.sid or "", {}))
            visit.sid = self.unsign(values[1])
            self.sessions[visit.sid or ""] = before
        return super().change(visit, do, rotate=rotate)
