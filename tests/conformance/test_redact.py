from __future__ import annotations

from pathlib import Path

import pytest

from conformance.client import Exchange, Request, Response
from conformance.redact import cookie_values, redact, secrets

VALUE = "kLSxmEDaX2nJ0vWq8yTg5bRc3hUf7iOp1eZsAtYuMno.Q2nJ0vWq8yTg5bRc3hUf7iOp1eZ"


def exchange(cookie: str = "", set_cookie: str = "") -> Exchange:
    sent = f"GET / HTTP/1.1\r\nhost: a\r\ncookie: {cookie}\r\n\r\n".encode()
    headers = (("set-cookie", set_cookie),) if set_cookie else ()
    return Exchange("", Request("GET", "/", sent), Response(200, headers, b""))


def test_ids_are_cut_to_their_beginning_wherever_they_stand() -> None:
    shown = redact(f"cookie: sid={VALUE}; other=1\nset-cookie: sid={VALUE}; Path=/\n/?sid={VALUE}")
    assert VALUE[:12] not in shown
    assert shown.count("kLSxmE…") == 3
    assert "other=1" in shown


@pytest.mark.parametrize(
    "text", ["application/x-www-form-urlencoded", "application/problem+json", "race.slow-write-dies"]
)
def test_what_only_is_long_is_left(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    "value", ["1234567", "correct-horse-battery", "s%3Aab.cd~ef", "{session}", "aaaaaaaaaaaaaaaaaaaaaaaaaaa"]
)
def test_what_was_handed_out_is_cut_whatever_it_looks_like(value: str) -> None:
    values = cookie_values([exchange(set_cookie=f"sid={value}; Path=/")])
    shown = redact(f"GET /?id={value} and {value!r}", values)
    assert value not in shown
    assert shown.count(f"{value[:6]}…") == 2


def test_the_id_in_a_signed_value_is_cut_too_and_so_is_its_other_spelling() -> None:
    values = cookie_values([exchange(set_cookie="sid=s%3Acorrecthorsebattery.signature-of-it; Path=/")])
    shown = redact("stored correcthorsebattery as s:correcthorsebattery.signature-of-it", values)
    assert shown == "stored correc… as s:corr…"


def test_the_beginning_of_a_value_is_cut_at_its_end_also_where_two_begin_alike() -> None:
    one, other = "correct-horse-battery", "correct-horse-stable-staple"
    shown = redact(f"{one[:18]} {other[:20]} {other}", {one, other})
    assert shown == "correc… correc… correc…"


def test_two_values_can_still_be_told_apart() -> None:
    assert (
        redact("one-correct-horse two-correct-horse", {"one-correct-horse", "two-correct-horse"}) == "one-co… two-co…"
    )


@pytest.mark.parametrize("odd", ["null", "1", r'"x\073 Domain=evil.example"', "a b c d e f g h"])
def test_what_the_suite_sends_and_no_server_makes_is_left_to_be_read(odd: str) -> None:
    values = cookie_values([exchange(cookie=f"sid={odd}")])
    assert redact(odd, values) == odd


def test_a_value_that_was_only_sent_is_cut_where_it_may_be_an_id() -> None:
    values = cookie_values([exchange(cookie="a=b; sid=correct-horse-battery")])
    assert redact("correct-horse-battery", values) == "correc…"


@pytest.mark.parametrize("value", ["s/E6+P++4C1Bla53rYqaCckSB8qMvoCG", "0123456789abcdef0123456789abcdef"])
def test_what_looks_like_an_id_is_cut_without_being_known(value: str) -> None:
    assert redact(f"GET /?sid={value} stored") == f"GET /?sid={value[:6]}… stored"


def test_signing_secrets_are_read_from_their_files(tmp_path: Path) -> None:
    (tmp_path / "flask.env").write_text("SESSION_SECRETS=newest-and-long,older-and-long\n")
    assert secrets(tmp_path) == ["newest-and-long", "older-and-long"]
    assert redact("key newest-and-long", secrets(tmp_path)) == "key newest…"
    assert secrets(tmp_path / "nowhere") == []
