"""`make up`, `ps`, `logs` and `down` with the gallery, in the process runtime."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.patience import until
from gallery import as_process
from targets import ports, started
from targets.readiness import wait_until_ready
from tests.gallery.galleries import page, press, visitor
from tests.running import ROOT
from tests.targets import miniatures

DYING_SECONDS = 10
MAIN = "import pathlib, sys; from {}.__main__ import main; sys.exit(main(sys.argv[2:], pathlib.Path(sys.argv[1])))"


def run(module: str, root: Path, *arguments: str) -> tuple[int, str, str]:
    """Run a command line on a checkout, without Docker; return its status, output and errors."""
    line = [sys.executable, "-c", MAIN.format(module), str(root), *arguments, "--runtime", "process"]
    ended = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    return ended.returncode, ended.stdout, ended.stderr


def checkout(root: Path) -> Path:
    """Make a checkout with one target, which has the gallery's environment already."""
    miniatures.add(root, "works")
    (root / ".run/venvs").mkdir(parents=True)
    (root / ".run/venvs" / as_process.NAME).symlink_to(as_process.environment_of(ROOT, print).parent)
    return root


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """Make a checkout, and stop what a test left running in it."""
    yield checkout(tmp_path / "one")
    run("targets", tmp_path / "one", "down")


@pytest.fixture
def port() -> str:
    return str(ports.free())


def record(root: Path) -> started.Started | None:
    return started.read(root / f".run/process/up/{as_process.NAME}.json")


def test_up_serves_the_gallery_until_down(root: Path, port: str) -> None:
    url = f"http://127.0.0.1:{port}"
    status, shown, errors = run("gallery", root, "up", "--port", port)
    assert (status, errors) == (0, "")
    assert shown.endswith(f"\ngallery: {url}\n")
    shown_page = page(visitor(url))
    assert shown_page.state("works") == "up"
    link = shown_page.tree.css_first("li a")
    assert link
    assert str(link.attributes["href"]).startswith("http://127.0.0.1:")
    assert run("gallery", root, "ps")[1].endswith(f"\ngallery: {url} running\n")
    assert "gallery: " in run("gallery", root, "logs")[1]
    assert "gallery: " not in run("gallery", root, "logs", "--targets", "works")[1]
    gallery = record(root)
    assert gallery
    assert run("targets", root, "down") == (0, "", "")
    assert not gallery.alive
    assert not ports.taken(int(port))
    assert run("gallery", root, "ps")[1].endswith("\ngallery: not started\n")


def test_a_target_that_does_not_start_is_shown_and_up_fails_as_ever(root: Path, port: str) -> None:
    miniatures.add(root, "exits-at-once", miniatures.EXITS_AT_ONCE)
    status, shown, _ = run("gallery", root, "up", "--port", port)
    assert status == 1
    assert "exits-at-once: exited with status 1" in shown
    assert page(visitor(f"http://127.0.0.1:{port}")).state("exits-at-once") == "not started"


def test_a_pattern_that_matches_nothing_starts_nothing(root: Path, port: str) -> None:
    status, shown, errors = run("gallery", root, "up", "--port", port, "--targets", "django-*")
    assert (status, shown) == (2, "")
    assert errors == "targets: 'django-*' matches no target; there are: works\n"
    assert not ports.taken(int(port))


def test_a_target_that_dies_is_shown_as_down(root: Path, port: str) -> None:
    run("gallery", root, "up", "--port", port)
    target = started.read(root / ".run/process/up/works.json")
    assert target
    os.kill(target.pid, signal.SIGKILL)
    who = visitor(f"http://127.0.0.1:{port}")
    assert until(lambda: page(who).state("works") == "down: no connection", DYING_SECONDS)


def test_up_again_finds_the_gallery_and_moves_it_to_another_port(root: Path, port: str) -> None:
    run("gallery", root, "up", "--port", port)
    first = record(root)
    run("gallery", root, "up", "--port", port)
    assert record(root) == first
    other = str(ports.free())
    assert run("gallery", root, "up", "--port", other)[0] == 0
    assert not ports.taken(int(port))
    assert visitor(f"http://127.0.0.1:{other}").get("/").status == 200


def test_a_port_that_is_taken_is_told_in_one_line_and_the_targets_are_up(root: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        status, shown, errors = run("gallery", root, "up", "--port", str(taken))
    assert status == 1
    assert re.search(r"^works +http://127.0.0.1:\d+ .* running$", shown, re.MULTILINE)
    assert errors == (
        f"gallery: not started: port {taken} of 127.0.0.1 is taken, maybe by another checkout's gallery; "
        f"use another one: make up GALLERY_PORT={taken + 1}\n"
    )


def test_two_checkouts_have_each_their_own_gallery(root: Path, tmp_path: Path, port: str) -> None:
    second = checkout(tmp_path / "two")
    try:
        run("gallery", root, "up", "--port", port)
        assert run("gallery", second, "up", "--port", port)[0] == 1
        other = str(ports.free())
        assert run("gallery", second, "up", "--port", other)[0] == 0
        browser = visitor(f"http://127.0.0.1:{port}")  # browsers send cookies to all ports
        press(browser, "count", "works")
        press(browser.at(visitor(f"http://127.0.0.1:{other}").client), "count", "works")
        assert len(browser.cookies) == 2
        run("targets", root, "down")
        assert visitor(f"http://127.0.0.1:{other}").get("/").status == 200
    finally:
        run("targets", second, "down")


def test_of_two_that_start_at_once_on_one_port_one_gives_up(tmp_path: Path) -> None:
    python = as_process.environment_of(ROOT, print) / "python"
    settings = {
        "PATH": "/usr/bin:/bin",
        "PORT": str(ports.free()),
        "COOKIE_NAME": "x",
        "TARGETS_FILE": f"{tmp_path}/targets.json",
        "REPORT_FOLDER": f"{tmp_path}/report",
    }
    both = [
        subprocess.Popen([python, "-m", "app"], cwd=ROOT / "gallery", env=settings, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    while all(each.poll() is None for each in both):
        os.sched_yield()
    (loser,) = [each for each in both if each.poll() is not None]
    (winner,) = [each for each in both if each is not loser]
    url = f"http://127.0.0.1:{settings['PORT']}"
    asyncio.run(wait_until_ready(url, lambda: "running", as_process.READY_SECONDS))  # it hears no signal before
    winner.terminate()
    assert loser.communicate()[1] == f"cannot start: PORT: 127.0.0.1:{settings['PORT']}: Address already in use\n"
    winner.communicate()
    assert loser.returncode == 1


@pytest.mark.parametrize("wrong", ["0", "65536", "http", "-1"])
def test_a_port_that_is_none_is_told(root: Path, wrong: str) -> None:
    status, _, errors = run("gallery", root, "up", f"--port={wrong}")
    assert status == 2
    assert "is no port" in errors


def test_targets_alone_start_no_gallery(root: Path) -> None:
    assert run("targets", root, "up")[0] == 0
    assert record(root) is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_the_gallery_starts_stops_the_targets_too(root: Path, port: str, number: signal.Signals) -> None:
    (root / ".run/venvs" / as_process.NAME).unlink()
    line = [sys.executable, "-c", MAIN.format("gallery"), str(root), "up", "--port", port, "--runtime", "process"]
    with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as up:
        assert up.stdout
        assert any(each == "gallery: installing requirements\n" for each in iter(up.stdout.readline, ""))
        target = started.read(root / ".run/process/up/works.json")
        up.send_signal(number)
        assert up.wait(20) == 130
    assert target
    assert not target.alive
    assert record(root) is None
