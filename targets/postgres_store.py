"""PostgreSQL as the store of a check: what it holds and counts, and its faults. For every runtime."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, LiteralString

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL

from targets import statements
from targets.control import Entry, OutOfReach, Work
from targets.postgres_tables import Connection, tables
from targets.server import Server, wait_for, without

ANSWER_SECONDS = 10  # a look at a frozen server is an error, not a wait for ever
START_SECONDS = 30  # of a busy machine, and with a log of changes to go through
POLL_SECONDS = 0.02
LOG = "log/statements.json"
# What a server must run with, so that `work` can count: a log of every statement, which the server itself reads to us.
SETTINGS = {
    "logging_collector": "on",
    "log_destination": "jsonlog",
    "log_directory": "log",
    "log_filename": "statements.log",
    "log_rotation_age": "0",
    "log_rotation_size": "0",
    "log_statement": "all",
    "log_min_duration_statement": "0",  # names the statements that are prepared, too
}
QUIET = {"log_statement": "none", "log_min_duration_statement": "-1", "statement_timeout": "10s"}  # our own sessions
OURS = QUIET | {"default_transaction_read_only": "off"}
PAGE = 1 << 24
CLIENTS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND datname = current_database() AND usename <> current_user
"""


class PostgresStore:
    """A PostgreSQL server, from version 15 on, that runs with `SETTINGS`.

    `look_url` is that of a superuser, whom no app uses, on the apps' database. Every look is a connection of its own:
    none outlives its server, and a superuser has one where apps have taken all.

    `work` reads the server's log. A round trip is a statement, whether it succeeded or not, `BEGIN` and `COMMIT` among
    them, or the preparation of a named one (drivers do that once, at its first use or its fifth). A write is a
    statement that, by its text, inserts or deletes rows or sets another column than an expiry, if only in no row.
    """

    kind = "postgres"

    def __init__(
        self,
        app_url: str,
        look_url: str,
        server: Server,
        full: Callable[[], AbstractContextManager[None]] | None = None,
    ) -> None:
        self.app_url = app_url
        self._look_url = look_url
        self._user = conninfo_to_dict(look_url)["user"]
        self._server = server
        self._full = full
        self._one_at_a_time = threading.Lock()
        self._log_read = 0  # bytes
        self._work = Work(0, 0)
        self.wait()

    def wait(self) -> None:
        """Return when the server answers; raises psycopg.OperationalError after 30 s."""
        wait_for(lambda: self._ask("SELECT 1"), psycopg.OperationalError, START_SECONDS)

    def close(self) -> None:
        """Keep nothing: every look closes its connection."""

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
        """Make read-only every transaction that does not say otherwise: writes fail with 25006, as on a standby."""
        return without(lambda: self._set_read_only("on"), lambda: self._set_read_only("off"), self.wait)

    def full(self) -> AbstractContextManager[None]:
        """See `control.Store`."""
        if not self._full:
            raise OutOfReach("PostgreSQL's files share a file system with everything else here")
        return self._full()

    def flush(self) -> None:
        """Remove every record."""
        with self._connected() as connection:
            for table in tables(connection):
                table.flush(connection)

    def entries(self) -> Sequence[Entry]:
        """Return all records."""
        with self._connected() as connection:
            return [entry for table in tables(connection) for entry in table.entries(connection)]

    def plant(self, key: str, data: bytes) -> None:
        """Replace a record's data; raises `KeyError` or `OutOfReach`, see `control.Store`."""
        with self._connected() as connection:
            table = next((each for each in tables(connection) if each.has(connection, key)), None)
            if not table:
                raise KeyError(key)
            try:
                table.plant(connection, key, data)
            except (psycopg.DataError, psycopg.IntegrityError, UnicodeDecodeError) as error:
                raise OutOfReach(f"PostgreSQL refuses such data: {error}") from None

    def work(self) -> Work:
        """Return the counters; what we asked ourselves is not in them."""
        with self._one_at_a_time:
            sent = self._sent()
            self._work = Work(
                round_trips=self._work.round_trips + len(sent),
                writes=self._work.writes + sum(map(statements.writes, sent)),
            )
            return self._work

    def connections(self) -> int:
        """Return the number of clients that are connected, without us."""
        return int(self._ask(CLIENTS))

    def file_modes(self) -> Mapping[str, int]:
        """Say that there are none."""
        raise OutOfReach("a server's files are its own")

    def _set_read_only(self, value: str) -> None:
        """Return when all sessions see it: the server tells those that are open before it accepts another."""
        with self._connected() as connection:
            connection.execute(SQL("ALTER SYSTEM SET default_transaction_read_only = {}").format(value))
            connection.execute("SELECT pg_reload_conf()")
        while self._ask("SHOW default_transaction_read_only", QUIET) != value:
            time.sleep(POLL_SECONDS)

    def _sent(self) -> list[str]:
        """Return what apps have sent since we asked last, each statement as often as it was sent."""
        mark = f"same-session {secrets.token_hex(8)}"  # the log is written by a process of its own, a little later
        lines = b""
        with self._connected() as connection:
            connection.execute(SQL("DO $$ BEGIN RAISE LOG {}; END $$").format(mark))
            while b"\n" not in lines.partition(mark.encode())[2]:  # the whole of its line
                since = self._log_read + len(lines)
                read = connection.execute("SELECT pg_read_binary_file(%s, %s, %s)", [LOG, since, PAGE]).fetchone()
                lines += read[0] if read else b""
        lines = lines[: lines.rindex(b"\n") + 1]
        self._log_read += len(lines)
        entries = [json.loads(line.decode(errors="replace")) for line in lines.splitlines()]
        ours = {None, self._user}
        found = [statements.sent(each["message"]) for each in entries if each.get("user") not in ours]
        return [each for each in found if each is not None]

    def _ask(self, query: LiteralString, settings: Mapping[str, str] = OURS) -> Any:
        with self._connected(settings) as connection:
            answer = connection.execute(query).fetchone()
            return answer[0] if answer else None

    @contextmanager
    def _connected(self, settings: Mapping[str, str] = OURS) -> Iterator[Connection]:
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        with psycopg.connect(
            self._look_url, autocommit=True, connect_timeout=ANSWER_SECONDS, options=options
        ) as connection:
            yield connection
