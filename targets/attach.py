"""Control of a target that a runtime has started, in this process or in another: found by name and place."""

from __future__ import annotations

from pathlib import Path

from targets.control import Control, OutOfReach
from targets.manifest import Target


def attach(runtime_name: str, where: str, target: Target | None, root: Path) -> Control:
    """Return the hand on a target; `where` is what its `Runtime` says. Raises `OutOfReach` where there is none."""
    if not target or runtime_name not in {"docker", "process"}:
        raise OutOfReach("the app is run by somebody else: its settings and its store are not ours to change")
    if runtime_name == "docker":
        from targets.docker_control import DockerControl  # noqa: PLC0415 -- the engine's SDK is slow to import

        return DockerControl(where, target)
    from targets.process_control import ProcessControl  # noqa: PLC0415 -- nor does docker need its own

    return ProcessControl(Path(where), target, root)
