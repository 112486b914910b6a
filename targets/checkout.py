"""A checkout among others on the same machine: its identity, its folder for what is made, its secrets."""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path

SECRET_BYTES = 32


def identity(root: Path) -> str:
    """Return 8 hexadecimal digits that differ from those of every other checkout here."""
    return hashlib.sha256(str(root.resolve()).encode()).hexdigest()[:8]


def made(root: Path) -> Path:
    """Return the folder, ignored by git, of environments, secrets and logs."""
    return root / ".run"


def signing_secret(root: Path, target: str) -> str:
    """Return the secret that a target signs with, in a file that compose reads too."""
    return _secret(root, target, "SESSION_SECRETS")


def store_password(root: Path) -> str:
    """Return the password of the apps at the stores of `make up` and of runs."""
    return _secret(root, "store", "STORE_PASSWORD")


def _secret(root: Path, name: str, variable: str) -> str:
    """Return a secret, made at its first use and kept in a file that only its owner can read."""
    path = made(root) / "secrets" / f"{name}.env"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        draft.touch(0o600)
        draft.write_text(f"{variable}={secrets.token_hex(SECRET_BYTES)}\n")
        with suppress(FileExistsError):  # another run was first
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_text().strip().partition("=")[2]
