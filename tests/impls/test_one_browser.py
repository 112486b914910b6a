"""All targets open in one browser: cookies are shared across ports, so that names must differ (RFC 6265bis, 8.5)."""

from __future__ import annotations

from conformance.client import Client
from conformance.visitor import JSON, Visitor
from tests.running import running


def test_all_targets_in_one_browser_leave_each_other_alone() -> None:
    with running("*") as (_, urls):
        jar: dict[str, str] = {}
        browsers = {name: Visitor(Client(url)) for name, url in urls.items()}
        for number, browser in enumerate(browsers.values(), 1):
            browser.cookies = jar
            browser.count(number).log_in(f"visitor {number}")
        last = list(browsers)[-1]
        browsers[last].post("/reset")
        seen = {name: browser.get("/", headers=JSON).json() for name, browser in browsers.items()}
    expected = {
        name: {"count": number, "username": f"visitor {number}"}
        for number, name in enumerate(browsers, 1)
        if name != last
    }
    assert seen == expected | {last: {"count": 0, "username": None}}
