from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from targets.running import NotStarted, Running, RuntimeUnavailable
from targets.url import UrlRuntime, target_at
from tests.serving import Handler, serving

PAGES = {
    "/app/healthz": "ok",
    "/app/about": json.dumps(
        {"implementation": {"name": "mine", "version": "1"}, "store": {"name": "redis", "version": "8"}}
    ),
}


class Pages(Handler):
    def do_GET(self) -> None:  # noqa: N802 -- http.server names it so
        body = PAGES.get(self.path, "").encode()
        self.answer(200 if body else 404, body)


@pytest.fixture
def app() -> Iterator[str]:
    with serving(Pages) as url:
        yield url


def silent(_name: str, _text: str) -> None:
    pass


def test_a_target_is_named_as_its_about_says(app: str) -> None:
    target = target_at(f"{app}/app/", frozenset({"probes"}))
    assert (target.name, target.store, target.edition, target.url) == ("mine", "redis", "hardened", f"{app}/app")
    assert target.absent == {"probes"}


def test_a_target_without_about_is_named_by_its_address(app: str) -> None:
    assert target_at(app, frozenset()).name == app.removeprefix("http://")


def test_an_app_that_answers_is_running(app: str) -> None:
    target = target_at(f"{app}/app", frozenset())
    with UrlRuntime() as runtime:
        assert runtime.start([target], silent) == {"mine": Running(target, f"{app}/app")}
        assert runtime.state("mine") == "running"
        assert runtime.log("mine") == f"(no log: {app}/app is run by somebody else)"


def test_an_app_that_does_not_answer_is_not_started(app: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("targets.url.READY_SECONDS", 0.2)
    target = target_at(app, frozenset())
    with UrlRuntime() as runtime:
        outcome = runtime.start([target], silent)[target.name]
        assert isinstance(outcome, NotStarted)
        assert outcome.reason == "not ready after 0.2 s: GET /healthz: answered 404 with b'', not 200 with b'ok'"
        assert runtime.state(target.name).startswith("not healthy: GET /healthz: answered 404")


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8000", "ftp://127.0.0.1", "http://", "http://127.0.0.1/?a=b", "http://h:port"]
)
def test_what_is_no_base_url_is_an_error(url: str) -> None:
    with pytest.raises(RuntimeUnavailable, match="is not a base URL"):
        target_at(url, frozenset())
