"""Looks into stores: the formats of every library, and what counts as work; with the servers of the process runtime."""

from __future__ import annotations

import json
import os
import pickle
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis

from targets import process_stores, sqlite_file, statements, unprivileged
from targets.checkout import made
from targets.control import Entry, OutOfReach, Work
from targets.postgres_store import PostgresStore
from targets.processes import Processes
from targets.redis_store import RedisStore
from targets.sqlite_store import SqliteStore
from tests.running import ROOT

ENVIRONMENTS = made(ROOT) / "venvs"
OURS = "CREATE TABLE sessions (id TEXT PRIMARY KEY, data {json}, created {number}, expires {number})"
FLASK = "CREATE TABLE sessions (id INTEGER PRIMARY KEY, session_id VARCHAR(255) UNIQUE, data {bytes}, expiry TIMESTAMP)"
BEAKER = (
    "CREATE TABLE beaker_cache (id INTEGER PRIMARY KEY, namespace VARCHAR(255) UNIQUE,"
    " accessed TIMESTAMP, created TIMESTAMP, data {bytes})"
)
PICKLED = pickle.dumps({"count": 2})

Database = Callable[..., object]  # runs a statement; parameters are `?`


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    processes = Processes(tmp_path_factory.mktemp("processes"))
    yield processes
    processes.stop()
    unprivileged.remove(processes.folder)


@pytest.fixture(scope="module")
def redis_store(processes: Processes) -> Iterator[RedisStore]:
    with closing(process_stores.redis(processes, "redis", ENVIRONMENTS)) as store:
        yield store


@pytest.fixture
def client(redis_store: RedisStore) -> Iterator[redis.Redis]:
    redis_store.flush()
    with redis.Redis.from_url(redis_store.app_url, protocol=2, driver_info=None) as client:
        client.ping()
        yield client


@pytest.fixture(scope="module")
def postgres_store(processes: Processes) -> PostgresStore:
    return process_stores.postgres(processes, "postgres", ENVIRONMENTS)


@pytest.fixture
def postgres(postgres_store: PostgresStore) -> Iterator[psycopg.Connection]:
    with psycopg.connect(postgres_store.app_url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS sessions, beaker_cache")
        yield connection


@pytest.fixture
def sqlite_store(tmp_path: Path) -> SqliteStore:
    return process_stores.sqlite(tmp_path / "store", lambda: pytest.fail("full"))


@pytest.fixture
def sqlite(sqlite_store: SqliteStore) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(urlsplit(sqlite_store.app_url).path[1:], isolation_level=None)) as connection:
        yield connection


@pytest.fixture(params=["sqlite", "postgres"])
def sql(request: pytest.FixtureRequest) -> tuple[SqliteStore | PostgresStore, Database, dict[str, str]]:
    """Return a store, what runs a statement in it, and the names of its types."""
    connection, store = request.getfixturevalue(request.param), request.getfixturevalue(f"{request.param}_store")
    if request.param == "sqlite":
        return store, connection.execute, {"json": "TEXT", "number": "REAL", "bytes": "BLOB"}

    def execute(statement: str, *parameters: object) -> object:
        return connection.execute(statement.replace("?", "%s"), *parameters)

    return store, execute, {"json": "JSONB", "number": "DOUBLE PRECISION", "bytes": "BYTEA"}


def test_our_rows_are_read_and_planted(sql: tuple[SqliteStore | PostgresStore, Database, dict[str, str]]) -> None:
    store, execute, types = sql
    assert store.entries() == []
    execute(OURS.format(**types))
    execute("INSERT INTO sessions VALUES ('a', ?, 0, ?), ('b', NULL, 0, NULL)", ['{"count": 2}', time.time() + 60])
    full, bare = store.entries()
    assert (full.key, json.loads(full.data)) == ("a", {"count": 2})
    assert full.seconds_left == pytest.approx(60, abs=5)
    assert bare == Entry("b", b"", None)
    store.plant("a", b"[7]")
    assert store.entries()[0].data == b"[7]"
    store.flush()
    assert store.entries() == []


def test_rows_of_flask_session_are_read_and_planted(
    sql: tuple[SqliteStore | PostgresStore, Database, dict[str, str]],
) -> None:
    store, execute, types = sql
    execute(FLASK.format(**types))
    in_a_minute = datetime.now(UTC).replace(tzinfo=None) + timedelta(minutes=1)
    execute("INSERT INTO sessions VALUES (1, 'session:x', ?, ?)", [b"\x81\xff", str(in_a_minute)])
    (entry,) = store.entries()
    assert (entry.key, entry.data) == ("session:x", b"\x81\xff")
    assert entry.seconds_left == pytest.approx(60, abs=30)
    store.plant("session:x", PICKLED)
    assert store.entries()[0].data == PICKLED


def test_rows_of_beaker_are_read_and_planted(
    sql: tuple[SqliteStore | PostgresStore, Database, dict[str, str]],
) -> None:
    store, execute, types = sql
    execute(BEAKER.format(**types))
    execute("INSERT INTO beaker_cache VALUES (1, 'x', NULL, NULL, ?)", [PICKLED])
    assert store.entries() == [Entry("x", PICKLED, None)]
    store.plant("x", b"\x00")
    assert store.entries() == [Entry("x", b"\x00", None)]


def test_other_tables_are_left_alone(sql: tuple[SqliteStore | PostgresStore, Database, dict[str, str]]) -> None:
    store, execute, _ = sql
    execute("CREATE TABLE IF NOT EXISTS others (id TEXT, value TEXT)")
    execute("INSERT INTO others VALUES ('x', 'y')")
    store.flush()
    assert store.entries() == []
    with pytest.raises(KeyError, match="x"):
        store.plant("x", b"")


@pytest.mark.parametrize("data", [b"{", b"\xff", b'"\\u0000"', b"\0"])
def test_what_jsonb_refuses_is_out_of_reach(
    postgres_store: PostgresStore, postgres: psycopg.Connection, data: bytes
) -> None:
    postgres.execute(OURS.format(json="JSONB", number="DOUBLE PRECISION"))
    postgres.execute("INSERT INTO sessions VALUES ('a', '{}', 0, 0)")
    with pytest.raises(OutOfReach, match="PostgreSQL refuses such data"):
        postgres_store.plant("a", data)


def test_what_a_constraint_of_sqlite_refuses_is_out_of_reach(
    sqlite_store: SqliteStore, sqlite: sqlite3.Connection
) -> None:
    sqlite.execute("CREATE TABLE sessions (id TEXT, data TEXT CHECK (json_valid(data)))")
    sqlite.execute("INSERT INTO sessions VALUES ('a', '{}')")
    with pytest.raises(OutOfReach, match="SQLite refuses such data"):
        sqlite_store.plant("a", b"{")


def test_hashes_and_strings_of_redis_are_read_and_planted(redis_store: RedisStore, client: redis.Redis) -> None:
    client.hset("a", mapping={"count": "2", "_created": "1"})
    client.expire("a", 60)
    client.set("b", PICKLED)
    a, b = redis_store.entries()
    assert (a.key, a.data, b) == ("a", b"_created=1\ncount=2", Entry("b", PICKLED, None))
    assert a.seconds_left == pytest.approx(60, abs=5)
    redis_store.plant("a", b"\xff")
    redis_store.plant("b", b"\0")
    a, b = redis_store.entries()
    assert (a.data, b) == (b"_created=\xff\ncount=\xff", Entry("b", b"\0", None))
    assert a.seconds_left == pytest.approx(60, abs=5)


def test_redis_counts_round_trips_and_commands_that_change_data(redis_store: RedisStore, client: redis.Redis) -> None:
    client.hset("a", "count", "1")
    before = redis_store.work()
    client.expire("a", 60)
    client.eval("redis.call('HSET', 'a', 'count', 2); redis.call('EXPIRE', 'a', 9)", 0)
    client.get("b")
    redis_store.entries()
    redis_store.plant("a", b"3")
    redis_store.connections()
    assert redis_store.work() == Work(before.round_trips + 3, before.writes + 1)


def test_redis_counts_anew_after_a_restart(redis_store: RedisStore, client: redis.Redis) -> None:
    with redis_store.killed():
        assert not client.connection_pool.connection_kwargs.get("driver_info")
    assert redis_store.work() == Work(0, 0)


def test_postgres_counts_statements_and_those_that_change_data(
    postgres_store: PostgresStore, postgres: psycopg.Connection
) -> None:
    postgres.execute(OURS.format(json="JSONB", number="DOUBLE PRECISION"))
    before = postgres_store.work()
    with postgres.transaction():  # BEGIN, COMMIT
        postgres.execute("INSERT INTO sessions VALUES (%s, '{}', 0, 0)", ["a"])
    postgres.execute("UPDATE sessions SET expires = 5 WHERE id = 'a'")
    with pytest.raises(psycopg.errors.UndefinedTable):
        postgres.execute("SELECT nothing FROM nowhere")
    postgres_store.plant("a", b"{}")
    assert postgres_store.work() == Work(before.round_trips + 5, before.writes + 1)
    postgres.execute("SELECT 1", prepare=True)
    assert postgres_store.work() == Work(before.round_trips + 7, before.writes + 1)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO sessions VALUES (1)",
        "delete from sessions where id = $1",
        "UPDATE sessions SET data = $1, expires = $2 WHERE id = $3",
        "UPDATE sessions SET expires = greatest(1, (SELECT 2)), id = $1",
        "WITH gone AS (DELETE FROM sessions WHERE expires < $1) SELECT 1",
        "WITH new AS (UPDATE public.sessions AS s SET data = s.data || $1 RETURNING id) SELECT id FROM new",
        "UPDATE sessions SET (data, expires) = ($1, $2)",
    ],
)
def test_statements_that_write(statement: str) -> None:
    assert statements.writes(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT data FROM sessions WHERE id = 'insert into'",
        "UPDATE sessions SET expires = $1 WHERE data = $2",
        'UPDATE "sessions" SET "expires" = least($1, created + $2) WHERE id = $3 RETURNING data',
        "WITH used AS (UPDATE sessions s SET expires = (SELECT now() FROM t)) SELECT data FROM sessions",
        "SELECT 1 FROM sessions FOR UPDATE SKIP LOCKED",
        "BEGIN",
        "CREATE TABLE sessions (id text)",
    ],
)
def test_statements_that_write_nothing(statement: str) -> None:
    assert not statements.writes(statement)


@pytest.mark.parametrize("kind", ["redis", "postgres"])
def test_a_server_that_is_stopped_refuses_connections_and_keeps_its_port(
    request: pytest.FixtureRequest, kind: str
) -> None:
    store = request.getfixturevalue(f"{kind}_store")
    port = urlsplit(store.app_url).port
    with store.stopped():
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))
        with pytest.raises(OSError, match="in use"), socket.socket() as other:
            other.bind(("127.0.0.1", port))
    with store.frozen(), socket.create_connection(("127.0.0.1", port), 1) as client:
        client.settimeout(0.2)
        client.sendall(b"PING\r\n")
        with pytest.raises(TimeoutError):
            client.recv(1)


def test_the_look_into_sqlite_runs_as_a_program_of_its_own(sqlite_store: SqliteStore, tmp_path: Path) -> None:
    source = Path(sqlite_file.__file__).read_text()
    asked = '{"do": "modes"}\n{"do": "plant", "key": "x", "data": ""}\n{"do": "lock"}\n'
    run = subprocess.run(
        [sys.executable, "-I", "-c", source, str(tmp_path / "store" / "no.db")],
        input=asked,
        capture_output=True,
        text=True,
        check=True,
    )
    modes, planted, locked = map(json.loads, run.stdout.splitlines())
    assert modes == {"value": {".": 0o700}}
    assert planted == {"error": "missing", "message": "x"}
    assert locked["error"] == "failed"
    assert sqlite_store.file_modes() == {".": 0o700}


def test_a_full_file_system_is_filled_and_emptied(sqlite: sqlite3.Connection, tmp_path: Path) -> None:
    sqlite.execute("PRAGMA journal_mode = WAL")
    sqlite.execute("CREATE TABLE sessions (id TEXT, data TEXT)")
    file = sqlite_file.SqliteFile(str(tmp_path / "store" / "sessions.db"))
    blocks = iter([1, 1, 0, 1, 0])

    def write(_file: int, block: bytes) -> int:
        if next(blocks):
            return len(block)
        raise OSError(28, os.strerror(28))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.write", write)
        file.fill()
    assert (tmp_path / "store" / sqlite_file.FILLER).exists()
    file.unfill()
    assert not (tmp_path / "store" / sqlite_file.FILLER).exists()
