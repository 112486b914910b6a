from __future__ import annotations

import pytest

from conformance.cookies import IMF_FIXDATE, grammar_errors, parse

PAST = "Thu, 01 Jan 1970 00:00:00 GMT"


@pytest.mark.parametrize(
    "line", ["sid=abc", 'sid="abc"', "sid=; Max-Age=0", f"sid=a.b-c; Expires={PAST}; HttpOnly; Path=/; SameSite=Lax"]
)
def test_a_line_as_the_standard_writes_it_has_no_errors(line: str) -> None:
    assert grammar_errors(line) == []


@pytest.mark.parametrize("line", ["sid", "s id=a", "sid=a b", "sid=é", "sid=a;Path=/", "sid=a; ", 'sid="a'])
def test_a_malformed_line_has_errors(line: str) -> None:
    assert grammar_errors(line)


def test_an_attribute_that_stands_twice_is_an_error() -> None:
    assert grammar_errors("sid=a; Path=/; path=/x") == ["path stands more than once"]


@pytest.mark.parametrize("line", ["sid=; Max-Age=0", "sid=x; Max-Age=-1", f"sid=; expires={PAST}"])
def test_a_lifetime_that_is_over_deletes(line: str) -> None:
    assert parse(line).deletes


@pytest.mark.parametrize("line", ["sid=", "sid=a", "sid=null; Max-Age=1", f"sid=''; Expires={PAST}; Max-Age=1209600"])
def test_without_one_the_cookie_stays_and_max_age_wins_over_expires(line: str) -> None:
    assert not parse(line).deletes


def test_the_dates_that_beaker_writes_are_read_but_are_no_imf_fixdates() -> None:
    line = "sid=a; expires=Fri, 21-Nov-2025 10:00:00 GMT"
    assert parse(line).deletes
    assert not IMF_FIXDATE.fullmatch("Fri, 21-Nov-2025 10:00:00 GMT")
    assert IMF_FIXDATE.fullmatch(PAST)
