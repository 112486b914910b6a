"""The fixtures notice what they are there for."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Check
from tests.browser.watched import watched

BAD = {
    "<script>console.error('it went wrong')</script>": "console: it went wrong",
    "<script>throw new Error('it went wrong')</script>": "script: it went wrong",
    "<img src='http://192.0.2.1/pixel.png' alt=''>": "request: http://192.0.2.1/pixel.png",
    "<script src='http://elsewhere.example/'></script>": "request: http://elsewhere.example/",
}


@pytest.mark.parametrize("markup", BAD)
def test_what_goes_wrong_in_a_page_fails_its_test(browser: Browser, markup: str) -> None:
    with pytest.raises(AssertionError, match=BAD[markup]), watched(browser) as context:
        context.new_page().goto(f"data:text/html,{markup}")


def test_what_is_allowed_fails_nothing(browser: Browser) -> None:
    with watched(browser, allowed=["it went wrong"]) as context:
        context.new_page().goto("data:text/html,<script>console.error('it went wrong')</script>")


def test_axe_names_each_violation(page: Page, axe: Check) -> None:
    page.set_content("<title>A page</title><main><h1>A page</h1><input><p style='color: #ccc'>Faint</p></main>")
    with pytest.raises(AssertionError) as raised:
        axe(page)
    told = str(raised.value)
    assert [line.partition(":")[0] for line in told.splitlines()] == ["color-contrast", "html-has-lang", "label"]
