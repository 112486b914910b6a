"""Flask-Session's server-side sessions, made safe: lazy, strict about ids, and never bringing back the dead."""

from __future__ import annotations

import hashlib
import time
from datetime import timedelta

from flask import Flask, Request, request
from flask_session.base import ServerSideSessionInterface
from itsdangerous import BadSignature, Signer
from werkzeug.exceptions import Conflict
from werkzeug.wrappers import Response

from app.configuration import Configuration
from app.hardened.lazy_session import Record, Session
from app.hardened.session_cookie import SessionCookie, keep_private
from app.hardened.store import Store


def signer(secrets: list[str]) -> Signer:
    """Make a signer whose keys are derived once, and not for every cookie."""
    derive = Signer(secrets, salt="same-session.id", key_derivation="hmac", digest_method=hashlib.sha256).derive_key
    keys = [derive(secret) for secret in reversed(secrets)]  # itsdangerous wants the newest last
    return Signer(keys, key_derivation="none", digest_method=hashlib.sha256)


class ServerSessions(ServerSideSessionInterface):
    """Sessions in a store; the client has the signed id."""

    def __init__(self, app: Flask, configuration: Configuration, store: Store) -> None:
        super().__init__(app)
        self.store = store
        self.idle = timedelta(seconds=configuration.session_idle_seconds)
        self.absolute = configuration.session_absolute_seconds
        self.cookie = SessionCookie.of(configuration)
        self.signer = signer(configuration.secrets)

    def open_session(self, app: Flask, request: Request) -> Session:
        """Take the id from the cookie where we signed it; read nothing yet."""
        try:
            sid = self.signer.unsign(self.cookie.sent(request)).decode()
        except BadSignature:
            return Session(None, self._retrieve_session_data)
        return Session(sid, self._retrieve_session_data)

    def save_session(self, app: Flask, session: Session, response: Response) -> None:
        """Save what a successful request changed, and tell the client of a new id."""
        if session.used:
            keep_private(response)
        if request.method == "HEAD" or response.status_code >= 400:
            return
        if session.destroyed:
            if session.sid:
                self._delete_session(session.sid)
            if self.cookie.name in request.cookies:
                self.cookie.delete(response)
        elif session.dirty and (session.sid or session.data):
            before = session.sid
            self._upsert_session(self.idle, session, before or "")
            if session.sid and session.sid != before:
                age = int(time.time() - session.created)
                self.cookie.set(response, self.signer.sign(session.sid).decode(), self.absolute - age)

    def _retrieve_session_data(self, store_id: str) -> Record | None:
        """Read a live session; the absolute timeout is checked here, since its configuration may have changed."""
        record = self.store.read(store_id)
        return record if record and abs(record.age) < self.absolute else None

    def _upsert_session(self, session_lifetime: timedelta, session: Session, store_id: str) -> None:
        """Create a session, or change one that is still there, under a new id if it is to have one."""
        if not session.sid or session.rotated:
            session.sid = self._generate_sid(self.sid_length)
        if not store_id:
            session.created = time.time()
            self.store.create(session.sid, session.data)
        elif not self.store.change(store_id, session):
            raise Conflict  # ended meanwhile by another request: saving would bring it back

    def _delete_session(self, store_id: str) -> None:
        self.store.delete(store_id)
