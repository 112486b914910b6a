"""Checks the types of each implementation in its own environment. `make lint` runs it as a program."""

from __future__ import annotations

import asyncio
import subprocess
import sys

from targets import manifest, surroundings
from tests.running import ROOT


def main() -> int:
    """Run mypy on each implementation; returns the number of those that fail."""
    failures = 0
    implementations = {target.folder: target for target in manifest.find(ROOT) if target.environment == "python"}
    for folder, target in implementations.items():
        binaries = asyncio.run(surroundings.make(ROOT, target, print))
        print(f"mypy impls/{folder.name}: ", end="", flush=True)
        options = ["--config-file", str(ROOT / "impls" / "mypy.ini"), "--python-executable", str(binaries / "python")]
        failures += (
            subprocess.run([sys.executable, "-m", "mypy", *options, "app"], cwd=folder, check=False).returncode != 0
        )
    return failures


if __name__ == "__main__":
    sys.exit(main())
