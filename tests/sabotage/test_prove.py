"""The proof itself can fail: each way in which suite and catalogue may disagree is told."""

from __future__ import annotations

from collections import defaultdict

import pytest

from conformance.catalogue import catalogue
from conformance.clause import Level
from tests.sabotage import fault
from tests.sabotage.app import App
from tests.sabotage.control import CORRECT
from tests.sabotage.fault import Fault
from tests.sabotage.prove import compare

FAULTS = {"some-fault": Fault("some-fault", "It does something wrong.", frozenset({"app.counts"}), App)}


def problems(red: dict[str, set[str]], *, complete: bool = False) -> list[str]:
    return compare(FAULTS, defaultdict(set, red), complete=complete)


def test_a_fault_that_turns_red_what_it_names_is_right() -> None:
    assert problems({"some-fault": {"app.counts"}}) == []


def test_a_fault_that_turns_nothing_red_is_told() -> None:
    assert "some-fault turns nothing red" in problems({})


def test_a_clause_that_a_fault_names_and_leaves_green_is_told() -> None:
    assert problems({"some-fault": {"app.json"}})[-1] == "some-fault names app.counts, and does not turn it red"


def test_a_clause_that_no_entry_names_is_told() -> None:
    told = problems({"some-fault": {"app.counts", "app.json"}})
    assert told == ["some-fault turns app.json red, which it does not name"]


def test_a_correct_app_that_is_not_green_is_told() -> None:
    assert problems({CORRECT: {"app.json"}, "some-fault": {"app.counts"}}) == ["the correct app: app.json is red"]


def test_every_clause_that_no_fault_turns_red_is_told() -> None:
    told = problems({"some-fault": {"app.counts"}}, complete=True)
    can_fail = {clause.id for clause in catalogue().values() if clause.level is not Level.OBSERVE}
    assert told == [f"no fault turns {clause} red" for clause in sorted(can_fail - {"app.counts"})]


@pytest.mark.parametrize("name", fault.catalogue())
def test_every_fault_says_in_one_sentence_what_is_wrong(name: str) -> None:
    each = fault.catalogue()[name]
    assert each.sentence.endswith(".")
    assert "\n\n" not in each.sentence
    assert each.breaks <= set(catalogue())
