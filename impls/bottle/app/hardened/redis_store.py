"""Sessions as Redis hashes: a field a key, each value as JSON, changed where they are."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path
from typing import Any

import msgspec
import redis
from bottle import HTTPError
from itsdangerous import BadSignature, Signer

from app.configuration import Configuration
from app.hardened.session import Change, Data
from app.redis_client import connect

ID_BYTES = 32


class RedisStore:
    """Reads in one round trip and changes in one; a token is the id with a signature."""

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

    def read(self, token: str) -> Data | None:
        try:
            key = self._key(token)
        except BadSignature:
            return None
        pipeline = self.client.pipeline(transaction=False)
        pipeline.hgetall(key)
        pipeline.expire(key, self.idle)
        fields, _ = self._ask(pipeline.execute, raise_on_error=False)
        if isinstance(fields, redis.ResponseError):
            if "WRONGTYPE" in str(fields):  # not a hash: not ours
                return None
            raise HTTPError(503, Retry_After="1")
        try:
            return {name.decode(): msgspec.json.decode(value) for name, value in fields.items()}
        except (ValueError, RecursionError):  # nothing that we wrote
            return None

    def create(self, data: Data) -> str:
        token = self._new_token()
        key = self._key(token)
        fields: dict[Any, bytes] = {name: msgspec.json.encode(value) for name, value in data.items()}
        pipeline = self.client.pipeline()
        pipeline.hset(key, mapping=fields)
        pipeline.expire(key, self.idle)
        self._ask(pipeline.execute)
        return token

    def change(self, token: str, change: Change, data: Data) -> str:
        new = self._new_token() if change.rotate else token
        fields = {name: msgspec.json.encode(value).decode() for name, value in change.set.items()}
        changes = msgspec.json.encode([fields, change.unset, change.add])
        if not self._ask(self.update, [self._key(token), self._key(new)], [self.idle, changes]):
            raise HTTPError(409)  # ended meanwhile by another request: saving would bring it back
        return new

    def delete(self, token: str) -> None:
        try:
            self._ask(self.client.delete, self._key(token))
        except BadSignature:
            return

    def _new_token(self) -> str:
        return self.signer.sign(secrets.token_urlsafe(ID_BYTES)).decode()

    def _key(self, token: str) -> str:
        """Return the record's key; raises `BadSignature` where we did not make the id."""
        return f"session:{self.signer.unsign(token).decode()}"

    def _ask(self, command: Any, *arguments: Any, **options: Any) -> Any:
        """Run a command; a store that does not answer, or not as it should, is a 503."""
        try:
            return command(*arguments, **options)
        except redis.RedisError:
            raise HTTPError(503, Retry_After="1") from None
