"""Sessions as Redis hashes, a field a key, each value as JSON: atomic, and never bringing back the dead."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from redis.exceptions import NoScriptError, ResponseError

from app.configuration import Configuration
from app.hardened.lazy_session import Data, LazySession
from app.hardened.redis_batches import Batches
from app.hardened.server_store import decode
from app.problems import StoreUnavailable
from app.redis_client import connection


def _key(sid: str) -> str:
    return f"session:{sid}"


def accepted(replies: list[Any]) -> Any:
    """Return the last of some replies; a store that refuses to write is a 503."""
    if any(isinstance(reply, ResponseError) for reply in replies):
        raise StoreUnavailable
    return replies[-1]


class RedisRecords:
    """One hash a session. Redis' expiry is the idle timeout."""

    def __init__(self, configuration: Configuration) -> None:
        self.connection = connection(configuration.store_url)
        self.batches = Batches(self.connection)
        self.update = Path(__file__).with_name("update.lua").read_text()
        self.digest = hashlib.sha1(self.update.encode(), usedforsecurity=False).hexdigest()
        self.idle = configuration.session_idle_seconds

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await self.connection.disconnect()

    async def read(self, sid: str) -> Data | None:
        """One round trip."""
        key = _key(sid)
        fields, _ = await self.batches.ask(("HGETALL", key), ("EXPIRE", key, self.idle))
        if isinstance(fields, ResponseError):  # not a hash: not ours
            return None
        try:
            return {name.decode(): decode(value) for name, value in fields.items()}
        except ValueError:  # nothing that we wrote
            return None

    async def create(self, sid: str, data: Data) -> None:
        key = _key(sid)
        fields = [part for name, value in data.items() for part in (name, msgspec.json.encode(value))]
        accepted(await self.batches.ask(("MULTI",), ("HSET", key, *fields), ("EXPIRE", key, self.idle), ("EXEC",)))

    async def change(self, sid: str, new_sid: str, session: LazySession) -> bool:
        changed = {name: msgspec.json.encode(value).decode() for name, value in session.changed.items()}
        changes = msgspec.json.encode([changed, list(session.deleted), session.added])
        arguments = (2, _key(sid), _key(new_sid), self.idle, changes)
        replies = await self.batches.ask(("EVALSHA", self.digest, *arguments))
        if isinstance(replies[0], NoScriptError):  # the first time since Redis started
            replies = await self.batches.ask(("EVAL", self.update, *arguments))
        return bool(accepted(replies))

    async def delete(self, sid: str) -> None:
        accepted(await self.batches.ask(("DEL", _key(sid))))


open_records = RedisRecords  # the name that `server_store` knows
