"""How a person uses the app's page, by mouse or by keys alone, and what is then to be seen."""

from __future__ import annotations

from typing import Protocol

from playwright.sync_api import Locator, Page, Response

MOST_STOPS = 10
OUTLINE = "element => { const style = getComputedStyle(element); return [style.outlineStyle, style.outlineWidth] }"


class Hand(Protocol):
    """A way to use the page; each returns the answer that the browser ends at."""

    def press(self, page: Page, button: str) -> Response | None:
        """Press a button, and wait for the next page."""

    def log_in(self, page: Page, name: str) -> Response | None:
        """Fill in the form and send it."""


class Mouse:
    """Clicks, also on the label of what is to be filled in."""

    def press(self, page: Page, button: str) -> Response | None:
        with page.expect_navigation() as navigation:
            page.get_by_role("button", name=button, exact=True).click()
        return navigation.value

    def log_in(self, page: Page, name: str) -> Response | None:
        page.locator("label").click()
        page.keyboard.type(name)
        return self.press(page, "Log in")


class Keyboard:
    """Tab, letters and Enter."""

    def press(self, page: Page, button: str) -> Response | None:
        tab_to(page, page.get_by_role("button", name=button, exact=True))
        with page.expect_navigation() as navigation:
            page.keyboard.press("Enter")
        return navigation.value

    def log_in(self, page: Page, name: str) -> Response | None:
        tab_to(page, page.get_by_role("textbox", name="Name"))
        page.keyboard.type(name)
        with page.expect_navigation() as navigation:
            page.keyboard.press("Enter")
        return navigation.value


MOUSE, KEYBOARD = Mouse(), Keyboard()


def tab_to(page: Page, control: Locator) -> None:
    """Press Tab until a control has the focus and shows it."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if control.and_(page.locator(":focus")).count():
            style, width = control.evaluate(OUTLINE)
            assert (style, width) == ("solid", "3px"), f"the focus does not show on {control}"
            return
    raise AssertionError(f"{MOST_STOPS} times Tab do not lead to {control}")


def shown(page: Page) -> list[str]:
    """Return the heading and the buttons, in their order."""
    return [*page.get_by_role("heading").all_inner_texts(), *page.get_by_role("button").all_inner_texts()]


def stranger(count: int) -> list[str]:
    """Return what somebody without a name is shown."""
    return ["Hello", f"Count {count}", "Log in", "Reset"]


def greeted(name: str, count: int) -> list[str]:
    """Return what somebody with a name is shown."""
    return [f"Hello, {name}", f"Count {count}", "Log out", "Reset"]
