"""Faults in what is stored, and in what is done with what is found there."""

from __future__ import annotations

import json
import pickle
from typing import Any

from tests.sabotage.app import App
from tests.sabotage.fault import breaks
from tests.sabotage.http import Response
from tests.sabotage.memory import Data, Sessions
from tests.sabotage.visit import Problem, Visit


class Pickled(Sessions):
    """Stores pickles."""

    def encode(self, data: Data) -> bytes:
        return pickle.dumps(data)

    def decode(self, data: bytes) -> Any:
        try:
            return pickle.loads(data)  # noqa: S301 (the fault)
        except Exception as error:
            raise ValueError from error


@breaks("storage.data-only", "storage.planted-code")
class StoresPickles(App):
    """Sessions are stored as pickles."""

    sessions_class = Pickled


class ReadsPickles(Sessions):
    """Stores JSON, reads pickles too."""

    def decode(self, data: bytes) -> Any:
        try:
            return json.loads(data)
        except ValueError:
            return Pickled.decode(self, data)  # type: ignore[arg-type] # it needs nothing of its own


@breaks("storage.planted-code")
class ReadsOldPickles(App):
    """Sessions are stored as JSON; what is none is read as a pickle."""

    sessions_class = ReadsPickles


class Trusting(Sessions):
    """Believes that what is there is what it wrote."""

    def decode(self, data: bytes) -> Any:
        try:
            return json.loads(data)
        except (ValueError, RecursionError):
            raise RuntimeError("not mine") from None


@breaks("storage.garbage")
class FailsOnGarbage(App):
    """A record that is no JSON is an error."""

    sessions_class = Trusting


@breaks("storage.garbage")
class CannotReplaceGarbage(App):
    """A record that cannot be read is an anonymous session for reads, and an error for writes."""

    def count(self, visit: Visit) -> Response:
        values = self.cookie_values(visit.request)
        sid = self.unsign(values[0]) if values else None
        record = self.store.records.get(self.sessions.prefix + (sid or ""))
        if record and not record.data.startswith(b'{"'):
            raise Problem(500)
        return super().count(visit)


class Unprefixed(Sessions):
    """Keys are the ids."""

    prefix = ""


@breaks("storage.prefix")
class HasNoPrefix(App):
    """The key of a record is the bare id."""

    sessions_class = Unprefixed


@breaks("storage.file-modes")
class LetsOthersReadItsFiles(App):
    """The store's file may be read by everybody."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.store.modes = {"sessions.db": 0o644}
