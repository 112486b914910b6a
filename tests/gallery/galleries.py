"""A gallery of a test's own, served by the real server, and what is on its page."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from selectolax.lexbor import LexborHTMLParser, LexborNode

from conformance.client import FORM, Client, Response
from conformance.visitor import Visitor
from gallery import as_process
from targets import ports
from targets.readiness import wait_until_ready
from tests.running import ROOT, in_a_thread

COOKIE = "gallery-of-a-test"


def listed(name: str, reach: str, *, store: str = "redis", edition: str = "hardened") -> dict[str, str]:
    """Return a target as `gallery.listing` writes it down."""
    made_by = {"implementation": "mini", "framework": "Mini 1.0", "library": "Mini-Session 2.0"}
    return {"name": name, "store": store, "edition": edition, "url": reach, "reach": reach, **made_by}


def write(folder: Path, targets: Sequence[dict[str, str]]) -> None:
    (folder / "targets.json").write_text(json.dumps(targets))


@contextmanager
def serving(folder: Path, targets: Sequence[dict[str, str]]) -> Iterator[str]:
    """Serve a gallery whose list and report are in a folder; yields its base URL."""
    write(folder, targets)
    port = ports.free()
    url = f"http://127.0.0.1:{port}"
    settings = {"PORT": str(port), "COOKIE_NAME": COOKIE, "TARGETS_FILE": f"{folder}/targets.json"}
    with subprocess.Popen(
        [str(in_a_thread(lambda: as_process.environment_of(ROOT, print)) / "python"), "-m", "app"],
        cwd=ROOT / "gallery",
        env={"PATH": "/usr/bin:/bin", "REPORT_FOLDER": f"{folder}/report", **settings},
    ) as process:

        def running() -> str:
            return "running" if process.poll() is None else "ended"

        try:
            in_a_thread(lambda: asyncio.run(wait_until_ready(url, running, as_process.READY_SECONDS)))
            yield url
        finally:
            process.terminate()


def visitor(url: str) -> Visitor:
    return Visitor(Client(url))


def press(
    who: Visitor, button: str, *targets: str, name: str = "Ada", headers: dict[str, str] | None = None
) -> Response:
    """Press a button as the page's form does."""
    fields = [("press", button), ("name", name), *(("target", target) for target in targets)]
    return who.post("/press", body=urlencode(fields).encode(), headers={"Content-Type": FORM, **(headers or {})})


class Page:
    """The gallery's page, read as a browser reads it."""

    def __init__(self, response: Response) -> None:
        assert response.status == 200, response.text
        self.text = response.text
        self.tree = LexborHTMLParser(response.text)

    def state(self, target: str) -> str:
        """Return how a target is said to be."""
        return words(self.tree.css_first(f"#state-{target} .state"))

    def checked(self) -> set[str]:
        """Return the targets whose boxes are checked."""
        return {str(box.attributes["value"]) for box in self.tree.css("input[type=checkbox][checked]")}

    def answers(self) -> dict[str, dict[str, str]]:
        """Return the answers: each target's cells by the column's name, or the problem under the key `problem`."""
        return {
            words(row.css_first("th")).split()[0]: {
                str(cell.attributes.get("data-label") or "problem"): words(cell) for cell in row.css("td")
            }
            for row in self.tree.css("tbody tr")
        }

    def odd(self) -> set[tuple[str, str]]:
        """Return target and column of the cells that are marked."""
        return {
            (words(row.css_first("th")).split()[0], str(cell.attributes["data-label"]))
            for row in self.tree.css("tbody tr")
            for cell in row.css("td.odd")
        }

    @property
    def verdict(self) -> str:
        """What is said of all answers together."""
        return words(self.tree.css_first("section[aria-labelledby=answers] strong"))


def page(who: Visitor, path: str = "/") -> Page:
    return Page(who.get(path))


def words(node: LexborNode | None) -> str:
    assert node
    return " ".join(node.text().split())
