"""Flask-Session on Redis."""

from __future__ import annotations

import redis
from flask import Flask

from app.configuration import Configuration
from app.hardened.redis_store import RedisStore

prepare = RedisStore.prepare


def configure(app: Flask, configuration: Configuration) -> None:
    """Tell Flask-Session of Redis, as its quick start does."""
    app.config["SESSION_TYPE"] = "redis"
    app.config["SESSION_REDIS"] = redis.Redis.from_url(configuration.store_url)
