"""Sessions in the cookie itself, signed: nothing can be revoked, and of parallel changes the last one wins."""

from __future__ import annotations

import hashlib

from itsdangerous import BadData, URLSafeTimedSerializer

from app.configuration import Configuration
from app.hardened.session import Change, Data


class CookieStore:
    """Signs sessions as JSON with the newest secret, reads them with all; they die `idle` seconds after a write."""

    def __init__(self, configuration: Configuration) -> None:
        self.idle = configuration.session_idle_seconds
        self.serializer = URLSafeTimedSerializer(
            configuration.secrets[::-1],  # itsdangerous wants the newest last
            salt="same-session.cookie",
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    def read(self, token: str) -> Data | None:
        try:
            data = self.serializer.loads(token, max_age=self.idle)
        except BadData:
            return None
        return data if isinstance(data, dict) else None

    def create(self, data: Data) -> str:
        return self.serializer.dumps(data)

    def change(self, token: str, change: Change, data: Data) -> str:
        return self.create(data)

    def delete(self, token: str) -> None:
        """Do nothing: a copy of the cookie lives until it expires."""
