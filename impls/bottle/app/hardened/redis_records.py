"""Sessions as Redis hashes: a field a key, each value as JSON, changed where they are."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
from redis.exceptions import NoScriptError, ResponseError

from app.configuration import Configuration
from app.errors import NoAnswer
from app.hardened.session import Change, Data
from app.stores.redis import Client, done

UPDATE = Path(__file__).with_name("update.lua").read_bytes()
UPDATE_DIGEST = hashlib.sha1(UPDATE, usedforsecurity=False).hexdigest()


class Records:
    """Reads in one round trip and changes in one; Redis lets records expire."""

    def __init__(self, client: Client, configuration: Configuration) -> None:
        self.client = client
        self.idle = configuration.session_idle_seconds

    def read(self, id_: str) -> Data | None:
        fields, _ = self.client.ask(("HGETALL", key(id_)), ("EXPIRE", key(id_), self.idle))
        if isinstance(fields, ResponseError):
            if "WRONGTYPE" in str(fields):  # not a hash: not ours
                return None
            raise NoAnswer
        try:
            return {name.decode(): msgspec.json.decode(value) for name, value in fields.items()}
        except (ValueError, RecursionError):  # nothing that we wrote
            return None

    def create(self, id_: str, data: Data) -> None:
        fields = [part for name, value in data.items() for part in (name, msgspec.json.encode(value))]
        self.client.do(("MULTI",), ("HSET", key(id_), *fields), ("EXPIRE", key(id_), self.idle), ("EXEC",))

    def change(self, id_: str, new: str, change: Change) -> bool:
        fields = {name: msgspec.json.encode(value).decode() for name, value in change.set.items()}
        changes = msgspec.json.encode([fields, change.unset, change.add])
        arguments = (2, key(id_), key(new), self.idle, changes)
        [answer] = self.client.ask(("EVALSHA", UPDATE_DIGEST, *arguments))
        if isinstance(answer, NoScriptError):
            [answer] = self.client.ask(("EVAL", UPDATE, *arguments))
        return bool(done(answer))

    def delete(self, id_: str) -> None:
        self.client.do(("DEL", key(id_)))


def key(id_: str) -> str:
    """Return the key of a session's hash."""
    return f"session:{id_}"
