"""The session of the sabotaged app: read, changed at once and alone, renamed, destroyed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.sabotage.cookie_layer import CookieLayer
from tests.sabotage.memory import Data, Memory, Sessions
from tests.sabotage.visit import Problem, Visit


class SessionLayer(CookieLayer):
    """What is between ids and the store."""

    sessions_class: type[Sessions] = Sessions

    def __init__(self, store: Memory | None = None, settings: Mapping[str, str | None] | None = None) -> None:
        super().__init__(settings)
        self.store = store or Memory()
        self.idle = int(self.settings.get("SESSION_IDLE_SECONDS") or 1800)
        self.sessions = self.sessions_class(self.store, self.idle, self.lifetime)
        self.lock = self.store.lock
        self.store.clients += 1

    def close(self, *, in_good_order: bool) -> None:
        """End; `in_good_order` is False for one that is killed."""
        del in_good_order
        self.store.clients -= 1

    def identify(self, visit: Visit) -> str | None:
        """Return the id of the live session that the client's cookie opens."""
        values = self.cookie_values(visit.request)
        sid = self.unsign(values[0]) if values else None
        return sid if sid in self.sessions else None

    def read(self, visit: Visit) -> Data:
        """Return a copy of the session, empty where there is none."""
        visit.used = True
        if not self.cookie_values(visit.request):
            return {}
        with self.store.together():
            visit.sid = self.identify(visit)
            return dict(self.sessions[visit.sid]) if visit.sid else {}

    def change(self, visit: Visit, do: Callable[[Data], object], *, rotate: bool = False) -> Data:
        """Change the session that was read, at once and alone, and return it; 409 where it has ended meanwhile."""
        with self.store.together():
            before = self.sessions.get(visit.sid or "")
            if visit.sid and before is None:
                raise Problem(409)
            after = dict(before or {})
            do(after)
            if after == (before or {}) and not rotate:
                return after
            if self.changes_nothing(visit):
                return after
            sid = self.save(visit, after, rotate=rotate)
            visit.undo.append(lambda: self.put_back(visit.sid, before, sid))
        return after

    def changes_nothing(self, visit: Visit) -> bool:
        """Tell whether this request may not change anything."""
        return visit.request.method == "HEAD"

    def save(self, visit: Visit, data: Data, *, rotate: bool) -> str:
        """Store the session, under a new id where it is to have one."""
        sid = visit.sid if visit.sid and not rotate else self.new_id()
        if visit.sid and sid != visit.sid:
            self.forget(visit.sid)
        self.sessions[sid] = data
        if sid != visit.sid:
            self.hand_out(visit, sid)
        return sid

    def forget(self, sid: str) -> None:
        """Remove a session whose id has changed."""
        self.sessions.pop(sid, None)

    def put_back(self, sid: str | None, before: Data | None, now: str) -> None:
        """Undo a change."""
        self.sessions.pop(now, None)
        if sid and before is not None:
            self.sessions[sid] = before

    def end(self, visit: Visit) -> None:
        """Destroy the session."""
        visit.used = True
        if not self.cookie_values(visit.request):
            return
        with self.store.together():
            sid = self.identify(visit)
            if sid and not self.changes_nothing(visit):
                del self.sessions[sid]
        if not self.changes_nothing(visit):
            self.take_back(visit)
