"""Sessions as Redis hashes: a field a key, each value as JSON. Redis itself ends what is idle."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.configuration import Configuration, ConfigurationError
from app.hardened.lazy_session import Data, Record, Session
from app.hardened.store import STORE_TIMEOUT_SECONDS, UNREADABLE, StoreUnavailable

CREATED = "_created"
PREFIX = "session:"


@contextmanager
def unavailable() -> Iterator[None]:
    """Turn what redis-py raises into the one error that the app knows."""
    try:
        yield
    except redis.RedisError as error:
        raise StoreUnavailable(error) from None


def connect(url: str) -> redis.Redis:
    """Make a client that gives up soon and never repeats a command, since a count may not be added twice."""
    try:
        return redis.Redis.from_url(
            url,
            socket_timeout=STORE_TIMEOUT_SECONDS,
            socket_connect_timeout=STORE_TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
    except ValueError:  # its message may show a part of a password
        raise ConfigurationError("STORE_URL: not a URL that redis-py reads") from None


class RedisStore:
    """A store whose replicas share one Redis."""

    def __init__(self, configuration: Configuration) -> None:
        self.client = connect(configuration.store_url)
        self.update = self.client.register_script(Path(__file__).with_name("update.lua").read_text())
        self.idle = configuration.session_idle_seconds

    @staticmethod
    def prepare(configuration: Configuration) -> None:
        """Ask whether Redis answers; there is nothing to make in it."""
        with unavailable(), connect(configuration.store_url) as client:
            client.ping()

    def read(self, sid: str) -> Record | None:
        """One round trip."""
        with unavailable(), self.client.pipeline(transaction=False) as commands:
            commands.hgetall(PREFIX + sid)
            commands.expire(PREFIX + sid, self.idle)  # a store that is read-only refuses this alone
            fields: Any = commands.execute(raise_on_error=False)[0]
        try:
            data = {name.decode(): msgspec.json.decode(value) for name, value in fields.items()}
            return Record(data, time.time() - data.pop(CREATED))
        except UNREADABLE:  # or nothing there
            return None

    def create(self, sid: str, data: Data) -> None:
        fields: Any = {name: msgspec.json.encode(value) for name, value in (data | {CREATED: int(time.time())}).items()}
        with unavailable(), self.client.pipeline() as commands:
            commands.hset(PREFIX + sid, mapping=fields)
            commands.expire(PREFIX + sid, self.idle)
            commands.execute()

    def change(self, sid: str, session: Session) -> bool:
        changed = {name: msgspec.json.encode(value).decode() for name, value in session.changed.items()}
        changes = msgspec.json.encode([changed, list(session.deleted), session.added])
        with unavailable():
            return bool(self.update([PREFIX + sid, f"{PREFIX}{session.sid}"], [self.idle, changes]))

    def delete(self, sid: str) -> None:
        with unavailable():
            self.client.delete(PREFIX + sid)

    def version(self) -> str:
        with unavailable():
            return str(self.client.info("server")["redis_version"])
