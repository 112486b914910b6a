"""Sessions as Redis hashes, a field a key, each value as JSON: atomic, and never bringing back the dead."""

from __future__ import annotations

from collections.abc import Awaitable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import msgspec
from redis.exceptions import RedisError, ResponseError
from redis.typing import EncodableT, FieldT

from app.configuration import Configuration
from app.hardened.lazy_session import Data, LazySession
from app.hardened.server_store import decode
from app.problems import StoreUnavailable
from app.redis_client import connect


async def answer(command: Awaitable[Any]) -> Any:
    """Wait for the store; one that does not answer, or that refuses to write, is a 503."""
    try:
        return await command
    except RedisError:
        raise StoreUnavailable from None


def _key(sid: str) -> str:
    return f"session:{sid}"


class RedisRecords:
    """One hash a session. Redis' expiry is the idle timeout."""

    def __init__(self, configuration: Configuration) -> None:
        self.client = connect(configuration.store_url)
        self.update = self.client.register_script(Path(__file__).with_name("update.lua").read_text())
        self.idle = configuration.session_idle_seconds

    def running(self) -> AbstractAsyncContextManager[object]:
        return self.client

    async def read(self, sid: str) -> Data | None:
        """One round trip."""
        pipeline = self.client.pipeline(transaction=False)
        pipeline.hgetall(_key(sid))
        pipeline.expire(_key(sid), self.idle)
        fields, _ = await answer(pipeline.execute(raise_on_error=False))
        if isinstance(fields, ResponseError):  # not a hash: not ours
            return None
        try:
            return {name.decode(): decode(value) for name, value in fields.items()}
        except ValueError:  # nothing that we wrote
            return None

    async def create(self, sid: str, data: Data) -> None:
        fields: dict[FieldT, EncodableT] = {name: msgspec.json.encode(value) for name, value in data.items()}
        pipeline = self.client.pipeline()
        pipeline.hset(_key(sid), mapping=fields)
        pipeline.expire(_key(sid), self.idle)
        await answer(pipeline.execute())

    async def change(self, sid: str, new_sid: str, session: LazySession) -> bool:
        changed = {name: msgspec.json.encode(value).decode() for name, value in session.changed.items()}
        changes = msgspec.json.encode([changed, list(session.deleted), session.added])
        return bool(await answer(self.update([_key(sid), _key(new_sid)], [self.idle, changes])))

    async def delete(self, sid: str) -> None:
        await answer(self.client.delete(_key(sid)))


open_records = RedisRecords  # the name that `server_store` knows
