"""Sessions as Redis hashes: a field a key, each value as JSON. Redis itself ends what is idle."""

from __future__ import annotations

import hashlib
import re
import time
from pathlib import Path

import msgspec
from redis.exceptions import NoScriptError

from app.configuration import Configuration
from app.hardened.lazy_session import Data, Record, Session
from app.hardened.redis_connections import RedisConnections, done
from app.hardened.store import UNREADABLE

CREATED = "_created"
PREFIX = "session:"
UPDATE = Path(__file__).with_name("update.lua").read_bytes()
UPDATE_DIGEST = hashlib.sha1(UPDATE, usedforsecurity=False).hexdigest()


class RedisStore:
    """A store whose replicas share one Redis."""

    def __init__(self, configuration: Configuration) -> None:
        self.redis = RedisConnections(configuration.store_url)
        self.idle = configuration.session_idle_seconds

    @staticmethod
    def prepare(configuration: Configuration) -> None:
        """Ask whether Redis answers; there is nothing to make in it."""
        RedisConnections(configuration.store_url).do(("PING",))

    def read(self, sid: str) -> Record | None:
        """One round trip."""
        key = PREFIX + sid
        fields, _ = self.redis.ask(  # a store that is read-only refuses the second alone
            ("HGETALL", key), ("EXPIRE", key, self.idle)
        )
        try:
            data = {name.decode(): msgspec.json.decode(value) for name, value in fields.items()}
            return Record(data, time.time() - data.pop(CREATED))
        except UNREADABLE:  # or nothing there
            return None

    def create(self, sid: str, data: Data) -> None:
        key = PREFIX + sid
        fields = [part for name, value in data.items() for part in (name, msgspec.json.encode(value))]
        created = ("HSET", key, CREATED, int(time.time()), *fields)
        self.redis.do(("MULTI",), created, ("EXPIRE", key, self.idle), ("EXEC",))

    def change(self, sid: str, session: Session) -> bool:
        changed = {name: msgspec.json.encode(value).decode() for name, value in session.changed.items()}
        changes = msgspec.json.encode([changed, list(session.deleted), session.added])
        arguments = (2, PREFIX + sid, f"{PREFIX}{session.sid}", self.idle, changes)
        [reply] = self.redis.ask(("EVALSHA", UPDATE_DIGEST, *arguments))
        if isinstance(reply, NoScriptError):
            [reply] = self.redis.ask(("EVAL", UPDATE, *arguments))
        return bool(done(reply))

    def delete(self, sid: str) -> None:
        self.redis.do(("DEL", PREFIX + sid))

    def version(self) -> str:
        [found] = re.findall(rb"redis_version:(\S+)", self.redis.do(("INFO", "server")))
        return str(found.decode())
