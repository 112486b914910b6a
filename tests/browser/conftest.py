"""What tests in a real browser use.

`page` is a page of a fresh context that fails its test on any console error, script error or request that leaves this
machine; `new_context` makes more of them, with Playwright's options of contexts (`color_scheme="dark"`) and `allowed`,
what they may complain of. `axe(page)` fails with the accessibility violations of a page as it is now, and
`screenshot(page, NAME)` keeps it in .run/screenshots/NAME.png. `url` is the base URL of a hardened target: a test that
takes it runs on each of them.

Chromium is started once for all tests of this folder. Where there is none they are skipped; where
SAME_SESSION_ENGINE=required, as in CI, they fail instead.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import NoReturn

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from targets import manifest
from targets.checkout import made
from targets.running import CannotStart
from tests.browser import chromium
from tests.browser.axe import installed, violations
from tests.browser.watched import watched
from tests.running import ROOT, running

HARDENED = [target.name for target in manifest.find(ROOT) if target.edition == "hardened"]

Check = Callable[[Page], None]
NewContext = Callable[..., BrowserContext]
Screenshot = Callable[[Page, str], None]


def missing(problem: str) -> NoReturn:
    if os.environ.get("SAME_SESSION_ENGINE") == "required":
        pytest.fail(problem)
    pytest.skip(problem)


@pytest.fixture(scope="session")
def program() -> str:
    """The program of the browser."""
    return chromium.find() or missing(chromium.MISSING)


@pytest.fixture(scope="package")
def playwright(program: str) -> Iterator[Playwright]:
    """Playwright, until the last test of this folder: its event loop keeps others out of the thread."""
    del program  # nothing is started without one
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def browser(playwright: Playwright, program: str) -> Iterator[Browser]:
    """The one Chromium."""
    browser = chromium.launch(playwright, program)
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def remembering_browser(playwright: Playwright, program: str) -> Iterator[Browser]:
    """A second one, with the back/forward cache, as people have it."""
    browser = chromium.launch(playwright, program, back_forward_cache=True)
    yield browser
    browser.close()


@pytest.fixture
def new_context(browser: Browser) -> Iterator[NewContext]:
    """Make a fresh context: see `watched`."""
    with ExitStack() as contexts:
        yield lambda **options: contexts.enter_context(watched(browser, **options))


@pytest.fixture
def page(new_context: NewContext) -> Page:
    """A page of a fresh context."""
    return new_context().new_page()


@pytest.fixture(scope="session")
def axe_core(program: str) -> str:
    """axe-core, from npm."""
    del program  # nothing is installed without one
    try:
        return installed()
    except CannotStart as error:
        missing(f"no axe-core: {error.reason}")


@pytest.fixture
def axe(axe_core: str) -> Check:
    """Fail with the accessibility violations of a page as it is now."""

    def check(page: Page) -> None:
        if found := violations(page, axe_core):
            raise AssertionError("\n".join(found))

    return check


@pytest.fixture
def screenshot() -> Screenshot:
    """Keep a picture of the whole page."""
    folder = made(ROOT) / "screenshots"

    def keep(page: Page, name: str) -> None:
        page.screenshot(path=folder / f"{name}.png", full_page=True)

    return keep


@pytest.fixture(scope="package")
def urls(browser: Browser) -> Iterator[dict[str, str]]:
    """The base URLs of all hardened targets, by name; started once."""
    del browser  # nothing is started without one
    with running(" ".join(HARDENED)) as (_, urls):
        yield urls


@pytest.fixture(params=HARDENED)
def target(request: pytest.FixtureRequest) -> str:
    """The name of a hardened target."""
    return str(request.param)


@pytest.fixture
def url(target: str, urls: dict[str, str]) -> str:
    """Its base URL."""
    return urls[target]
