"""How an app runs as a local process: its environment, its settings, its start."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from targets.checkout import signing_secret
from targets.manifest import Target
from targets.processes import Processes
from targets.running import CannotStart


def settings(root: Path, target: Target, *, store_url: str, port: int, probes: bool) -> dict[str, str]:
    """Return what SPEC.md, Configuration lists, as a run gives it to a target."""
    return {
        "STORE_URL": store_url,
        "SESSION_SECRETS": signing_secret(root, target.name),
        "SESSION_COOKIE_NAME": f"{target.name}-sid",
        "EDITION": target.edition,
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "WORKERS": "1",
        "PROBES": str(int(probes)),
    }


def launch(
    processes: Processes,
    name: str,
    target: Target,
    binaries: Path,
    given: Mapping[str, str],
    *,
    port: int,
    database: int | None = None,
    output: int | None = None,
) -> str:
    """Start the app of a target under a name, and return its base URL; raises `CannotStart`."""
    url = f"http://127.0.0.1:{port}"
    surroundings = {
        "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(Path.home()),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
    }
    try:
        processes.launch(
            name,
            target.command,
            folder=target.folder,
            environment={**surroundings, **given},
            url=url,
            database=database,
            output=output,
        )
    except OSError as error:
        raise CannotStart(f"command: {target.command[0]}: {error.strerror}") from None
    return url
