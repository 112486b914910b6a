"""Commands of requests that are served at the same time, sent to Redis together: a pipeline that they share."""

from __future__ import annotations

import asyncio
import math
from typing import Any

from hiredis import pack_command
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError, ResponseError

from app.problems import StoreUnavailable
from app.redis_client import TIMEOUT_SECONDS

Command = tuple[str | int | bytes, ...]
Waiting = tuple[tuple[Command, ...], asyncio.Future[list[Any]]]


async def reply(connection: AbstractConnection) -> Any:
    """Read one reply; what Redis refuses is a reply too. The time-out is the batch's."""
    try:
        return await connection.read_response(timeout=math.inf)
    except ResponseError as error:
        return error


class Batches:
    """One batch is under way at a time; what is asked meanwhile goes with the next one, in the order it was asked."""

    def __init__(self, connection: AbstractConnection) -> None:
        self.connection = connection
        self.waiting: list[Waiting] = []
        self.sending: asyncio.Task[None] | None = None

    async def ask(self, *commands: Command) -> list[Any]:
        """Return the replies to some commands, which nobody else's come between.

        Raises `StoreUnavailable` where Redis does not answer; what it then did is not known, and nothing is sent twice.
        """
        replies: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        self.waiting.append((commands, replies))
        if not self.sending or self.sending.done():
            self.sending = asyncio.create_task(self.send_all())
        return await replies

    async def send_all(self) -> None:
        """Send batches until nobody waits."""
        while self.waiting:
            batch, self.waiting = self.waiting, []
            try:
                async with asyncio.timeout(TIMEOUT_SECONDS):
                    await self.send(batch)
            except (RedisError, OSError):  # `TimeoutError` is an `OSError`
                pass
            finally:
                for _, replies in batch:
                    if not replies.done():
                        replies.set_exception(StoreUnavailable())

    async def send(self, batch: list[Waiting]) -> None:
        """Send a batch, and hand out the replies."""
        packed = [pack_command(command) for commands, _ in batch for command in commands]  # type: ignore[arg-type] # hiredis declares one word
        try:
            if self.connection.is_connected and await self.connection.can_read():  # that Redis has closed it
                await self.connection.disconnect(nowait=True)
            await self.connection.send_packed_command(packed)  # and connect, if that has not been done
            for commands, replies in batch:
                answers = [await reply(self.connection) for _ in commands]
                if not replies.done():  # nor cancelled
                    replies.set_result(answers)
        except BaseException:  # the next batch must not read the replies to this one
            await self.connection.disconnect(nowait=True)
            raise
