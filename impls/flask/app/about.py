"""What is running here: each part with its version as this process finds it."""

from __future__ import annotations

import platform
from importlib.metadata import version

import redis
from werkzeug.exceptions import ServiceUnavailable

from app.configuration import Configuration
from app.hardened.redis_store import connect

IMPLEMENTATION_VERSION = "1.0.0"


def store_version(configuration: Configuration) -> str:
    """Ask the store for its version; answers 503 where it does not reply."""
    if configuration.store == "cookie":
        return version("itsdangerous")
    try:
        with connect(configuration.store_url) as client:
            return str(client.info("server")["redis_version"])
    except redis.RedisError:
        raise ServiceUnavailable(retry_after=1) from None


def about(configuration: Configuration) -> dict[str, dict[str, str]]:
    """Return the parts of this target, each as a name and a version."""
    try:
        store = store_version(configuration)
    except ServiceUnavailable:
        store = "unknown"
    library = "Flask" if configuration.store == "cookie" else "Flask-Session"
    return {
        "implementation": {"name": "flask", "version": IMPLEMENTATION_VERSION},
        "framework": {"name": "Flask", "version": version("flask")},
        "library": {"name": library, "version": version(library)},
        "store": {"name": configuration.store, "version": store},
        "edition": {"name": configuration.edition, "version": IMPLEMENTATION_VERSION},
        "server": {"name": "Granian", "version": version("granian")},
        "language": {"name": "Python", "version": platform.python_version()},
    }
