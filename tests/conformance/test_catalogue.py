from __future__ import annotations

import re

import pytest

from conformance.catalogue import SelectionError, catalogue, select
from conformance.clause import Level, clause


def test_every_clause_has_a_dotted_id_a_requirement_a_reason_and_a_source() -> None:
    for each in catalogue().values():
        assert re.fullmatch(r"[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*", each.id), each.id
        assert each.text.endswith("."), each.id
        assert each.why.endswith("."), each.id
        assert all(each.sources), each.id


def test_a_clause_without_a_reason_is_refused() -> None:
    def check() -> None:
        """Only the requirement."""

    with pytest.raises(TypeError, match="why it matters"):
        clause("some.thing", Level.MUST, sources=("RFC 9110",))(check)


def test_patterns_select_and_none_selects_everything() -> None:
    assert set(select("login.*, app.counts")) == {each for each in catalogue() if each.startswith("login.")} | {
        "app.counts"
    }
    assert select("") == catalogue()


def test_a_pattern_that_matches_nothing_is_an_error_that_names_the_areas() -> None:
    with pytest.raises(SelectionError, match=r"'nothing\.\*' matches no clause; the areas are app,"):
        select("login.*,nothing.*")
