"""Sessions as Redis hashes: a field a key, each value as JSON, changed where they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import redis

from app.configuration import Configuration
from app.errors import NoAnswer
from app.hardened.session import Change, Data
from app.stores.redis import Client


class Records:
    """Reads in one round trip and changes in one; Redis lets records expire."""

    def __init__(self, client: Client, configuration: Configuration) -> None:
        self.client = client
        self.update = client.redis.register_script(Path(__file__).with_name("update.lua").read_text())
        self.idle = configuration.session_idle_seconds

    def read(self, id_: str) -> Data | None:
        pipeline = self.client.redis.pipeline(transaction=False)
        pipeline.hgetall(key(id_))
        pipeline.expire(key(id_), self.idle)
        fields, _ = self.client.ask(pipeline.execute, raise_on_error=False)
        if isinstance(fields, redis.ResponseError):
            if "WRONGTYPE" in str(fields):  # not a hash: not ours
                return None
            raise NoAnswer
        try:
            return {name.decode(): msgspec.json.decode(value) for name, value in fields.items()}
        except (ValueError, RecursionError):  # nothing that we wrote
            return None

    def create(self, id_: str, data: Data) -> None:
        fields: dict[Any, bytes] = {name: msgspec.json.encode(value) for name, value in data.items()}
        pipeline = self.client.redis.pipeline()
        pipeline.hset(key(id_), mapping=fields)
        pipeline.expire(key(id_), self.idle)
        self.client.ask(pipeline.execute)

    def change(self, id_: str, new: str, change: Change) -> bool:
        fields = {name: msgspec.json.encode(value).decode() for name, value in change.set.items()}
        changes = msgspec.json.encode([fields, change.unset, change.add])
        return bool(self.client.ask(self.update, [key(id_), key(new)], [self.idle, changes]))

    def delete(self, id_: str) -> None:
        self.client.ask(self.client.redis.delete, key(id_))


def key(id_: str) -> str:
    """Return the key of a session's hash."""
    return f"session:{id_}"
