"""What the hardened edition asks of a store, and what its stores have in common."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec
from werkzeug.exceptions import ServiceUnavailable

from app.configuration import Configuration
from app.hardened.lazy_session import Data, Record, Session

STORE_TIMEOUT_SECONDS = 0.5
UNREADABLE = (AttributeError, KeyError, TypeError, ValueError, RecursionError)  # what decoding foreign data raises


class StoreUnavailable(ServiceUnavailable):
    """The store does not answer, or refuses to write. The description is for logs: problems do not show it."""

    def __init__(self, reason: object) -> None:
        super().__init__(" ".join(str(reason).split()), retry_after=1)


class Store(Protocol):
    """Records by session id. Every verb is atomic by itself and raises `StoreUnavailable` within 2 seconds."""

    def __init__(self, configuration: Configuration) -> None: ...

    @staticmethod
    def prepare(configuration: Configuration) -> None:
        """Make what the store needs; `StoreUnavailable`: later perhaps, `ConfigurationError`: never."""

    def read(self, sid: str) -> Record | None:
        """Return a live session and let its idle timeout start again; what cannot be read is None."""

    def create(self, sid: str, data: Data) -> None:
        """Store a new session."""

    def change(self, sid: str, session: Session) -> bool:
        """Change a session and move it to `session.sid`; return False where it has ended meanwhile."""

    def delete(self, sid: str) -> None:
        """Remove a session."""

    def version(self) -> str:
        """Return the version of the store that answers."""


def encode_changes(session: Session) -> str:
    """Return what a request changed as JSON: keys to set, keys to remove, amounts to add to counters."""
    return msgspec.json.encode([session.changed, list(session.deleted), session.added]).decode()


def decode_row(data: Any, age: Any) -> Record | None:
    """Make a record of a row's JSON text and age, where we wrote them."""
    try:
        return Record(msgspec.json.decode(data, type=dict[str, Any]), float(age))
    except UNREADABLE:
        return None
