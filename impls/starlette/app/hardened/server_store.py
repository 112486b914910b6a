"""Opaque ids for the client, records for us: what Redis, SQLite and PostgreSQL have in common."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import AbstractAsyncContextManager
from importlib import import_module
from typing import Any, Protocol

import msgspec
from itsdangerous import BadSignature, Signer
from starlette.exceptions import HTTPException

from app.configuration import Configuration
from app.hardened.lazy_session import Data, LazySession

ID_BYTES = 32


class Records(Protocol):
    """One kind of store. Its methods are atomic; they raise `StoreUnavailable` where it does not answer or refuses."""

    def running(self) -> AbstractAsyncContextManager[object]:
        """Keep open, as long as the app runs, what the other methods need."""

    async def read(self, sid: str) -> Data | None:
        """Return a live record that can be read, with its `CREATED`; its idle timeout starts again."""

    async def create(self, sid: str, data: Data) -> None:
        """Make a record."""

    async def change(self, sid: str, new_sid: str, session: LazySession) -> bool:
        """Change a record, under a new id if that differs, if it is still alive; returns whether it was."""

    async def delete(self, sid: str) -> None:
        """Forget a record."""


def decode(stored: bytes | str) -> Any:
    """Return what JSON stands for; raises `ValueError` for what is none."""
    try:
        return msgspec.json.decode(stored)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def derived(secret: str) -> bytes:
    """Return the key that itsdangerous makes of a secret, so that it is not made anew for each cookie."""
    return Signer(secret, salt="same-session.id", key_derivation="hmac", digest_method=hashlib.sha256).derive_key()


class ServerStore:
    """The store of the session layer, on records of the configured kind."""

    def __init__(self, configuration: Configuration) -> None:
        kind = import_module(f"app.hardened.{configuration.store}_records")  # with its driver, and no other
        self.records: Records = kind.open_records(configuration)
        self.signer = Signer(
            [derived(secret) for secret in configuration.secrets[::-1]],  # itsdangerous wants the newest last
            key_derivation="none",
            digest_method=hashlib.sha256,
        )

    def running(self) -> AbstractAsyncContextManager[object]:
        return self.records.running()

    def identify(self, cookie: str) -> str | None:
        try:
            return self.signer.unsign(cookie).decode()
        except BadSignature:
            return None

    async def read(self, sid: str) -> Data | None:
        return await self.records.read(sid)

    async def write(self, session: LazySession) -> str | None:
        """Create a session, or change one that is still there, under a new id if it is to have one.

        Raises 409 where another request ended the session meanwhile: saving would bring it back.
        """
        sid = session.sid if session.sid and not session.rotated else secrets.token_urlsafe(ID_BYTES)
        if not session.sid:
            await self.records.create(sid, session.data)
        elif not await self.records.change(session.sid, sid, session):
            raise HTTPException(409)
        return None if sid == session.sid else self.signer.sign(sid).decode()

    async def delete(self, sid: str) -> None:
        await self.records.delete(sid)
