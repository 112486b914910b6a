"""Beaker's session with the same verbs, made safe: strict about ids, saved as changes, over a store that may say no."""

from __future__ import annotations

import copy
import time
from collections import Counter
from typing import Any, Protocol

import beaker.session
import msgspec

from app.counters import as_count
from app.hardened.session_cookie import SessionCookie

Data = dict[str, Any]
CREATED = "_created"


class Change(msgspec.Struct, frozen=True):
    """What a request did to a session that the store has."""

    set: Data
    unset: list[str]
    add: dict[str, int]
    rotate: bool

    def __bool__(self) -> bool:
        """Whether there is anything to save."""
        return bool(self.set or self.unset or self.add or self.rotate)


class Store(Protocol):
    """Where sessions live. A token is what the cookie carries: a signed id, or the signed session itself.

    Each method answers 503 where the store does not reply.
    """

    def read(self, token: str) -> Data | None:
        """Return a live session and let its idle timeout start again; None for a token that we did not sign."""

    def create(self, data: Data) -> str:
        """Store a new session and return its token."""

    def change(self, token: str, change: Change, data: Data) -> str:
        """Change a session, whose whole is `data` now, and return its new token; answer 409 where it has ended."""

    def delete(self, token: str) -> None:
        """End the session of a token, if there is one."""


class Session(beaker.session.Session):
    """A dictionary over one session of a store, made by Beaker's middleware when a handler first asks for it.

    Beaker's own constructor adopts whatever id the cookie has and opens a namespace of pickles, so it is not called.
    What stays are Beaker's verbs and `request`, the dictionary through which the middleware hands out the cookie.
    """

    created = 0  # seconds since 1970; Beaker's is a property of its data

    def __init__(self, request: Data, *, store: Store, cookie: SessionCookie, absolute: int, **others: Any) -> None:
        dict.__init__(self)
        self._config: Data = {}  # Beaker's `clear` puts these among the data: there, the cookie's domain and path
        self.request = request
        self.request["set_cookie"] = False
        self.store = store
        self.cookie = cookie
        self.absolute = absolute
        self.sent = cookie.find(request["cookie"] or "")
        self.load()

    def load(self) -> None:
        """Read the session that the client names; without one that lives, this is a new session with an id to come."""
        try:
            self._open((self.store.read(self.sent) if self.sent else None) or {})
        except RecursionError:  # planted: nothing that we wrote is nested so deeply
            self._open({})

    def _open(self, data: Data) -> None:
        created = data.pop(CREATED, None)
        alive = isinstance(created, int) and time.time() < created + self.absolute
        self.token = self.sent if alive else None
        self.created = created if alive else int(time.time())
        self.accessed_dict = data if alive else {}
        self.revert()

    def revert(self) -> None:
        """Forget what this request has changed so far."""
        self.added: Counter[str] = Counter()
        self.rotated = self.deleted = False
        self.clear()
        self.update(copy.deepcopy(self.accessed_dict))

    def increment(self, key: str) -> int:
        """Add one to a counter; the store does the sum, so that no parallel request is lost."""
        self[key] = as_count(self.get(key)) + 1
        self.added[key] += 1
        return int(self[key])

    def regenerate_id(self) -> None:
        """Change the id when the session is saved, which leaves none under the old one."""
        self.rotated = True

    def delete(self) -> None:
        """End the session when it is saved, with all else that this request did to it."""
        self.clear()
        self.deleted = True

    invalidate = delete  # Beaker's leaves the session alive for whoever has a copy of the cookie

    def save(self, accessed_only: bool = False) -> None:  # noqa: FBT001, FBT002  # Beaker's signature
        """Save what this request has changed, if anything; answers 409 or 413 where that cannot be."""
        if self.deleted:
            self._end()
        elif self.token is None and self:
            self._hand_out(self.store.create(self._record()))
        elif self.token and (change := self._change()):
            self._hand_out(self.store.change(self.token, change, self._record()))
        else:
            return
        self.accessed_dict = dict(self)
        self.revert()

    def _record(self) -> Data:
        return {**self, CREATED: self.created}

    def _change(self) -> Change:
        """Compare with what was read. So a change inside a value is seen, and no method of `dict` goes unnoticed."""
        sums = {key: as_count(self.accessed_dict.get(key)) + amount for key, amount in self.added.items()}
        expected = self.accessed_dict | sums
        assigned = {key: value for key, value in self.items() if key not in expected or value != expected[key]}
        return Change(
            set=assigned,
            unset=[key for key in self.accessed_dict if key not in self],
            add={key: amount for key, amount in self.added.items() if key in self and key not in assigned},
            rotate=self.rotated,
        )

    def _hand_out(self, token: str) -> None:
        """Let the middleware send a cookie, if the client has another one."""
        if token != self.token:
            left = self.created + self.absolute - int(time.time())
            self.request.update(set_cookie=True, cookie_out=self.cookie.set(token, left))
        self.token = token

    def _end(self) -> None:
        """Delete the record and take the cookie back, where there are any."""
        if self.sent:
            self.store.delete(self.sent)
        if self.sent is not None:
            self.request.update(set_cookie=True, cookie_out=self.cookie.delete())
        self.token = None
