"""The gallery in a browser: a press goes to all chosen targets, by keyboard too; accessible, narrow, scriptless."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Check, NewContext, Screenshot
from tests.gallery.galleries import listed, serving

SHOWN = ["flask-redis", "starlette-redis", "bottle-redis"]
DOWN = "flask-cookie"
PHONE = {"width": 390, "height": 800}


@pytest.fixture(scope="module")
def gallery(urls: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("gallery")
    running = [listed(name, urls[name]) for name in SHOWN]
    with serving(folder, [*running, listed(DOWN, "http://127.0.0.1:1")]) as url:
        yield url


def test_one_press_counts_everywhere_and_shows_the_answers_beside_each_other(
    page: Page, gallery: str, screenshot: Screenshot
) -> None:
    page.goto(gallery)
    page.get_by_role("button", name="Count").click()
    for name in SHOWN:
        row = page.get_by_role("row").filter(has_text=name).filter(has_text="303")
        expect(row).to_contain_text("HttpOnly")
    expect(page.locator("body")).to_contain_text(f"No answer from {DOWN}")
    screenshot(page, "gallery-answers")


def test_the_keyboard_alone_logs_in_everywhere(page: Page, gallery: str) -> None:
    page.goto(gallery)
    name = page.get_by_label("Name", exact=False).first
    name.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("Grace <b>")
    page.keyboard.press("Enter")
    for target in SHOWN:
        expect(page.get_by_role("row").filter(has_text=target).filter(has_text="303")).to_contain_text("Grace <b>")


def test_a_target_that_is_down_is_shown_as_down(page: Page, gallery: str) -> None:
    page.goto(gallery)
    expect(page.locator(f"#state-{DOWN}")).to_contain_text("down")
    expect(page.locator(f"#state-{SHOWN[0]}")).to_contain_text("up")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_gallery_is_accessible(
    new_context: NewContext, axe: Check, screenshot: Screenshot, gallery: str, scheme: str
) -> None:
    page = new_context(color_scheme=scheme).new_page()
    page.goto(gallery)
    axe(page)
    page.get_by_role("button", name="Count").click()
    expect(page.locator("body")).to_contain_text("No answer from")
    axe(page)
    screenshot(page, f"gallery-{scheme}")


def test_a_phone_scrolls_down_and_not_sideways(new_context: NewContext, screenshot: Screenshot, gallery: str) -> None:
    page = new_context(viewport=PHONE).new_page()
    page.goto(gallery)
    page.get_by_role("button", name="Count").click()
    expect(page.locator("body")).to_contain_text("No answer from")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    screenshot(page, "gallery-phone")


def test_the_gallery_needs_no_scripts(new_context: NewContext, gallery: str) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto(gallery)
    page.get_by_role("button", name="Count").click()
    expect(page.locator("body")).to_contain_text("303")
