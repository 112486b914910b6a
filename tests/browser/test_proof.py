"""Every check of the app in a browser can fail: it passes a correct app, and is red on one with a fault of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser

from tests.browser import checks
from tests.browser.conftest import NewContext
from tests.browser.watched import watched
from tests.sabotage.app import App
from tests.sabotage.fault import catalogue
from tests.sabotage.http import Request, Server
from tests.sabotage.memory import Data
from tests.sabotage.visit import Visit
from tests.serving import serving


class HidesTheFocus(App):
    """Who uses the keyboard does not see where they are."""

    def html(self, data: Data) -> str:
        return super().html(data).replace(":focus-visible { outline: 3px solid", ":focus-visible { outline: 0 none")


class LeavesOutSameSite(App):
    """What other sites may send is left to the browser."""

    def attributes(self, visit: Visit) -> str:
        return super().attributes(visit).replace("; SameSite=Lax", "")


class LetsOtherSitesPost(App):
    """A page of another site may post, and none of a sibling host."""

    def check_origin(self, request: Request) -> None:
        if request.header("sec-fetch-site") != "cross-site":
            super().check_origin(request)


def flow(new_context: NewContext, url: str) -> None:
    checks.flow(new_context().new_page(), url)


def apart(new_context: NewContext, url: str) -> None:
    checks.apart(new_context(), new_context(), [url])


def cookie(new_context: NewContext, url: str) -> None:
    checks.cookie(new_context().new_page(), url)


def another_origin(new_context: NewContext, url: str) -> None:
    with serving(checks.Elsewhere) as elsewhere:
        page = new_context(allowed=[checks.REFUSED, checks.NO_ICON]).new_page()
        checks.another_origin(page, url, elsewhere)


def back(new_context: NewContext, url: str) -> None:
    for leave in checks.AFTER:
        checks.back(new_context(allowed=[checks.NO_ICON]), url, leave)


Check = Callable[[NewContext, str], None]
CHECKS: list[Check] = [flow, apart, cookie, another_origin, back]
FAULTS: list[tuple[Check, str | type[App]]] = [
    (flow, "reset-keeps-the-name"),
    (flow, HidesTheFocus),
    (apart, "reset-ends-every-session"),
    (cookie, "lets-scripts-read-the-cookie"),
    (cookie, "says-same-site-none"),
    (cookie, LeavesOutSameSite),
    (cookie, "has-a-path-of-its-own"),
    (cookie, "keeps-the-id-at-log-out"),
    (another_origin, "lets-siblings-post"),
    (another_origin, LetsOtherSitesPost),
    (another_origin, "checks-the-origin-after-counting"),
    (back, "may-be-cached-for-all"),
]


@contextmanager
def served(app: type[App]) -> Iterator[str]:
    server = Server(app())
    try:
        yield server.url
    finally:
        server.close()


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_passes_a_correct_app(new_context: NewContext, check: Check) -> None:
    with served(App) as url:
        check(new_context, url)


@pytest.mark.parametrize(("check", "fault"), FAULTS)
def test_a_check_is_red_on_an_app_with_its_fault(new_context: NewContext, check: Check, fault: str | type[App]) -> None:
    app = catalogue()[fault].app if isinstance(fault, str) else fault
    with served(app) as url, pytest.raises(AssertionError):
        check(new_context, url)


@pytest.mark.parametrize("fault", ["may-be-stored", "keeps-the-id-at-log-out"])
def test_the_back_button_shows_a_page_that_was_kept_whole(remembering_browser: Browser, fault: str) -> None:
    """`no-store` alone does not keep it from that: the browser keeps such a page too, until the cookie changes."""
    kept = watched(remembering_browser, allowed=[checks.NO_ICON])
    with served(catalogue()[fault].app) as url, kept as context, pytest.raises(AssertionError):
        checks.back(context, url, "Log out")


def test_two_apps_that_call_their_cookies_alike_do_not_keep_apart(new_context: NewContext) -> None:
    with served(App) as one, served(App) as two, pytest.raises(AssertionError):
        checks.apart(new_context(), new_context(), [one, two])
