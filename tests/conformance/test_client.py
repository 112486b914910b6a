from __future__ import annotations

import socket

import pytest

from conformance.client import Client, NoAnswer, Transcript
from tests.conformance import servers
from tests.conformance.servers import Handler, serving


@pytest.mark.parametrize(
    ("handler", "reason"),
    [
        (servers.never_answers, "no complete answer in time"),
        (servers.answers_a_byte_at_a_time, "no complete answer in time"),
        (servers.closes, "closed"),
        (servers.resets, "connection reset"),
        (servers.answers_rubbish, "not HTTP"),
        (servers.answers_too_much, "longer than"),
    ],
)
def test_a_server_that_misbehaves_is_no_answer_with_its_reason(handler: Handler, reason: str) -> None:
    with serving(handler) as url, pytest.raises(NoAnswer, match=reason):
        Client(url, timeout=0.5).get("/")


def test_a_port_where_nobody_listens_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(NoAnswer, match="connection refused"):
        Client(f"http://127.0.0.1:{port}").get("/")


def test_redirects_are_shown_and_not_followed() -> None:
    with serving(servers.redirects_for_ever) as url:
        assert Client(url).get("/").status == 302


def test_every_set_cookie_line_is_there() -> None:
    with serving(servers.sets_two_cookies) as url:
        assert Client(url).get("/").set_cookies == ["sid=one", "sid=two; Path=/"]


def test_the_cookie_is_sent_to_the_byte_and_none_is_kept() -> None:
    transcript = Transcript()
    with serving(servers.sets_two_cookies) as url:
        client = Client(url, transcript)
        client.get("/", cookie=b'a="\xff\x01; b')
        client.get("/")
    first, second = (exchange.request.raw for exchange in transcript.exchanges)
    assert b'\r\ncookie: a="\xff\x01; b\r\n' in first
    assert b"cookie" not in second


def test_what_has_no_answer_is_in_the_transcript_too() -> None:
    transcript = Transcript()
    with serving(servers.closes) as url, pytest.raises(NoAnswer):
        Client(url, transcript).get("/")
    assert transcript.exchanges[0].response is None
    assert "closed" in transcript.exchanges[0].problem
