"""The differential check against an app that is right, and against apps with one thing wrong."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, seed, settings

from conformance.differential.check import Result, check
from conformance.differential.play import Outcome, Player, meet, play
from conformance.differential.report import report
from conformance.differential.script import script
from conformance.differential.steps import Step
from conformance.differential.strategies import sequences
from tests.differential import sabotaged
from tests.sabotage.app import App
from tests.sabotage.http import Server

ALL = frozenset[str]()


@contextmanager
def players(*apps: App) -> Iterator[list[Player]]:
    servers = [Server(app) for app in apps]
    try:
        yield [meet(type(app).__name__, server.url, ALL) for app, server in zip(apps, servers, strict=True)]
    finally:
        for server in servers:
            server.close()


def checked(them: list[Player], number: int) -> Result:
    return check(them, seed=0, number=number, longest=20, progress=lambda _: None)


def run(text: str) -> list[tuple[int, str]]:
    """Run a script and return status and body of each answer."""
    bash = shutil.which("bash")
    if not bash or not shutil.which("curl"):
        pytest.skip("needs bash and curl")
    done = subprocess.run([bash, "-eu"], input=text.encode(), capture_output=True, check=True)
    assert done.stderr == b""
    answers = re.split(r"^--- \d+\. .*\n", done.stdout.decode().replace("\r\n", "\n"), flags=re.MULTILINE)[1:]
    heads = [answer.partition("\n\n") for answer in answers if answer]
    return [(int(head.split()[1]), body.removesuffix("\n")) for head, _, body in heads]


def answered(outcome: Outcome) -> list[tuple[int, str]]:
    return [
        (response.status, response.text.replace("\r\n", "\n")) for _, response in outcome.answers.values() if response
    ]


def test_nothing_differs_between_two_correct_apps() -> None:
    with players(App(), App()) as them:
        result = checked(them, 150)
    assert not result.difference, report(result.difference)
    assert result.totals.sequences >= 150
    assert result.totals.requests > 2 * 5 * 150


def test_the_same_seed_gives_the_same_sequences() -> None:
    with players(App()) as them:
        assert checked(them, 20).totals == checked(them, 20).totals


@pytest.mark.parametrize(
    ("wrong", "shortest"),
    [
        (sabotaged.LogOutKeepsTheName, 3),
        (sabotaged.CountsTwoAtTheFifth, 6),
        (sabotaged.ResetKeepsTheCookie, 2),
        (sabotaged.TrimsNothing, 2),
        (sabotaged.OldIdLives, 4),
        (sabotaged.FirstOrLast, 3),
        (sabotaged.ForgetsAtTheNeighbour, 2),
    ],
)
def test_a_fault_is_found_shrunk_and_shown_by_curl(wrong: type[App], shortest: int) -> None:
    with players(wrong()) as them:
        result = checked(them, 400)
        found = result.difference
        assert found
        assert not result.unsteady
        told = report(found)
        assert len(found.sequence) == shortest
        outcome = found.outcomes[0]
        assert outcome.problems
        assert run(told.partition("in bash:\n")[2])[-1] == answered(outcome)[-1]


@seed(0)
@settings(max_examples=15, database=None, deadline=None)
@given(sequences(12))
def test_a_script_of_curl_commands_asks_what_the_check_asked(sequence: list[Step]) -> None:
    with players(App(), App()) as (one, other):
        played = play(one, sequence)
        assert run(script(other, sequence, {})) == answered(played)
