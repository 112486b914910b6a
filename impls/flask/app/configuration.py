"""What the environment says: the same variables for every implementation (SPEC.md, Configuration)."""

from __future__ import annotations

import os
from typing import Annotated, Literal

import msgspec

STOCK = ("redis", "sqlite")  # the stores of the stock edition
SecondsOrMore = Annotated[int, msgspec.Meta(ge=1)]


class ConfigurationError(Exception):
    """A variable is missing or wrong; the message names it."""


class Configuration(msgspec.Struct, frozen=True, rename="upper"):
    """The app's settings. Durations are whole seconds."""

    store_url: Annotated[str, msgspec.Meta(pattern=r"^(redis://.+|sqlite:///.+|postgresql://.+|cookie:)$")]
    session_secrets: str
    session_idle_seconds: SecondsOrMore = 1800
    session_absolute_seconds: SecondsOrMore = 43200
    session_cookie_name: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_.-]+$")] = "sid"
    session_cookie_secure: bool = False
    edition: Literal["hardened", "stock"] = "hardened"
    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 8000
    workers: Annotated[int, msgspec.Meta(ge=1)] = 1
    probes: bool = False

    @property
    def secrets(self) -> list[str]:
        """The signing secrets, newest first."""
        return self.session_secrets.split(",")

    @property
    def store(self) -> str:
        """The kind of store: `redis`, `sqlite`, `postgres` or `cookie`."""
        return self.store_url.partition(":")[0].replace("postgresql", "postgres")


def from_environment() -> Configuration:
    """Read the configuration; raises `ConfigurationError` in one line that names the variable."""
    try:
        configuration = msgspec.convert(dict(os.environ), Configuration, strict=False)
    except msgspec.ValidationError as error:
        problem, _, variable = str(error).partition(" - at `$.")
        raise ConfigurationError(f"{variable.rstrip('`')}: {problem}" if variable else problem) from None
    if configuration.edition == "stock" and configuration.store not in STOCK:
        raise ConfigurationError(f"EDITION: the stock edition is there for {' and '.join(STOCK)} alone")
    if any(len(secret.encode()) < 32 for secret in configuration.secrets):
        raise ConfigurationError("SESSION_SECRETS: every secret needs 32 bytes or more")
    return configuration
