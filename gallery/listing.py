"""Writes down for the gallery which targets there are, and where: `.run/gallery/targets.json`."""

from __future__ import annotations

import asyncio
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from targets import manifest
from targets.__main__ import Standing
from targets.checkout import made
from targets.manifest import Target
from targets.readiness import NoAnswer, get

APP_PORT = 8000  # of every app in its container


class Listed(msgspec.Struct, frozen=True):
    """A target as the gallery reads it. `url` is for a browser, `reach` for the gallery; "" where it does not run."""

    name: str
    implementation: str
    framework: str
    library: str
    store: str
    edition: str
    url: str
    reach: str


class Part(msgspec.Struct, frozen=True):
    """A part of a running target."""

    name: str
    version: str

    def __str__(self) -> str:
        """Return both as one text."""
        return f"{self.name} {self.version}"


class About(msgspec.Struct, frozen=True):
    """What a running target tells of itself, as far as the gallery shows it."""

    framework: Part
    library: Part


DECODER = msgspec.json.Decoder(About)


def folder(root: Path) -> Path:
    """Return the folder of the list. A container is given the folder, since it would keep a file that was replaced."""
    return made(root) / "gallery"


def report(root: Path) -> Path:
    """Return the folder that `make report` writes."""
    return made(root) / "report"


def write(root: Path, runtime: Standing) -> None:
    """Write the list in one step. Everybody may read it: in its container the gallery is a user of its own."""
    for each in (folder(root), report(root)):
        each.mkdir(parents=True, exist_ok=True)
        each.chmod(0o755)
    targets = manifest.find(root)
    urls = {target.name: runtime.url(target.name) for target in targets}
    abouts = asyncio.run(_abouts({name: url for name, url in urls.items() if url}))
    frameworks = {target.implementation: _framework(target) for target in targets} | {
        target.implementation: str(abouts[target.name].framework) for target in targets if target.name in abouts
    }
    listed = [
        Listed(
            name=target.name,
            implementation=target.implementation,
            framework=frameworks[target.implementation],
            library=str(abouts[target.name].library) if target.name in abouts else "",
            store=target.store,
            edition=target.edition,
            url=(url := urls[target.name]),
            reach=f"http://{target.name}:{APP_PORT}" if url and runtime.name == "docker" else url,
        )
        for target in targets
    ]
    draft = folder(root) / f"targets.{os.getpid()}"
    draft.write_bytes(msgspec.json.encode(listed))
    draft.chmod(0o644)
    draft.replace(folder(root) / "targets.json")


def _framework(target: Target) -> str:
    """Return the framework's name by the manifest, which does not know its version."""
    return str(tomllib.loads(target.manifest.read_text())["framework"])


async def _abouts(urls: Mapping[str, str]) -> dict[str, About]:
    """Return what targets tell of themselves, without those that do not."""
    told = await asyncio.gather(*map(_about, urls.values()))
    return {name: about for name, about in zip(urls, told, strict=True) if about}


async def _about(url: str) -> About | None:
    try:
        return DECODER.decode((await get(url, "/about"))[1])
    except (NoAnswer, msgspec.DecodeError):
        return None
