"""Sessions under ids, in whatever database: the ids are random, signed, and ours alone."""

from __future__ import annotations

import hashlib
import secrets
from typing import Protocol

from bottle import HTTPError
from itsdangerous import BadSignature, Signer

from app.configuration import Configuration
from app.hardened.session import Change, Data

ID_BYTES = 32


class Records(Protocol):
    """A database of sessions. Each method is one step there, done or not done, and answers 503 where it cannot be."""

    def read(self, id_: str) -> Data | None:
        """Return a live session and let its idle timeout start again; None also for what cannot be read."""

    def create(self, id_: str, data: Data) -> None:
        """Store a new session."""

    def change(self, id_: str, new: str, change: Change) -> bool:
        """Change a session that lives, and its id with it; return whether it did live."""

    def delete(self, id_: str) -> None:
        """Remove a session, if it is there."""


class IdStore:
    """A store whose tokens are ids of 256 random bits with a signature.

    What we did not sign, the database never sees.
    """

    def __init__(self, records: Records, configuration: Configuration) -> None:
        self.records = records
        self.signer = make_signer(configuration.secrets)

    def read(self, token: str) -> Data | None:
        id_ = self._id(token)
        return self.records.read(id_) if id_ else None

    def create(self, data: Data) -> str:
        id_ = secrets.token_urlsafe(ID_BYTES)
        self.records.create(id_, data)
        return self._token(id_)

    def change(self, token: str, change: Change, data: Data) -> str:
        id_ = self._id(token) or ""
        new = secrets.token_urlsafe(ID_BYTES) if change.rotate else id_
        if not self.records.change(id_, new, change):
            raise HTTPError(409)  # ended meanwhile by another request: saving would bring it back
        return self._token(new)

    def delete(self, token: str) -> None:
        if id_ := self._id(token):
            self.records.delete(id_)

    def _token(self, id_: str) -> str:
        return self.signer.sign(id_).decode()

    def _id(self, token: str) -> str | None:
        """Return the id of a token, or None where we did not sign it."""
        try:
            return self.signer.unsign(token).decode()
        except BadSignature:
            return None


def make_signer(secrets: list[str]) -> Signer:
    """Make a signer whose keys are derived once, and not for every cookie."""
    derive = Signer(secrets, salt="same-session.id", key_derivation="hmac", digest_method=hashlib.sha256).derive_key
    keys = [derive(secret) for secret in reversed(secrets)]  # itsdangerous wants the newest last
    return Signer(keys, key_derivation="none", digest_method=hashlib.sha256)
