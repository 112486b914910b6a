"""Connections to one Redis, without redis-py's client above them, which takes about half of a command's time."""

from __future__ import annotations

from typing import Any

import hiredis
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.configuration import ConfigurationError
from app.hardened.store import STORE_TIMEOUT_SECONDS, StoreUnavailable

Command = tuple[Any, ...]  # of what hiredis packs: str, bytes, int


def ended(connection: Any) -> bool:
    """Tell whether Redis has closed a connection that waits for work; there should be nothing to read."""
    try:
        return bool(connection.is_connected and connection.can_read())  # which would connect
    except redis.RedisError:
        return True


def done(reply: Any) -> Any:
    """Return a reply that is no error; where Redis refuses a command, the store is unavailable."""
    if isinstance(reply, redis.ResponseError):
        raise StoreUnavailable(reply)
    return reply


class RedisConnections:
    """As many connections as there are threads that ask at one time.

    They give up soon and never repeat a command, since a count may not be added twice.
    """

    def __init__(self, url: str) -> None:
        try:
            self.pool = redis.ConnectionPool.from_url(
                url,
                socket_timeout=STORE_TIMEOUT_SECONDS,
                socket_connect_timeout=STORE_TIMEOUT_SECONDS,
                retry=Retry(NoBackoff(), 0),
            )
        except ValueError:  # its message may show a part of a password
            raise ConfigurationError("STORE_URL: not a URL that redis-py reads") from None
        self.free: list[Any] = []  # of redis-py's connections, which are half typed

    def ask(self, *commands: Command) -> list[Any]:
        """Return a reply for each command, in one round trip; an error that Redis answers is a reply too."""
        connection = self._connection()
        try:
            connection.send_packed_command([b"".join(map(hiredis.pack_command, commands))])
            return [self._reply(connection) for _ in commands]
        except BaseException as error:  # nobody may read the replies to this
            connection.disconnect()
            if isinstance(error, redis.RedisError):
                raise StoreUnavailable(error) from None
            raise
        finally:
            self.free.append(connection)  # also one that failed: the pool makes no more than so many, ever

    def do(self, *commands: Command) -> Any:
        """Return the last command's reply, where Redis has done it."""
        return done(self.ask(*commands)[-1])

    def _connection(self) -> Any:
        try:
            connection = self.free.pop()
        except IndexError:
            return self.pool.make_connection()
        if ended(connection):
            connection.disconnect()  # it connects again when it sends
        return connection

    def _reply(self, connection: Any) -> Any:
        try:
            return connection.read_response()
        except redis.ResponseError as error:
            return error
