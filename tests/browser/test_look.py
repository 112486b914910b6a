"""How the app's page looks and sounds. All targets send the same bytes (`app.same-page`), so one of them shows it."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Check, NewContext, Screenshot
from tests.browser.hands import KEYBOARD, MOUSE, greeted, shown, tab_to

pytestmark = pytest.mark.parametrize("target", ["starlette-cookie"], indirect=True)

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PHONE = (390, 844)
SIZES = (PHONE, (320, 568), (1280, 800))
WIDTH = "document.documentElement.scrollWidth"
NARROWEST = """() => {
    const boxes = [...document.querySelectorAll("button, input")].map(each => each.getBoundingClientRect())
    return Math.min(...boxes.flatMap(box => [box.width, box.height]))
}"""
SMALLEST_TARGET = 44  # CSS pixels: WCAG 2.2, 2.5.5


def test_every_state_of_the_page_is_accessible_and_fits_in_light_and_in_dark(
    page: Page, url: str, axe: Check, screenshot: Screenshot
) -> None:
    def look(state: str) -> None:
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            for width, height in SIZES:
                page.set_viewport_size({"width": width, "height": height})
                assert page.evaluate(WIDTH) <= width, f"{state}: it scrolls sideways at {width} pixels"
                assert page.evaluate(NARROWEST) >= SMALLEST_TARGET, (
                    f"{state}: something is hard to hit at {width} pixels"
                )
                screenshot(page, f"app-{state}-{scheme}-{width}")
            axe(page)

    page.goto(url)
    look("stranger")
    MOUSE.press(page, "Count 0")
    MOUSE.log_in(page, "Ada")
    tab_to(page, page.get_by_role("button", name="Count 1"))
    look("greeted")
    MOUSE.press(page, "Log out")
    MOUSE.log_in(page, "W" * 64)
    look("long-name")


def test_a_screen_reader_is_told_a_heading_and_what_can_be_done(page: Page, url: str) -> None:
    page.goto(url)
    expect(page.locator("body")).to_match_aria_snapshot("""
        - main:
          - /children: equal
          - heading "Hello" [level=1]
          - button "Count 0"
          - text: Name
          - textbox "Name"
          - button "Log in"
          - button "Reset"
    """)


def test_the_tab_key_comes_to_count_first_and_to_reset_last(page: Page, url: str) -> None:
    page.goto(url)
    for control in ("Count 0", "Name", "Log in", "Reset"):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        expect(focused).to_have_accessible_name(control)


def test_space_presses_a_button_as_enter_does(page: Page, url: str) -> None:
    page.goto(url)
    tab_to(page, page.get_by_role("button", name="Count 0"))
    with page.expect_navigation():
        page.keyboard.press("Space")
    KEYBOARD.log_in(page, "Ada")
    assert shown(page) == greeted("Ada", 1)


@pytest.mark.parametrize("name", ["", "   "])
def test_a_name_that_the_app_would_refuse_is_not_sent(page: Page, url: str, name: str) -> None:
    page.goto(url)
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Log in").click()
    assert page.locator(":focus:invalid").count() == 1, "the browser does not point at the field"
    assert page.url == f"{url}/"


def test_an_error_can_be_read_in_a_browser(new_context: NewContext, url: str, screenshot: Screenshot) -> None:
    width, height = PHONE
    page = new_context(allowed=["status of 404"], viewport={"width": width, "height": height}).new_page()
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        answer = page.goto(f"{url}/nowhere")
        assert answer
        assert answer.status == 404
        expect(page.get_by_text("Not Found")).to_be_visible()
        assert page.evaluate(WIDTH) <= width
        screenshot(page, f"app-error-{scheme}")
