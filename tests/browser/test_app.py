"""The app in a real browser, on every hardened target."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import checks
from tests.browser.conftest import NewContext
from tests.browser.hands import KEYBOARD, MOUSE
from tests.browser.watched import watched
from tests.serving import serving


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    with serving(checks.Elsewhere) as url:
        yield url


def test_a_visitor_counts_logs_in_and_out_and_resets_by_keys_alone(page: Page, url: str) -> None:
    checks.flow(page, url, KEYBOARD)


def test_a_visitor_counts_logs_in_and_out_and_resets_by_mouse_and_without_scripts(
    new_context: NewContext, url: str
) -> None:
    checks.flow(new_context(java_script_enabled=False).new_page(), url, MOUSE)


def test_all_targets_in_two_tabs_each_and_in_two_browsers_keep_apart(
    new_context: NewContext, urls: dict[str, str]
) -> None:
    checks.apart(new_context(), new_context(), urls.values())


def test_the_browser_keeps_the_cookie_from_scripts_and_other_sites(page: Page, target: str, url: str) -> None:
    assert checks.cookie(page, url) == f"{target}-sid"


def test_a_form_of_another_origin_is_refused(new_context: NewContext, url: str, elsewhere: str) -> None:
    checks.another_origin(new_context(allowed=[checks.REFUSED, checks.NO_ICON]).new_page(), url, elsewhere)


def test_the_back_button_shows_no_name_after_log_out(remembering_browser: Browser, url: str) -> None:
    with watched(remembering_browser, allowed=[checks.NO_ICON]) as context:
        checks.back(context, url, "Log out")


@pytest.mark.parametrize("target", ["bottle-redis", "flask-redis", "starlette-redis"], indirect=True)
def test_the_back_button_shows_neither_name_nor_count_after_a_reset(remembering_browser: Browser, url: str) -> None:
    with watched(remembering_browser, allowed=[checks.NO_ICON]) as context:
        checks.back(context, url, "Reset")
