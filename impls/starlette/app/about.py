"""What is running here: each part with its version as this process finds it."""

from __future__ import annotations

import platform
from importlib.metadata import version

from redis.exceptions import RedisError

from app.configuration import Configuration
from app.problems import StoreUnavailable
from app.redis_client import connect

IMPLEMENTATION_VERSION = "1.0.0"


async def store_version(configuration: Configuration) -> str:
    """Ask the store for its version; raises `StoreUnavailable` where it does not reply."""
    if configuration.store == "cookie":
        return version("itsdangerous")
    try:
        async with connect(configuration.store_url) as client:
            return str((await client.info("server"))["redis_version"])
    except RedisError:
        raise StoreUnavailable from None


async def about(configuration: Configuration) -> dict[str, dict[str, str]]:
    """Return the parts of this target, each as a name and a version."""
    try:
        store = await store_version(configuration)
    except StoreUnavailable:
        store = "unknown"
    return {
        "implementation": {"name": "starlette", "version": IMPLEMENTATION_VERSION},
        "framework": {"name": "Starlette", "version": version("starlette")},
        "library": {"name": "Starlette", "version": version("starlette")},  # its sessions, or their seam
        "store": {"name": configuration.store, "version": store},
        "edition": {"name": configuration.edition, "version": IMPLEMENTATION_VERSION},
        "server": {"name": "Granian", "version": version("granian")},
        "language": {"name": "Python", "version": platform.python_version()},
    }
