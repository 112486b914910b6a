"""Checks the types of each implementation and of the gallery, each in its own environment: part of `make lint`."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from gallery import as_process
from targets import manifest, surroundings
from tests.running import ROOT


def main() -> int:
    """Run mypy on each; returns the number of those that fail."""
    implementations = {target.folder: target for target in manifest.find(ROOT) if target.environment == "python"}
    binaries = {
        folder: asyncio.run(surroundings.make(ROOT, target, print)) for folder, target in implementations.items()
    }
    binaries[ROOT / "gallery"] = as_process.environment_of(ROOT, print)
    return sum(not check(folder, each / "python") for folder, each in binaries.items())


def check(folder: Path, python: Path) -> bool:
    """Run mypy on the app in a folder with what is installed beside that interpreter."""
    print(f"mypy {folder.relative_to(ROOT)}: ", end="", flush=True)
    options = ["--config-file", str(ROOT / "impls" / "mypy.ini"), "--python-executable", str(python)]
    return subprocess.run([sys.executable, "-m", "mypy", *options, "app"], cwd=folder, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
