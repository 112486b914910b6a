"""Sessions in the signed cookie itself, so that nothing can be revoked, and of parallel changes the last one wins."""

from __future__ import annotations

import hashlib
from contextlib import AbstractAsyncContextManager, nullcontext

from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.exceptions import HTTPException

from app.configuration import Configuration
from app.hardened.lazy_session import Data, LazySession

LARGEST_COOKIE = 4096  # name and value together: RFC 6265bis, 5.6


class CookieStore:
    """Keeps nothing. A cookie dies `idle` seconds after it was written; its "id" is the cookie."""

    def __init__(self, configuration: Configuration) -> None:
        self.name = configuration.session_cookie_name
        self.idle = configuration.session_idle_seconds
        self.serializer = URLSafeTimedSerializer(
            configuration.secrets[::-1],  # itsdangerous wants the newest last
            salt="same-session.cookie",
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    def running(self) -> AbstractAsyncContextManager[object]:
        return nullcontext()

    def identify(self, cookie: str) -> str | None:
        return cookie

    async def read(self, sid: str) -> Data | None:
        try:
            data = self.serializer.loads(sid, max_age=self.idle)
        except BadData:  # not ours, too old, or no JSON
            return None
        return data if isinstance(data, dict) else None

    async def write(self, session: LazySession) -> str | None:
        """Return the session as a cookie; raises 413 where browsers would drop it."""
        value = self.serializer.dumps(session.data)
        if len(self.name) + len(value) > LARGEST_COOKIE:
            raise HTTPException(413)
        return str(value)

    async def delete(self, sid: str) -> None:
        """Do nothing: a copy of the cookie lives until it expires."""
