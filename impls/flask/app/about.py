"""What is running here: each part with its version as this process finds it."""

from __future__ import annotations

import platform
from collections.abc import Callable
from importlib.metadata import version

from werkzeug.exceptions import ServiceUnavailable

from app.configuration import Configuration

IMPLEMENTATION_VERSION = "1.0.0"


def about(configuration: Configuration, store_version: Callable[[], str]) -> dict[str, dict[str, str]]:
    """Return the parts of this target, each as a name and a version."""
    try:
        store = store_version()
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
