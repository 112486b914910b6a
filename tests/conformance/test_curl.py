from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator

import pytest

from conformance import curl
from conformance.client import Client, Exchange
from conformance.forge import altered, lookalike
from conformance.visitor import JSON, Visitor
from tests.sabotage.app import App
from tests.sabotage.http import Request, Response, Server


@pytest.fixture
def url() -> Iterator[str]:
    server = Server(App())
    yield server.url
    server.close()


@pytest.fixture
def visitor(url: str) -> Visitor:
    return Visitor(Client(url))


def replayed(visitor: Visitor, url: str) -> list[int]:
    """Paste the script into bash; returns the status of each answer, sorted, since some are shown on standard error."""
    script = curl.script(visitor.client.transcript.exchanges, url)
    ended = subprocess.run(["bash", "-eu"], input=script.encode(), capture_output=True, check=True)  # noqa: S607
    return sorted(int(status) for status in re.findall(rb"HTTP/1.1 (\d+)", ended.stdout + ended.stderr))


def statuses(exchanges: list[Exchange]) -> list[int]:
    return sorted(each.response.status for each in exchanges if each.response)


def test_the_script_obtains_its_own_cookies_and_sees_the_same(visitor: Visitor, url: str) -> None:
    visitor.count(2).log_in("Ada").get("/", headers=JSON)
    visitor.request("HEAD", "/")
    visitor.request("DELETE", "/count")
    visitor.post("/reset")
    script = curl.script(visitor.client.transcript.exchanges, url)
    last_id = "COOKIE2"  # log-in gave another one
    assert f'curl -sSi -H \'accept: application/json\' -b sid="${last_id}" "$URL"/' in script
    assert replayed(visitor, url) == statuses(visitor.client.transcript.exchanges)


def test_no_value_of_this_run_is_in_the_script_and_what_was_made_from_one_is_made_anew(
    visitor: Visitor, url: str
) -> None:
    name, value = visitor.count(3).session
    forged = [*altered(value)[:3], value[1:], value[:-4], value + value, f"session:{value}", lookalike(value)]
    for each in forged:
        visitor.client.get("/", cookie=f"{name}={each}")
    script = curl.script(visitor.client.transcript.exchanges, url)
    for each in [value, *forged]:
        assert each not in script
        assert not any(each[at : at + 12] in script for at in range(len(each) - 12))
    assert '"${COOKIE1: -' in script
    assert '-b sid="$COOKIE1""$COOKIE1"' in script
    assert replayed(visitor, url) == statuses(visitor.client.transcript.exchanges)


def test_an_altered_value_is_altered_in_the_same_place(visitor: Visitor, url: str) -> None:
    name, value = visitor.count().session
    visitor.client.get("/", cookie=f"{name}={value[:5]}#{value[6:]}")
    script = curl.script(visitor.client.transcript.exchanges, "http://x").splitlines()[-1]
    word = script.split("-b ")[1].split(' "$URL"')[0]
    shown = subprocess.run(
        ["bash", "-c", f"printf %s {word}"],  # noqa: S607
        env={"COOKIE1": value, "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert shown == f"{name}={value[:5]}#{value[6:]}"
    assert url


@pytest.mark.parametrize(
    "cookie",
    [
        b'sid="x\\073 Domain=evil.example"',
        b"sid=\xff\xfe",
        b"sid=a\x01b",
        b"sid=a'b$HOME`id`!",
        b"sid=" + b"x" * 4000,
        b"flag",
        b"sid=",
    ],
)
def test_odd_cookies_are_sent_as_they_were(cookie: bytes) -> None:
    received: list[str] = []
    app = App()

    def note(request: Request) -> Response:
        received.append(request.header("cookie"))
        return app(request)

    server = Server(note)
    visitor = Visitor(Client(server.url))
    visitor.client.get("/", cookie=cookie)
    replayed(visitor, server.url)
    server.close()
    assert received[0] == received[1]


def test_bodies_forms_and_chunks_are_sent_as_they_were() -> None:
    received: list[tuple[bytes, str]] = []
    app = App()

    def note(request: Request) -> Response:
        received.append((request.body, request.header("content-type")))
        return app(request)

    server = Server(note)
    visitor = Visitor(Client(server.url))
    visitor.post("/user/login", form={"username": "Zoë & co's"})
    visitor.post("/user/login", form={"username": "x" * 20_000})
    visitor.post("/user/login", headers={"content-type": "application/json"}, body=b'{"a": "@\xff"}')
    exchanges = len(received)
    assert exchanges == 3
    replayed(visitor, server.url)
    server.close()
    assert received[:exchanges] == received[exchanges:]


def test_a_slow_request_goes_on_in_the_background_while_the_others_are_sent(visitor: Visitor, url: str) -> None:
    cookie = visitor.count().cookie
    for _ in range(3):
        visitor.client.get("/", cookie=cookie, headers=JSON)
    visitor.client.post("/count", cookie=cookie)
    visitor.client.post("/_probe/slow-count?ms=1", cookie=cookie)  # the transcript has it where it was answered
    visitor.client.get("/", cookie=cookie, headers=JSON)
    lines = curl.script(visitor.client.transcript.exchanges, url).splitlines()[2:]
    assert [("slow" in line, line.endswith("&"), line == "wait") for line in lines] == [
        (False, False, False),
        (True, True, False),
        *[(False, False, False)] * 4,
        (False, False, True),
        (False, False, False),
    ]


def test_parallel_requests_are_sent_in_parallel(visitor: Visitor, url: str) -> None:
    cookie = visitor.count().cookie
    for _ in range(3):
        visitor.client.post("/_probe/slow-count?ms=1", cookie=cookie)
    visitor.client.get("/", cookie=cookie)
    lines = curl.script(visitor.client.transcript.exchanges, url).splitlines()[3:]
    assert [line.endswith("&") for line in lines] == [True, True, True, False, False]
    assert lines[3] == "wait"
