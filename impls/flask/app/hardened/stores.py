"""Finds the store that is configured; the drivers of the others are not even imported."""

from __future__ import annotations

from importlib import import_module

from app.configuration import Configuration
from app.hardened.store import Store

CLASSES = {"redis": "RedisStore", "sqlite": "SqliteStore", "postgres": "PostgresStore"}


def store_class(configuration: Configuration) -> type[Store]:
    """Return the class of the configured store."""
    module = import_module(f"app.hardened.{configuration.store}_store")
    store: type[Store] = getattr(module, CLASSES[configuration.store])
    return store
