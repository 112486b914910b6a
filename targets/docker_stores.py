"""Stores of a check's own in containers: a copy of the server of the project, or a volume for a file, and a look at it.

Their data is in memory, of a size of their own, so that it ends with them, and so that they can really be full.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from docker.models.containers import Container

from targets import containers
from targets.container_server import ContainerServer, program
from targets.containers import Copies
from targets.database import REDIS_OFFSET, Everybodys
from targets.docker_helper import Helper
from targets.postgres_full import full
from targets.postgres_store import SETTINGS, PostgresStore
from targets.redis_store import RedisStore
from targets.running import CannotStart
from targets.sqlite_store import SqliteStore

PASSWORD_BYTES = 16
NAME_BYTES = 4
SIZES_MB = {"redis": 64, "postgres": 128, "sqlite": 16}
DATABASE = "sessions"
SMALL = {
    "max_wal_size": "32MB",
    "min_wal_size": "32MB",
    "autovacuum": "off",
}  # that makes room where there has to be none
LOG_LINES = 20
START_SECONDS = 60.0
POLL_SECONDS = 0.05
FILLER = "/filler"
SQLITE = "sqlite:///"

Attributes = Mapping[str, Any]


def redis(copies: Copies, app: Attributes) -> RedisStore:
    """Start a Redis with a password that writes down what it acknowledges before it does."""
    password = secrets.token_hex(PASSWORD_BYTES)
    arguments = ["--requirepass", password, "--appendfsync", "always"]
    container = _server(copies, app, "redis", arguments=arguments, settings={}, folder="/data", port="6379/tcp")
    look = f"redis://:{password}@{copies.address(container, '6379/tcp')}/0"
    return RedisStore(f"redis://:{password}@{container.name}:6379/0", look, ContainerServer(container))


def postgres(copies: Copies, app: Attributes) -> PostgresStore:
    """Start a PostgreSQL that logs what it is asked."""
    own, password = secrets.token_hex(PASSWORD_BYTES), secrets.token_hex(PASSWORD_BYTES)
    settings = {"DATABASES": DATABASE, "STORE_PASSWORD": password, "POSTGRES_PASSWORD": own}
    arguments = [part for name, value in (SETTINGS | SMALL).items() for part in ("-c", f"{name}={value}")]
    folder = "/var/lib/postgresql/data"
    container = _server(copies, app, "postgres", arguments=arguments, settings=settings, folder=folder, port="5432/tcp")
    look = f"postgresql://postgres:{own}@{copies.address(container, '5432/tcp')}/{DATABASE}"

    _wait_for_postgres(look, container)

    def fill() -> None:
        _run(container, f"cat /dev/zero >{folder + FILLER} || true")

    def free() -> None:
        _run(container, f"rm -f {folder + FILLER}")

    return PostgresStore(
        f"postgresql://app:{password}@{container.name}:5432/{DATABASE}",
        look,
        ContainerServer(container),
        lambda: full(look, fill, free),
    )


def redis_database(copies: Copies, app: Attributes) -> RedisStore:
    """Return a database of the run's Redis, beside that of an app."""
    url, _, number = environment(app)["STORE_URL"].rpartition("/")
    path = f"/{REDIS_OFFSET + int(number)}"
    look = f"redis://{copies.address(copies.service('redis'), '6379/tcp')}{path}"
    return RedisStore(url + path, look, Everybodys())


def postgres_database(copies: Copies, app: Attributes) -> PostgresStore:
    """Make a database in the run's PostgreSQL, and a superuser who looks into it; both end with the run."""
    container, password = copies.service("postgres"), secrets.token_hex(PASSWORD_BYTES)
    name = f"checks-{secrets.token_hex(NAME_BYTES)}"
    role = f"CREATE ROLE \"{name}\" SUPERUSER LOGIN PASSWORD '{password}'"
    statements = (role, f'CREATE DATABASE "{name}" OWNER app')
    status, said = container.exec_run(["psql", "--username=postgres", *(f"--command={each}" for each in statements)])
    if status:
        raise CannotStart(f"postgres: {said!r}")
    look = f"postgresql://{name}:{password}@{copies.address(container, '5432/tcp')}/{name}"
    return PostgresStore(environment(app)["STORE_URL"].rpartition("/")[0] + f"/{name}", look, Everybodys())


def room(copies: Copies, app: Attributes) -> dict[str, Any]:
    """Make room for a file where the app has its own; return the part of a HostConfig that mounts it."""
    folder = Path(environment(app)["STORE_URL"].removeprefix(SQLITE)).parent
    user, _, group = app["Config"]["User"].partition(":")
    options = f"size={SIZES_MB['sqlite']}m,mode=0700,uid={user},gid={group or user}"
    volume = copies.volume(app, {"type": "tmpfs", "device": "tmpfs", "o": options})
    return {"Binds": [f"{volume}:{folder}"], "Mounts": None}


def sqlite(copies: Copies, container: Container, url: str) -> SqliteStore:
    """Return the store of a file in a container that runs, alone in its file system."""
    helper = Helper(copies, container, url.removeprefix(SQLITE))

    @contextmanager
    def filled() -> Iterator[None]:
        try:
            store.fill()
            yield
        finally:
            store.unfill()

    store = SqliteStore(url, helper.exchange, filled)
    return store


def environment(app: Attributes) -> dict[str, str]:
    """Return the variables of a container."""
    return dict(each.partition("=")[::2] for each in app["Config"]["Env"])


def _server(
    copies: Copies,
    app: Attributes,
    service: str,
    *,
    arguments: list[str],
    settings: dict[str, str],
    folder: str,
    port: str,
) -> Container:
    """Start a copy of a service, reached by apps through its network and by us through the apps' one."""
    original = copies.original(service)
    user, _, group = original["Config"]["User"].partition(":")
    size = SIZES_MB[service]
    room = {folder: f"size={size}m,mode=0700,uid={user},gid={group or user}"}
    variables = environment(original) | settings
    config = program(original["Config"], arguments) | {
        "Env": [f"{name}={value}" for name, value in variables.items()],
        "ExposedPorts": {port: {}},
    }
    host = {
        "Binds": None,
        "Mounts": None,
        "Tmpfs": original["HostConfig"].get("Tmpfs", {}) | room,
        "Memory": original["HostConfig"]["Memory"] + (size << 20),  # what is in memory counts
        "MemorySwap": 0,  # as much again
        "PortBindings": copies.published([port]),
    }
    networks = [app["HostConfig"]["NetworkMode"], original["HostConfig"]["NetworkMode"]]
    container = copies.make(original, config, host, networks)
    container.start()
    container.reload()
    if (now := containers.state(container)) != "running":
        raise CannotStart(f"{service}: {now}", containers.log(container, LOG_LINES))
    return container


def _wait_for_postgres(look: str, container: Container) -> None:
    """Return when it has made its files and answers; raises `CannotStart` after a minute."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(look).close()
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                raise CannotStart(f"postgres: {error}", containers.log(container, LOG_LINES)) from None
            time.sleep(POLL_SECONDS)
        else:
            return


def _run(container: Container, script: str) -> None:
    """Run a script of a shell in a container; raises OSError where it fails."""
    status, said = container.exec_run(["sh", "-c", script])
    if status:
        raise OSError(f"in the container of a store: {script}: {said!r}")
