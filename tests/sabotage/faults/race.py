"""Faults that show only where requests of one session meet."""

from __future__ import annotations

import threading
import time
from typing import Any

from tests.sabotage.app import App
from tests.sabotage.fault import breaks
from tests.sabotage.http import Response
from tests.sabotage.memory import Data
from tests.sabotage.visit import Visit


class ReadsTheWholeAndWritesTheWhole(App):
    """What most libraries do: the slow count stores what it read, plus one."""

    def probe_slow_count(self, visit: Visit) -> Response:
        data = self.read(visit)
        self.wait(visit)
        self.add_one(data, "count")
        with self.lock:
            self.write_whole(visit, data)
        return self.home(visit)

    def wait(self, visit: Visit) -> None:
        """Wait as long as the query says."""
        self.probe_slow_read(visit)

    def write_whole(self, visit: Visit, data: Data) -> None:
        """Store the whole session."""
        if visit.sid in self.sessions:
            self.sessions[visit.sid or ""] = data
        else:
            self.change(visit, lambda _data: None)


@breaks("race.different-keys", "race.parallel-counts")
class LosesParallelUpdates(ReadsTheWholeAndWritesTheWhole):
    """A slow count stores the whole session as it was before, plus one."""


@breaks("race.parallel-counts")
class LosesEverySecondParallelCount(App):
    """Of counts that wait at the same time every second one is dropped."""

    waiting = 0

    def probe_slow_count(self, visit: Visit) -> Response:
        self.waiting += 1
        drop = self.waiting % 2 == 0
        try:
            self.read(visit)
            self.probe_slow_read(visit)
        finally:
            self.waiting -= 1
        if not drop:
            self.change(visit, lambda data: self.add_one(data, "count"))
        return self.home(visit)


@breaks("race.different-keys")
class UndoesChangesOfOtherKeys(App):
    """A slow count adds rightly, and puts every other key back to what it was."""

    def probe_slow_count(self, visit: Visit) -> Response:
        before = {key: value for key, value in self.read(visit).items() if key != "count"}
        self.probe_slow_read(visit)

        def put_back(data: Data) -> None:
            count = data.get("count", 0) + 1
            data.clear()
            data.update(before, count=count)

        self.change(visit, put_back)
        return self.home(visit)


@breaks("race.slow-read-keeps-writes")
class SavesAfterReads(App):
    """A slow read stores what it read, where the session is still there."""

    def after_slow_read(self, visit: Visit, data: Data) -> None:
        if visit.request.method == "GET" and visit.sid in self.sessions:
            self.sessions[visit.sid or ""] = data


@breaks("race.slow-read-revives-nothing")
class ASlowReadRevives(App):
    """A slow read brings a destroyed session back."""

    def after_slow_read(self, visit: Visit, data: Data) -> None:
        if visit.request.method == "GET" and visit.sid and visit.sid not in self.sessions:
            self.sessions[visit.sid] = data


@breaks("race.slow-write-revives-nothing")
class ASlowWriteRevives(App):
    """A slow write brings a destroyed session back."""

    def probe_slow_count(self, visit: Visit) -> Response:
        data = self.read(visit)
        self.probe_slow_read(visit)
        if visit.sid and visit.sid not in self.sessions and "username" in data:
            self.sessions[visit.sid] = data
        self.change(visit, lambda now: self.add_one(now, "count"))
        return self.home(visit)


@breaks("race.slow-write-revives-nothing")
class SaysThatALostWriteWasDone(App):
    """A slow write to a destroyed session is dropped rightly, and answered with 303."""

    def probe_slow_count(self, visit: Visit) -> Response:
        self.read(visit)
        self.probe_slow_read(visit)
        if visit.sid in self.sessions or visit.sid is None:
            self.change(visit, lambda data: self.add_one(data, "count"))
        return self.home(visit)


@breaks("race.slow-write-keeps-old-id-dead")
class ASlowWriteRevivesTheIdFromBeforeLogIn(App):
    """A slow write stores under the id that it came with, which log-in has replaced meanwhile."""

    def probe_slow_count(self, visit: Visit) -> Response:
        data = self.read(visit)
        self.probe_slow_read(visit)
        if visit.sid and visit.sid not in self.sessions and "username" not in data:
            self.sessions[visit.sid] = data
        self.change(visit, lambda now: self.add_one(now, "count"))
        return self.home(visit)


@breaks("economy.write", "race.many-counts", "race.many-counts-in-workers")
class CountsWithoutALock(App):
    """A count reads, gives others a turn, and writes."""

    def count(self, visit: Visit) -> Response:
        self.read(visit)
        before = self.sessions.get(visit.sid or "")
        if before is None:
            return super().count(visit)
        time.sleep(0.001)
        self.add_one(before, "count")
        self.sessions[visit.sid or ""] = before
        return self.home(visit)


@breaks("economy.write", "race.many-counts-in-workers")
class LocksItsOwnProcessAlone(App):
    """A count is alone in its process, and not in the store."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.mine = threading.Lock()

    def count(self, visit: Visit) -> Response:
        self.read(visit)
        with self.mine:
            before = self.sessions.get(visit.sid or "")
            if before is not None:
                time.sleep(0.001)
                self.add_one(before, "count")
                self.sessions[visit.sid or ""] = before
                return self.home(visit)
        return super().count(visit)


@breaks("race.unrelated-sessions")
class CountsOneSessionAtATime(App):
    """While a slow count is under way, other counts wait."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.slow = threading.Lock()

    def probe_slow_count(self, visit: Visit) -> Response:
        if self.number(visit, "ms") < 1000:
            return super().probe_slow_count(visit)
        with self.slow:
            return super().probe_slow_count(visit)

    def count(self, visit: Visit) -> Response:
        with self.slow:
            return super().count(visit)


@breaks("race.frozen-store")
class WaitsForTheStoreInItsLoop(App):
    """While a request waits for the store, nothing else is served."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.loop = threading.RLock()

    def count(self, visit: Visit) -> Response:
        with self.loop:
            return super().count(visit)

    def healthy(self, visit: Visit) -> Response:
        if visit.request.path != "/_probe/no-session":
            return super().healthy(visit)
        with self.loop:
            return super().healthy(visit)
