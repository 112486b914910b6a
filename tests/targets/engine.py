"""Checkouts whose implementations have services, and what they leave in the engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import docker as sdk

from targets import docker
from targets.checkout import identity
from tests.targets import miniatures

DOCKERFILE = """
FROM python:3.13-slim
ENV HOST=0.0.0.0 PORT=8000 EDITION=hardened STORE_URL=cookie: PID_FILE=/dev/null
COPY app.py .
RUN {build}
CMD ["python", "app.py"]
"""
SERVICE = """
  {name}:
    image: same-session-${{CHECKOUT}}/{name}
    build: {{context: impls/{name}, labels: {{com.same-session.checkout: "${{CHECKOUT}}"}}}}
    init: true
    ports: ["127.0.0.1::8000"]
    labels: &labels
      com.same-session.checkout: ${{CHECKOUT}}
      com.same-session.pid: ${{RUN_PID}}
      com.same-session.since: ${{RUN_SINCE}}
    volumes: ["data:/data"]
"""


def add(root: Path, name: str, program: str = miniatures.WORKS, build: str = "true") -> None:
    folder = miniatures.add(root, name, program)
    (folder / "Dockerfile").write_text(DOCKERFILE.format(build=build))
    compose = root / "compose.yaml"
    if not compose.exists():
        compose.write_text("volumes: {data: }\nservices:\n")
    compose.write_text(compose.read_text() + SERVICE.format(name=name).replace("&labels", ""))


def silent(_name: str, _text: str) -> None:
    pass


def traces(root: Path) -> list[Any]:
    """Return what a checkout has in the engine."""
    engine = sdk.from_env()
    ours = f"same-session-{identity(root)}"
    found = [
        *engine.containers.list(all=True, filters={"name": ours}),
        *engine.networks.list(filters={"name": ours}),
        *engine.volumes.list(filters={"name": ours}),
    ]
    engine.close()
    return found


@contextmanager
def clean(root: Path) -> Iterator[Path]:
    """Check that a checkout leaves nothing but images in the engine, and remove those."""
    yield root
    assert traces(root) == []
    engine = sdk.from_env()
    images = engine.images.list(filters={"label": f"{docker.CHECKOUT}={identity(root)}"})
    for image in images:
        engine.images.remove(str(image.id), force=True)
    engine.close()
    assert all(image.tags for image in images)  # a build that another replaced is removed at once
