from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.targets import miniatures

TREE = Path(__file__).parents[2]
MAIN = "import pathlib, sys; from targets.__main__ import main; sys.exit(main(sys.argv[2:], pathlib.Path(sys.argv[1])))"


def command(root: Path, *arguments: str) -> tuple[int, str, str]:
    """Run the command line on a checkout, without Docker; return its status, output and errors."""
    line = [sys.executable, "-c", MAIN, str(root), *arguments, "--runtime", "process"]
    ended = subprocess.run(line, cwd=TREE, capture_output=True, text=True, check=False)
    return ended.returncode, ended.stdout, ended.stderr


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """Make a checkout, and stop what a test left running in it."""
    yield tmp_path
    command(tmp_path, "down")


def test_up_ps_logs_and_down(root: Path) -> None:
    miniatures.add(root, "works")
    assert command(root, "up")[0] == 0
    status, shown, _ = command(root, "ps")
    head, row = shown.splitlines()
    assert status == 0
    assert head.split() == ["target", "URL", "store", "edition", "state"]
    assert row.split()[0] == "works"
    assert row.split()[1].startswith("http://127.0.0.1:")
    assert row.split()[2:] == ["cookie", "hardened", "running"]
    assert command(root, "logs") == (0, "works: listening\n", "")
    assert command(root, "down") == (0, "", "")
    assert command(root, "ps")[1].splitlines()[1].split() == ["works", "cookie", "hardened", "not", "started"]


def test_up_tells_of_its_progress_in_plain_lines(root: Path) -> None:
    miniatures.add(root, "works")
    lines = command(root, "up")[1].splitlines()
    assert lines[:3] == ["works: installing requirements", "works: starting", "works: ready"]


def test_up_fails_where_a_target_does_not_start_and_shows_its_log(root: Path) -> None:
    miniatures.add(root, "works")
    miniatures.add(root, "exits-at-once", miniatures.EXITS_AT_ONCE)
    status, shown, _ = command(root, "up")
    assert status == 1
    assert shown.endswith("exits-at-once: exited with status 1\ncannot start: STORE_URL: is wrong\n")


def test_a_pattern_that_matches_nothing_is_status_2(root: Path) -> None:
    miniatures.add(root, "works")
    said = "targets: 'django-*' matches no target; there are: works\n"
    assert command(root, "up", "--targets", "django-*") == (2, "", said)
