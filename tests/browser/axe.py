"""axe-core in a page: what it finds wrong for those who see little, use a screen reader, or have no mouse."""

from __future__ import annotations

import asyncio
from pathlib import Path

from playwright.sync_api import Page

from targets import node_environment
from targets.checkout import made
from tests.running import ROOT, in_a_thread

FOLDER = Path(__file__).parent


def installed() -> str:
    """Install what package-lock.json names, and return axe-core's program; raises `CannotStart`."""
    environments = made(ROOT) / "venvs"
    environments.mkdir(parents=True, exist_ok=True)
    in_a_thread(lambda: asyncio.run(node_environment.make(FOLDER, environments, lambda _text: None)))
    return (FOLDER / "node_modules/axe-core/axe.min.js").read_text()


def violations(page: Page, program: str) -> list[str]:
    """Run all of its rules on a page as it is now, and return a line for each element that breaks one."""
    page.evaluate(program)
    found = page.evaluate("axe.run().then(result => result.violations)")
    return [f"{rule['id']}: {rule['help']}: {node['html']}" for rule in found for node in rule["nodes"]]
