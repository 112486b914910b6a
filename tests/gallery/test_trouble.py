"""Targets that are down, hang, or answer what they should not: each is told as what it is, and the rest goes on."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from conformance.visitor import Visitor
from targets import ports
from tests.conformance import servers
from tests.gallery import galleries
from tests.gallery.galleries import listed, page, press, visitor
from tests.sabotage.app import App
from tests.sabotage.http import Request, Response, Server
from tests.sabotage.memory import StoreDown
from tests.sabotage.visit import Visit

HOSTILE = "<script>alert('1')</script>"
PROBLEMS = {
    "gone": "no connection",
    "never-answers": "no answer within {} s",
    "answers-a-byte-at-a-time": "no answer within {} s",
    "closes": "what it says is not HTTP, or breaks off",
    "resets": "what it says is not HTTP, or breaks off",
    "answers-rubbish": "what it says is not HTTP, or breaks off",
    "answers-too-much": "more than 64 KiB",
}


class Hostile(App):
    """Puts markup wherever it can."""

    def __call__(self, request: Request) -> Response:
        """Answer as the correct app does, and with markup."""
        response = super().__call__(request)
        if request.method == "POST":
            response.headers += [("location", HOSTILE), ("set-cookie", f"{HOSTILE}=x; {HOSTILE}")]
        elif request.path == "/":
            response.body = json.dumps({"count": HOSTILE, "username": {"a": HOSTILE}}).encode()
        return response


class WithoutStore(App):
    """Is there, and its store is not."""

    def ready(self, _visit: Visit) -> Response:
        """Fail."""
        raise StoreDown

    read = ready  # type: ignore[assignment] # it fails whatever is asked


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a gallery of one good target and many others."""
    apps = {"good": App(), "hostile": Hostile(), "without-store": WithoutStore()}
    with ExitStack() as stack, ports.refused(port := ports.free()):
        running = {"gone": f"http://127.0.0.1:{port}"}
        for name, app in apps.items():
            server = Server(app)
            stack.callback(server.close)
            running[name] = server.url
        for name in (*PROBLEMS, "redirects-for-ever"):
            if name != "gone":
                running[name] = stack.enter_context(servers.serving(getattr(servers, name.replace("-", "_"))))
        targets = [listed(name, reach) for name, reach in running.items()]
        yield stack.enter_context(galleries.serving(tmp_path_factory.mktemp("gallery"), targets))


@pytest.fixture
def who(url: str) -> Visitor:
    return visitor(url)


def test_states_are_asked_at_once_and_each_is_told(who: Visitor) -> None:
    begun = time.monotonic()
    shown = page(who)
    assert time.monotonic() - begun < 5  # and not two seconds for each of them
    assert shown.state("good") == "up"
    assert shown.state("without-store") == "up, not ready: it answers 503"
    assert shown.state("redirects-for-ever") == "down: it answers 302"
    for name, problem in PROBLEMS.items():
        assert shown.state(name) == f"down: {problem.format(2)}"


def test_a_press_tells_who_did_not_answer_and_why_and_the_rest_goes_on(who: Visitor) -> None:
    press(who, "count", "good", *PROBLEMS)
    shown = page(who)
    assert shown.answers()["good"]["count"] == "1"
    assert {name: shown.answers()[name]["problem"] for name in PROBLEMS} == {
        name: problem.format(3) for name, problem in PROBLEMS.items()
    }
    assert shown.verdict == f"1 answer. No answer from {', '.join(PROBLEMS)}."
    assert shown.odd() == set()


def test_a_redirect_is_shown_and_not_followed(who: Visitor) -> None:
    press(who, "count", "redirects-for-ever")
    cells = page(who).answers()["redirects-for-ever"]
    assert (cells["status"], cells["Location"], cells["count"]) == ("302 Found", "/", "not shown: 302 Found")


def test_an_app_whose_store_is_down_is_shown_as_it_answers(who: Visitor) -> None:
    press(who, "count", "without-store")
    cells = page(who).answers()["without-store"]
    assert (cells["status"], cells["name"]) == ("503 Service Unavailable", "not shown: 503 Service Unavailable")


def test_markup_in_a_targets_answers_is_shown_as_text(who: Visitor) -> None:
    press(who, "count", "hostile")
    shown = page(who)
    cells = shown.answers()["hostile"]
    assert cells["count"] == HOSTILE
    assert HOSTILE in cells["name"]
    assert HOSTILE in cells["Location"]
    assert cells["Set-Cookie"].endswith(f"{HOSTILE}=x; {HOSTILE}")
    assert not shown.tree.css("script")


def test_only_quick_choices_that_take_something_are_offered(who: Visitor) -> None:
    links = {link.attributes["href"] for link in page(who).tree.css("nav.choices a")}
    assert links == {
        "/?choose=all",
        "/?choose=hardened",
        "/?choose=redis",
        "/?choose=none",
        "#targets",
    }  # nothing is stock
