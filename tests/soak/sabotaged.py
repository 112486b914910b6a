"""Apps with one thing wrong that only shows while apps and stores fail, or while many sessions go on."""

from __future__ import annotations

import itertools
import time
from typing import Any, ClassVar

from tests.sabotage.app import App
from tests.sabotage.http import Response
from tests.sabotage.memory import Data, Record, State
from tests.sabotage.visit import CannotStart, Visit

TOO_LONG_SECONDS = 2.3


class LosesACountWhenItIsKilled(App):
    """The last count is written down later, and an app that is killed has no later."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.before: dict[str, bytes] = {}

    def count(self, visit: Visit) -> Response:
        records = dict(self.store.records)
        response = super().count(visit)
        key = f"{self.sessions.prefix}{visit.sid}"
        self.before = {key: records[key].data} if key in records else {}
        return response

    def close(self, *, in_good_order: bool) -> None:
        for key, data in self.before.items():
            if not in_good_order and key in self.store.records:
                self.store.plant(key, data)
        super().close(in_good_order=in_good_order)


class BringsResetSessionsBack(App):
    """What a reset removed is there again after the next outage of the store."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.removed: dict[str, Record] = {}

    def end(self, visit: Visit) -> None:
        records = dict(self.store.records)
        super().end(visit)
        self.removed.update({key: records[key] for key in records.keys() - self.store.records.keys()})

    def store_down(self, visit: Visit) -> Response:
        self.store.records.update(self.removed)
        return super().store_down(visit)


class MixesNames(App):
    """Every third log-in takes the name of another client, who is all of a name but its number."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.taken: list[str] = []

    def valid_name(self, values: list[str]) -> str:
        name = super().valid_name(values)
        others = [each for each in self.taken if each.rpartition(" ")[0] != name.rpartition(" ")[0]]
        self.taken.append(name)
        return others[-1] if others and len(self.taken) % 3 == 0 else name


class AcknowledgesWhatItCannotStore(App):
    """A count that fails for want of the store is answered as if it were done."""

    def store_down(self, visit: Visit) -> Response:
        return self.home(visit) if visit.request.path == "/count" else super().store_down(visit)


class KeepsOldIdsAlive(App):
    """The id from before a log-in still opens the session as it was then."""

    def forget(self, sid: str) -> None:
        pass


class FailsNowAndThen(App):
    """Every twentieth count is an error of the app itself."""

    numbers = itertools.count()

    def add_one(self, data: Data, key: str) -> None:
        if next(self.numbers) % 20 == 0:
            raise RuntimeError("now and then")
        super().add_one(data, key)


class WaitsForTooLong(App):
    """A store that does not answer is waited for."""

    def store_down(self, visit: Visit) -> Response:
        if self.store.state is State.FROZEN:
            time.sleep(TOO_LONG_SECONDS)
        return super().store_down(visit)


class StartsOnlyOnce(App):
    """After its first start an app says that its port is taken."""

    starts: ClassVar[list[int]] = []  # emptied by the test

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.starts.append(1)
        if len(self.starts) > 3:  # two workers and one
            raise CannotStart("cannot start: PORT: somebody has it")
