"""What is running here: each part with its version as this process finds it."""

from __future__ import annotations

import platform
from importlib.metadata import version

from app.configuration import Configuration
from app.problems import StoreUnavailable
from app.store_client import client_of

IMPLEMENTATION_VERSION = "1.0.0"


async def store_version(configuration: Configuration) -> str:
    """Ask the store for its version; raises `StoreUnavailable` where it does not reply."""
    if configuration.store == "cookie":
        return version("itsdangerous")
    return await client_of(configuration.store).version(configuration.store_url)


async def about(configuration: Configuration, library: str) -> dict[str, dict[str, str]]:
    """Return the parts of this target, each as a name and a version."""
    try:
        store = await store_version(configuration)
    except StoreUnavailable:
        store = "unknown"
    return {
        "implementation": {"name": "starlette", "version": IMPLEMENTATION_VERSION},
        "framework": {"name": "Starlette", "version": version("starlette")},
        "library": {"name": library, "version": version(library)},
        "store": {"name": configuration.store, "version": store},
        "edition": {"name": configuration.edition, "version": IMPLEMENTATION_VERSION},
        "server": {"name": "Granian", "version": version("granian")},
        "language": {"name": "Python", "version": platform.python_version()},
    }
