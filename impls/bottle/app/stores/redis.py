"""Redis, asked over redis-py's connections, without its client above them, which takes about half of the time."""

from __future__ import annotations

import re
from typing import Any

import hiredis
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.configuration import Configuration
from app.errors import CannotStart, NoAnswer

TIMEOUT_SECONDS = 0.5

Command = tuple[Any, ...]  # of what hiredis packs: str, bytes, int


class Client:
    """As many connections as there are threads that ask at one time. Raises ValueError for a bad URL.

    They give up soon, where redis-py by itself would let a web request wait for a minute, and never repeat a command: a
    count may not be added twice.
    """

    def __init__(self, url: str) -> None:
        self.pool = redis.ConnectionPool.from_url(
            url,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self.free: list[Any] = []  # of redis-py's connections, which are half typed

    def run(self, *commands: Command) -> list[Any]:
        """Return a reply for each command, in one round trip; an error that Redis answers is a reply too."""
        connection = self._connection()
        try:
            connection.send_packed_command([b"".join(map(hiredis.pack_command, commands))])
            return [reply(connection) for _ in commands]
        except BaseException:  # nobody may read the replies to this
            connection.disconnect()
            raise
        finally:
            self.free.append(connection)  # also one that failed: the pool makes no more than so many, ever

    def ask(self, *commands: Command) -> list[Any]:
        """Run commands; a Redis that does not answer is a 503."""
        try:
            return self.run(*commands)
        except redis.RedisError:
            raise NoAnswer from None

    def do(self, *commands: Command) -> Any:
        """Run commands, and return the last one's reply; a Redis that refuses it is a 503."""
        return done(self.ask(*commands)[-1])

    def version(self) -> str:
        [found] = re.findall(rb"redis_version:(\S+)", self.do(("INFO", "server")))
        return str(found.decode())

    def _connection(self) -> Any:
        try:
            connection = self.free.pop()
        except IndexError:
            return self.pool.make_connection()
        if ended(connection):
            connection.disconnect()  # it connects again when it sends
        return connection


def ended(connection: Any) -> bool:
    """Tell whether Redis has closed a connection that waits for work; there should be nothing to read."""
    try:
        return bool(connection.is_connected and connection.can_read())  # which would connect
    except redis.RedisError:
        return True


def reply(connection: Any) -> Any:
    """Read a reply or an error that Redis answers."""
    try:
        return connection.read_response()
    except redis.ResponseError as error:
        return error


def done(answer: Any) -> Any:
    """Return a reply that is no error; others are a 503."""
    if isinstance(answer, redis.ResponseError):
        raise NoAnswer
    return answer


def start(configuration: Configuration) -> None:
    """Ask Redis whether it is up by now."""
    try:
        [answer] = Client(configuration.store_url).run(("PING",))
    except ValueError:  # whose message may have a part of the password in it
        raise CannotStart("STORE_URL: not a URL of Redis") from None
    except (redis.ConnectionError, redis.TimeoutError) as error:
        if isinstance(error, redis.AuthenticationError):
            raise CannotStart(f"STORE_URL: {error}") from None
        raise NoAnswer from None
    except redis.RedisError as error:  # an answer that waiting will not change
        raise CannotStart(f"STORE_URL: {error}") from None
    if isinstance(answer, redis.ResponseError):
        raise CannotStart(f"STORE_URL: {answer}")
