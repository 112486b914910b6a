"""The machine that a campaign runs on, and which of its CPUs each part has."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path

from bench.records import Machine

CPU_INFO = Path("/proc/cpuinfo")
FEWEST_TO_PIN = 2


def describe() -> Machine:
    """Say what the machine is; the app gets the first CPU, the generator the second, the store the third or the second.

    Where there is one alone, or the system does not pin, all have all.
    """
    cpus = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    pinned = len(cpus) >= FEWEST_TO_PIN
    return Machine(
        cpus=os.cpu_count() or 0,
        model=_model(),
        system=f"{platform.system()} {platform.release()}",
        memory_bytes=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        app_cpus=cpus[:1] if pinned else [],
        generator_cpus=cpus[1:2] if pinned else [],
        store_cpus=cpus[1:3][-1:] if pinned else [],
    )


def commit(root: Path) -> str:
    """Return the commit of a checkout, with "+" where files differ from it; "" where there is no git."""
    try:
        asked = ["git", "describe", "--always", "--dirty=+", "--abbrev=12", "--exclude=*"]
        done = subprocess.run(asked, cwd=root, capture_output=True, text=True, check=True)  # noqa: S603 -- git, as written
        return done.stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def _model() -> str:
    lines = CPU_INFO.read_text().splitlines() if CPU_INFO.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())
