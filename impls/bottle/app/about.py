"""What is running here: each part with its version as this process finds it."""

from __future__ import annotations

import platform
from importlib.metadata import version

from app.configuration import Configuration
from app.errors import NoAnswer
from app.stores import Client

IMPLEMENTATION_VERSION = "1.0.0"


def about(configuration: Configuration, client: Client) -> dict[str, dict[str, str]]:
    """Return the parts of this target, each as a name and a version."""
    try:
        store = client.version()
    except NoAnswer:
        store = "unknown"
    return {
        "implementation": {"name": "bottle", "version": IMPLEMENTATION_VERSION},
        "framework": {"name": "Bottle", "version": version("bottle")},
        "library": {"name": "Beaker", "version": version("beaker")},
        "store": {"name": configuration.store, "version": store},
        "edition": {"name": configuration.edition, "version": IMPLEMENTATION_VERSION},
        "server": {"name": "Granian", "version": version("granian")},
        "language": {"name": "Python", "version": platform.python_version()},
    }
