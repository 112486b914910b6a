"""The gallery remembers so many visitors for so long, and no more."""

from __future__ import annotations

import subprocess
from pathlib import Path

from gallery import as_process
from tests.gallery import galleries
from tests.gallery.galleries import listed, page, press, visitor
from tests.running import ROOT
from tests.sabotage.app import App
from tests.sabotage.http import Server

MOST = 100
AN_HOUR_LATER = """
from app.visitors import Visitors
now = 0.0
visitors = Visitors(lambda: now)
(early, _), (late, _) = visitors.welcome(), visitors.welcome()
now = 3000.0
assert visitors.find(late)
now = 3601.0
assert visitors.find(late)
assert not visitors.find(early)
now = 9000.0
assert not visitors.find(late)
"""


def test_who_was_away_longest_is_forgotten_where_there_are_too_many(tmp_path: Path) -> None:
    server = Server(App())
    with galleries.serving(tmp_path, [listed("one", server.url)]) as url:
        first, second = visitor(url), visitor(url)
        press(first, "count", "one")
        press(second, "count", "one")
        for _ in range(MOST - 2):
            press(visitor(url), "count", "one")
        assert page(second).answers()
        press(visitor(url), "count", "one")
        assert not page(first).answers()
        assert page(second).answers()
    server.close()


def test_who_has_been_away_for_an_hour_is_forgotten() -> None:
    python = as_process.environment_of(ROOT, print) / "python"
    subprocess.run([python, "-c", AN_HOUR_LATER], cwd=ROOT / "gallery", check=True)
