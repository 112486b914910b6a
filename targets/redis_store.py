"""Redis as the store of a check: what it holds and counts, and its faults. For every runtime."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import redis
from redis.connection import parse_url

from targets.control import Entry, OutOfReach, Work
from targets.server import Server, wait_for, without

ANSWER_SECONDS = 10.0  # a look at a frozen server is an error, not a wait for ever
POLL_SECONDS = 0.02
NOWHERE = ("127.0.0.1", "1")  # a master that no replica reaches
FULL = {"maxmemory-policy": "noeviction", "maxmemory": "1"}
EXPIRY_ALONE = {"expire", "expireat", "pexpire", "pexpireat", "persist", "getex", "hexpire", "hpexpire", "hpersist"}

ENTRIES = """
local found = {}
local cursor = '0'
repeat
    local page = redis.call('SCAN', cursor, 'COUNT', 1000)
    cursor = page[1]
    for _, key in ipairs(page[2]) do
        local kind = redis.call('TYPE', key)['ok']
        local data
        if kind == 'string' then data = redis.call('GET', key)
        elseif kind == 'hash' then data = redis.call('HGETALL', key)
        else data = redis.call('DUMP', key) end
        if data then found[#found + 1] = {key, data, redis.call('PTTL', key)} end
    end
until cursor == '0'
return found
"""

PLANT = """
local left = redis.call('PTTL', KEYS[1])
if redis.call('TYPE', KEYS[1])['ok'] == 'hash' then
    local fields = redis.call('HKEYS', KEYS[1])
    for _, field in ipairs(fields) do redis.call('HSET', KEYS[1], field, ARGV[1]) end
    return #fields
end
if left == -2 then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
if left >= 0 then redis.call('PEXPIRE', KEYS[1], left) end
return 1
"""


class RedisStore:
    """A Redis server; records are strings, or hashes whose fields are the session's keys.

    `work` takes for a round trip what Redis counts as a read event of its clients, and for a write each command that it
    flags "write", those in scripts among them, but for those that move an expiry alone. Both start with the server.
    """

    kind = "redis"

    def __init__(self, app_url: str, look_url: str, server: Server) -> None:
        self.app_url = app_url
        self._server = server
        # No greetings when the connection opens, and no repeats: what is sent is what is counted.
        self._connection = redis.Connection(
            **parse_url(look_url), protocol=2, driver_info=None, socket_timeout=ANSWER_SECONDS
        )
        self._one_at_a_time = threading.Lock()
        self._looks = 0  # our own read events and writes since the server's start
        self._own_writes = 0
        self.wait()

    def wait(self) -> None:
        """Return when the server answers; raises redis.RedisError after 10 s."""
        wait_for(lambda: self._ask("PING"), redis.RedisError, ANSWER_SECONDS)

    def close(self) -> None:
        """Close our own connection."""
        self._connection.disconnect()

    def stopped(self) -> AbstractContextManager[None]:
        """See `control.Store`."""
        return without(self._server.stop, self._server.start, self.wait)

    def killed(self) -> AbstractContextManager[None]:
        """See `control.Store`."""
        return without(self._server.kill, self._server.start, self.wait)

    def frozen(self) -> AbstractContextManager[None]:
        """See `control.Store`."""
        return without(self._server.freeze, self._server.thaw, self.wait)

    def read_only(self) -> AbstractContextManager[None]:
        """Make it a replica whose master is away, as after a failover: writes are READONLY errors."""
        return without(lambda: self._ask("REPLICAOF", *NOWHERE), lambda: self._ask("REPLICAOF", "NO", "ONE"), self.wait)

    @contextmanager
    def full(self) -> Iterator[None]:
        """Let it be over its limit of memory, with nothing to evict: writes are OOM errors."""
        before = {name: self._ask("CONFIG", "GET", name)[1] for name in FULL}
        try:
            self._configure(FULL)
            yield
        finally:
            self._configure(before)

    def flush(self) -> None:
        """Remove every record."""
        self._own_writes += 1
        self._ask("FLUSHALL")

    def entries(self) -> Sequence[Entry]:
        """Return all records. Of a hash, `data` has a line `name=value` for each field, in the order of their names."""
        return [
            Entry(
                key=key.decode(errors="backslashreplace"),
                data=data if isinstance(data, bytes) else _lines(data),
                seconds_left=milliseconds / 1000 if milliseconds >= 0 else None,
            )
            for key, data, milliseconds in sorted(self._ask("EVAL", ENTRIES, 0))
        ]

    def plant(self, key: str, data: bytes) -> None:
        """Replace a record's data, of a hash the value of every field; raises `KeyError`, see `control.Store`."""
        changed = self._ask("EVAL", PLANT, 1, key, data)
        self._own_writes += changed
        if not changed:
            raise KeyError(key)

    def work(self) -> Work:
        """Return the counters; what we asked ourselves is not in them."""
        calls = {
            name.removeprefix("cmdstat_"): int(value.partition("calls=")[2].partition(",")[0])
            for name, value in self._info("commandstats").items()
        }
        flags = {each[0].decode(): each[2] for each in self._ask("COMMAND", "INFO", *calls) if each}
        writing = {name for name in flags if b"write" in flags[name]} - EXPIRY_ALONE
        return Work(
            round_trips=int(self._info("stats")["total_reads_processed"]) - self._looks,
            writes=sum(calls[name] for name in writing) - self._own_writes,
        )

    def connections(self) -> int:
        """Return the number of clients that are connected, without us."""
        return len(self._ask("CLIENT", "LIST", "TYPE", "NORMAL").splitlines()) - 1

    def file_modes(self) -> Mapping[str, int]:
        """Say that there are none."""
        raise OutOfReach("a server's files are its own")

    def _configure(self, settings: Mapping[str, Any]) -> None:
        for name, value in settings.items():
            self._ask("CONFIG", "SET", name, value)

    def _info(self, section: str) -> dict[str, str]:
        lines = self._ask("INFO", section).decode().splitlines()
        return {name: value for name, _, value in (line.partition(":") for line in lines if ":" in line)}

    def _ask(self, *command: Any) -> Any:
        """Send one command and return its answer, counted as one read event of the server."""
        with self._one_at_a_time:
            try:
                if not self._connection.is_connected:
                    self._connection.connect()
                    self._looks += bool(self._connection.password)  # AUTH
                self._looks += 1
                self._connection.send_command(*command)
                return self._connection.read_response()
            except redis.BusyLoadingError:  # an answer, although redis-py takes it for none
                raise
            except redis.ConnectionError:  # the server has ended, and its counters with it
                self._connection.disconnect()
                self._looks = self._own_writes = 0
                raise
            except redis.TimeoutError:
                self._connection.disconnect()
                raise


def _lines(pairs: list[bytes]) -> bytes:
    fields = sorted(zip(pairs[::2], pairs[1::2], strict=True))
    return b"\n".join(name + b"=" + value for name, value in fields)
