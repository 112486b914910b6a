"""The app in a real browser, on every hardened target."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import checks
from tests.browser.conftest import HARDENED, NewContext
from tests.browser.hands import KEYBOARD, MOUSE
from tests.browser.watched import watched
from tests.serving import serving

# Of each implementation the targets that differ in what sets the cookie: the data in it, or an id.
KINDS = [name for name in HARDENED if name.endswith(("-cookie", "-redis"))]
EACH_KIND = pytest.mark.parametrize("target", KINDS, indirect=True)


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


def test_all_targets_in_two_tabs_and_two_browsers_keep_apart(new_context: NewContext, urls: dict[str, str]) -> None:
    checks.apart(new_context(), new_context(), urls.values())


def test_the_browser_keeps_the_cookie_from_scripts_and_other_sites(page: Page, target: str, url: str) -> None:
    assert checks.cookie(page, url) == f"{target}-sid"


@EACH_KIND
def test_a_form_of_another_origin_is_refused(new_context: NewContext, url: str, elsewhere: str) -> None:
    checks.another_origin(new_context(allowed=[checks.REFUSED, checks.NO_ICON]).new_page(), url, elsewhere)


@EACH_KIND
@pytest.mark.parametrize("leave", checks.AFTER)
def test_the_back_button_shows_nothing_of_what_has_ended(remembering_browser: Browser, url: str, leave: str) -> None:
    with watched(remembering_browser, allowed=[checks.NO_ICON]) as context:
        checks.back(context, url, leave)
