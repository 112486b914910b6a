"""Faults in what sessions cost the store."""

from __future__ import annotations

from tests.sabotage.app import App
from tests.sabotage.fault import breaks
from tests.sabotage.http import Response
from tests.sabotage.memory import Data
from tests.sabotage.visit import Visit


@breaks("economy.read", "economy.write")
class ReadsTwice(App):
    """A session is asked for twice: whether it is there, and what it is."""

    def read(self, visit: Visit) -> Data:
        super().read(visit)
        return super().read(visit)


@breaks("economy.write")
class LooksWhatItHasWritten(App):
    """After a count the session is read again."""

    def count(self, visit: Visit) -> Response:
        answer = super().count(visit)
        if visit.sid:
            self.sessions.get(visit.sid)
        return answer


@breaks("economy.elsewhere")
class ReadsTheSessionForA404(App):
    """A path that does not exist asks for the session."""

    def route(self, visit: Visit) -> Response:
        if visit.request.path not in self.routes:
            self.read(visit)
            visit.used = False
        return super().route(visit)


@breaks("economy.strangers-leave-nothing")
class MakesARecordForEveryReader(App):
    """A cookie that the server did not make gets a record, though the client never hears of it."""

    def read(self, visit: Visit) -> Data:
        data = super().read(visit)
        if not visit.sid and self.cookie_values(visit.request) and visit.request.method == "GET":
            self.sessions[self.new_id()] = {}
        return data


@breaks("economy.strangers-leave-nothing")
class MakesARecordToResetIt(App):
    """A reset of nothing makes a record."""

    def end(self, visit: Visit) -> None:
        if not self.cookie_values(visit.request):
            self.sessions[self.new_id()] = {}
        super().end(visit)


@breaks("economy.one-record")
class KeepsTheOldRecordAsAShell(App):
    """A new id leaves an empty record under the old one, which opens nothing."""

    def forget(self, sid: str) -> None:
        super().forget(sid)
        self.sessions[f"was-{sid}"] = {}


@breaks("economy.one-record")
class KeepsAShellAfterAReset(App):
    """A reset leaves an empty record, which opens nothing."""

    def end(self, visit: Visit) -> None:
        super().end(visit)
        if self.cookie_values(visit.request) and self.identify(visit) is None:
            sid = self.unsign(self.cookie_values(visit.request)[0])
            if sid:
                self.sessions[f"was-{sid}"] = {}
