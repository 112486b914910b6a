"""What a browser adds to the clauses. Each check raises AssertionError; they run on every hardened target, and on apps
with a fault each that they have to notice."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from html import escape
from urllib.parse import parse_qs, urlencode, urlsplit

from playwright.sync_api import BrowserContext, CDPSession, Error, Page, Response

from tests.browser.hands import KEYBOARD, MOUSE, Hand, greeted, shown, stranger
from tests.serving import Handler

BACK_SECONDS = 10
TEXT = "document.body.innerText"
AFTER = {  # what somebody sees who counted once and came twice: on `/`, and when they come again
    "Log out": (stranger(1), "You visited this page 3 times"),
    "Reset": (stranger(0), "Welcome to this page for the first time!"),
}
REFUSED, NO_ICON = "status of 403", "/favicon.ico"  # in the console; browsers ask for the icon of what is no HTML


def flow(page: Page, url: str, hand: Hand = KEYBOARD) -> None:
    """Count, log in, log out and reset: after each the page shows what it should, and at the end no cookie is left."""
    page.goto(url)
    assert shown(page) == stranger(0)
    hand.press(page, "Count 0")
    assert shown(page) == stranger(1)
    hand.log_in(page, "Ada")
    assert shown(page) == greeted("Ada", 1)
    hand.press(page, "Log out")
    assert shown(page) == stranger(1)
    hand.press(page, "Reset")
    assert shown(page) == stranger(0)
    assert cookies_of(page) == []


def apart(one: BrowserContext, other: BrowserContext, urls: Collection[str]) -> None:
    """A visitor of several targets in one browser is somebody else at each, the same in a second tab, and nobody else's
    session in another browser is touched."""
    first, second, others = one.new_page(), one.new_page(), other.new_page()
    for url in urls:
        others.goto(f"{url}/login?username=Bob")
        first.goto(f"{url}/login?username=Ada at {url}")
        first.bring_to_front()
        MOUSE.press(first, "Count 0")
    for url in urls:
        second.goto(url)
        assert shown(second) == greeted(f"Ada at {url}", 1)
    second.bring_to_front()
    MOUSE.press(second, "Reset")
    first.reload()
    assert shown(first) == stranger(0)
    others.reload()
    assert shown(others) == greeted("Bob", 0)


def cookie(page: Page, url: str) -> str:
    """The browser has one cookie, with the attributes of SPEC.md, out of the reach of scripts; returns its name."""
    page.goto(f"{url}/login?username=Ada")
    first = cookies_of(page)
    assert [attributes(each) for each in first] == [{"path": "/", "httpOnly": True, "sameSite": "Lax"}]
    assert page.evaluate("document.cookie") == "", "a script can read it"
    assert page.evaluate("cookieStore.getAll()") == [], "a script can read it"
    name = str(first[0]["name"])
    page.evaluate("name => { document.cookie = `${name}=planted; path=/` }", name)
    MOUSE.press(page, "Log out")
    second = cookies_of(page)
    assert [attributes(each) for each in second] == [attributes(each) for each in first]
    assert second[0]["value"] not in {first[0]["value"], "planted"}, "log-out did not change it"
    return name


def attributes(cookie: dict[str, object]) -> dict[str, object]:
    return {key: cookie.get(key) for key in ("path", "httpOnly", "sameSite")}


def cookies_of(page: Page) -> list[dict[str, object]]:
    """Return the browser's cookies for a page as it tells them itself: Playwright says Lax where nothing was said."""
    devtools = page.context.new_cdp_session(page)
    return list(devtools.send("Network.getCookies")["cookies"])


class Elsewhere(Handler):
    """A page of somebody else, with a form that posts to where its query says: when pressed, or by `itself`."""

    def do_GET(self) -> None:  # noqa: N802 -- the base class calls it so
        query = parse_qs(urlsplit(self.path).query)
        script = "<script>document.forms[0].submit()</script>" if "itself" in query else ""
        action = escape(query["to"][0])
        fields = '<input name="username" value="Eve"><button>Win</button>'
        page = f'<!doctype html><link rel="icon" href="data:,"><form method="post" action="{action}">{fields}</form>'
        self.answer(200, (page + script).encode())


def another_origin(page: Page, url: str, elsewhere: str) -> None:
    """A form is refused with 403 and changes nothing: one of another port that is pressed, which the browser sends with
    the cookie, and one of another site that sends itself."""
    page.goto(f"{url}/login?username=Ada")
    before = page.context.cookies()
    page.goto(f"{elsewhere}/?{urlencode({'to': f'{url}/count'})}")
    pressed = MOUSE.press(page, "Win")
    assert answered(pressed) == (f"{url}/count", 403), "pressed"
    with page.expect_navigation(url=lambda there: there.startswith(url)) as navigation:
        itself = urlencode({"to": f"{url}/user/login", "itself": "yes"})
        page.goto(f"{elsewhere.replace('127.0.0.1', 'localhost')}/?{itself}", wait_until="commit")
    assert answered(navigation.value) == (f"{url}/user/login", 403), "by itself"
    assert page.context.cookies() == before, "the cookie is another one"
    page.goto(url)
    assert shown(page) == greeted("Ada", 0), "something was changed"


def answered(response: Response | None) -> tuple[str, int]:
    return (response.url, response.status) if response else ("", 0)


def back(context: BrowserContext, url: str, leave: str) -> None:
    """After a log-out, or a reset, no page behind the back button shows what it ended: each is as it is now."""
    context.request.post(f"{url}/count")
    context.request.get(f"{url}/visits")
    page = context.new_page()
    page.goto(f"{url}/login?username=Ada")
    page.goto(f"{url}/visits")
    page.goto(url)
    assert shown(page) == greeted("Ada", 1)
    MOUSE.press(page, leave)
    now, visits = AFTER[leave]
    assert shown(page) == now
    home = text_of(page)
    assert list(pages_behind(page)) == [home, visits, home]


def text_of(page: Page) -> str:
    return str(page.evaluate(TEXT))


def pages_behind(page: Page) -> Iterator[str]:
    """Go back step by step to the first page of a tab, and yield the text of each.

    By the browser's own protocol: Playwright does not notice a page that comes out of the back/forward cache.
    """
    devtools = page.context.new_cdp_session(page)
    history = devtools.send("Page.getNavigationHistory")
    for index in reversed(range(history["currentIndex"])):
        if history["entries"][index]["url"] != "about:blank":
            devtools.send("Page.navigateToHistoryEntry", {"entryId": history["entries"][index]["id"]})
            wait_until_at(devtools, index)
            yield str(evaluated(devtools, TEXT))


def wait_until_at(devtools: CDPSession, index: int) -> None:
    """Wait until an entry of the history is shown in whole."""
    end = time.monotonic() + BACK_SECONDS
    while time.monotonic() < end:
        with suppress(Error):  # between two pages there is none to ask
            there = devtools.send("Page.getNavigationHistory")["currentIndex"] == index
            if there and evaluated(devtools, "document.readyState") == "complete":
                return
    raise AssertionError(f"the browser did not go back to entry {index} in {BACK_SECONDS} s")


def evaluated(devtools: CDPSession, expression: str) -> object:
    return devtools.send("Runtime.evaluate", {"expression": expression})["result"].get("value")
