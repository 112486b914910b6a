"""What is missing or wrong in the environment ends every implementation in one clear line (SPEC.md, Configuration)."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
from functools import cache
from pathlib import Path

import pytest

from targets import environment, manifest
from targets.checkout import made
from targets.manifest import Target
from tests.running import ROOT

IMPLEMENTATIONS = {target.implementation: target for target in manifest.find(ROOT)}
GOOD = {"STORE_URL": "cookie:", "SESSION_SECRETS": "x" * 32}
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
    folder = made(ROOT) / "venvs" / target.implementation
    return asyncio.run(environment.make(folder, target.folder / "requirements.txt", lambda _text: None))


def start(target: Target, settings: dict[str, str | None]) -> subprocess.CompletedProcess[str]:
    path = f"{binaries(target)}{os.pathsep}{os.environ['PATH']}"
    given = {name: value for name, value in (GOOD | settings).items() if value is not None}
    return subprocess.run(
        target.command,
        cwd=target.folder,
        env={"PATH": path, "LANG": "C.UTF-8"} | given,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


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
def test_a_store_that_never_answers_is_waited_for_and_then_named_in_one_line(name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert_one_line_about("STORE_URL", start(IMPLEMENTATIONS[name], {"STORE_URL": f"redis://127.0.0.1:{port}/0"}))
