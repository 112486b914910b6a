"""Sessions as Redis hashes, a field a key, each value as JSON: atomic, and never bringing back the dead."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import msgspec
from itsdangerous import BadSignature, Signer
from redis.exceptions import RedisError, ResponseError
from redis.typing import EncodableT, FieldT
from starlette.exceptions import HTTPException

from app.configuration import Configuration
from app.hardened.lazy_session import Data, LazySession
from app.problems import StoreUnavailable
from app.redis_client import connect

ID_BYTES = 32


async def answer(command: Awaitable[Any]) -> Any:
    """Wait for the store; one that does not answer, or that refuses to write, is a 503."""
    try:
        return await command
    except RedisError:
        raise StoreUnavailable from None


def _key(sid: str) -> str:
    return f"session:{sid}"


class RedisStore:
    """Opaque ids for the client, one hash a session for us. Redis' expiry is the idle timeout."""

    def __init__(self, configuration: Configuration) -> None:
        self.client = connect(configuration.store_url)
        self.update = self.client.register_script(Path(__file__).with_name("update.lua").read_text())
        self.idle = configuration.session_idle_seconds
        self.signer = Signer(
            configuration.secrets[::-1],  # itsdangerous wants the newest last
            salt="same-session.id",
            key_derivation="hmac",
            digest_method=hashlib.sha256,
        )

    def identify(self, cookie: str) -> str | None:
        try:
            return self.signer.unsign(cookie).decode()
        except BadSignature:
            return None

    async def read(self, sid: str) -> Data | None:
        """One round trip, which lets the idle timeout start again."""
        pipeline = self.client.pipeline(transaction=False)
        pipeline.hgetall(_key(sid))
        pipeline.expire(_key(sid), self.idle)
        fields, _ = await answer(pipeline.execute(raise_on_error=False))
        if isinstance(fields, ResponseError):  # not a hash: not ours
            return None
        try:
            return {name.decode(): msgspec.json.decode(value) for name, value in fields.items()}
        except ValueError:  # nothing that we wrote
            return None

    async def write(self, session: LazySession) -> str | None:
        """Create a session, or change one that is still there, under a new id if it is to have one."""
        if session.sid and not session.rotated:
            await self._change(session, session.sid, session.sid)
            return None
        sid = secrets.token_urlsafe(ID_BYTES)
        if session.sid:
            await self._change(session, session.sid, sid)
        else:
            await self._create(session, sid)
        return self.signer.sign(sid).decode()

    async def delete(self, sid: str) -> None:
        await answer(self.client.delete(_key(sid)))

    async def _create(self, session: LazySession, sid: str) -> None:
        fields: dict[FieldT, EncodableT] = {name: msgspec.json.encode(value) for name, value in session.data.items()}
        pipeline = self.client.pipeline()
        pipeline.hset(_key(sid), mapping=fields)
        pipeline.expire(_key(sid), self.idle)
        await answer(pipeline.execute())

    async def _change(self, session: LazySession, sid: str, new_sid: str) -> None:
        """Raise 409 where another request ended the session meanwhile: saving would bring it back."""
        changed = {name: msgspec.json.encode(value).decode() for name, value in session.changed.items()}
        changes = msgspec.json.encode([changed, list(session.deleted), session.added])
        if not await answer(self.update([_key(sid), _key(new_sid)], [self.idle, changes])):
            raise HTTPException(409)
