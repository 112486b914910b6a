"""What is missing or wrong in the environment ends every implementation in one clear line (SPEC.md, Configuration)."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

from targets import manifest, redis_server, surroundings
from targets.checkout import made
from targets.manifest import Target
from targets.readiness import wait_until_ready
from targets.running import CannotStart
from tests.running import ROOT

# Each by its last target, on a store that needs no server where there is one.
IMPLEMENTATIONS = {
    target.implementation: target
    for target in sorted(manifest.find(ROOT), key=lambda target: (target.store == "cookie", target.edition))
}
GOOD = {"SESSION_SECRETS": "x" * 32}
STORES = {"cookie": "cookie:", "redis": "redis://127.0.0.1:1/0"}  # the store is asked last
WRONG: dict[str, tuple[dict[str, str | None], str]] = {
    "no store": ({"STORE_URL": None}, "STORE_URL"),
    "unknown scheme": ({"STORE_URL": "mongodb://localhost"}, "STORE_URL"),
    "not a URL": ({"STORE_URL": "redis://localhost:port/0"}, "STORE_URL"),
    "no secret": ({"SESSION_SECRETS": None}, "SESSION_SECRETS"),
    "short secret": ({"SESSION_SECRETS": "x" * 31}, "SESSION_SECRETS"),
    "short second secret": ({"SESSION_SECRETS": "x" * 32 + ",y"}, "SESSION_SECRETS"),
    "bad number": ({"SESSION_IDLE_SECONDS": "soon"}, "SESSION_IDLE_SECONDS"),
    "zero seconds": ({"SESSION_ABSOLUTE_SECONDS": "0"}, "SESSION_ABSOLUTE_SECONDS"),
    "bad port": ({"PORT": "70000"}, "PORT"),
    "bad edition": ({"EDITION": "softened"}, "EDITION"),
    "bad cookie name": ({"SESSION_COOKIE_NAME": "a b"}, "SESSION_COOKIE_NAME"),
    "bad switch": ({"PROBES": "maybe"}, "PROBES"),
    "no workers": ({"WORKERS": "0"}, "WORKERS"),
}


@cache
def binaries(target: Target) -> Path:
    return asyncio.run(surroundings.make(ROOT, target, lambda _text: None))


def start(target: Target, settings: dict[str, str | None]) -> subprocess.CompletedProcess[str]:
    path = f"{binaries(target)}{os.pathsep}{os.environ['PATH']}"
    good = GOOD | {"STORE_URL": STORES[target.store], "EDITION": target.edition}
    given = {name: value for name, value in (good | settings).items() if value is not None}
    return subprocess.run(
        target.command,
        cwd=target.folder,
        env={"PATH": path, "LANG": "C.UTF-8"} | given,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def state(process: subprocess.Popen[bytes]) -> str:
    return "running" if process.poll() is None else f"exited with status {process.returncode}"


@contextmanager
def ended(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    try:
        yield process
    finally:
        process.terminate()
        process.wait(10)


def assert_one_line_about(variable: str, ended: subprocess.CompletedProcess[str]) -> None:
    assert ended.returncode != 0
    assert len(ended.stderr.splitlines()) == 1, ended.stderr
    assert variable in ended.stderr
    assert "x" * 31 not in ended.stderr, "the line shows a secret"


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.parametrize("name", IMPLEMENTATIONS)
def test_a_wrong_variable_is_named_in_one_line(name: str, case: str) -> None:
    settings, variable = WRONG[case]
    assert_one_line_about(variable, start(IMPLEMENTATIONS[name], settings))


@pytest.mark.parametrize("name", IMPLEMENTATIONS)
def test_a_port_that_is_taken_is_named_in_one_line(name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = start(IMPLEMENTATIONS[name], {"PORT": str(taken.getsockname()[1])})
    assert_one_line_about("PORT", ended)


@pytest.mark.parametrize("name", IMPLEMENTATIONS)
def test_a_store_that_is_late_is_waited_for(name: str, tmp_path: Path) -> None:
    target = IMPLEMENTATIONS[name]
    server = asyncio.run(redis_server.find(made(ROOT) / "venvs", lambda _text: None))
    store, port = free_port(), free_port()
    settings = GOOD | {"STORE_URL": f"redis://:late@127.0.0.1:{store}/0", "PORT": str(port), "EDITION": target.edition}
    path = f"{binaries(target)}{os.pathsep}{os.environ['PATH']}"
    settled = {"PATH": path, "LANG": "C.UTF-8"} | settings
    with ended(subprocess.Popen(target.command, cwd=target.folder, env=settled)) as app:
        with pytest.raises(CannotStart, match="not ready after 1 s"):
            asyncio.run(wait_until_ready(f"http://127.0.0.1:{port}", lambda: state(app), 1.0))
        with ended(subprocess.Popen([server, "-"], cwd=tmp_path, stdin=subprocess.PIPE)) as redis:
            assert redis.stdin
            redis.stdin.write(redis_server.configuration(store, "late"))
            redis.stdin.close()
            asyncio.run(wait_until_ready(f"http://127.0.0.1:{port}", lambda: state(app), 10.0))


@pytest.fixture(scope="module")
def storeless() -> dict[str, subprocess.CompletedProcess[str]]:
    """How each implementation ended for want of a store: each waits for ten seconds, so they wait side by side."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with ThreadPoolExecutor(len(IMPLEMENTATIONS)) as pool:
        ended = pool.map(
            lambda each: start(each, {"STORE_URL": f"redis://127.0.0.1:{port}/0"}), IMPLEMENTATIONS.values()
        )
        return dict(zip(IMPLEMENTATIONS, ended, strict=True))


@pytest.mark.parametrize("name", IMPLEMENTATIONS)
def test_a_store_that_never_answers_is_waited_for_and_then_named_in_one_line(
    name: str, storeless: dict[str, subprocess.CompletedProcess[str]]
) -> None:
    assert_one_line_about("STORE_URL", storeless[name])
