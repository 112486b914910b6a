"""Flask-Session's Redis sessions, made safe: lazy, strict about ids, atomic, and never bringing back the dead."""

from __future__ import annotations

import hashlib
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import redis
from flask import Flask, Request, request
from flask_session.base import ServerSideSessionInterface
from itsdangerous import BadSignature, Signer
from redis.backoff import NoBackoff
from redis.retry import Retry
from werkzeug.exceptions import Conflict, ServiceUnavailable
from werkzeug.wrappers import Response

from app.configuration import Configuration
from app.hardened.lazy_session import Data, Session
from app.hardened.session_cookie import SessionCookie, keep_private

STORE_TIMEOUT_SECONDS = 0.5
CREATED = "_created"


def connect(url: str) -> redis.Redis:
    """Make a client that gives up soon and never repeats a command, since a count may not be added twice."""
    return redis.Redis.from_url(
        url,
        socket_timeout=STORE_TIMEOUT_SECONDS,
        socket_connect_timeout=STORE_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


class RedisSessions(ServerSideSessionInterface):
    """Sessions as Redis hashes, a field a key, each value as JSON."""

    def __init__(self, app: Flask, configuration: Configuration) -> None:
        super().__init__(app)
        self.client = connect(configuration.store_url)
        self.update = self.client.register_script(Path(__file__).with_name("update.lua").read_text())
        self.idle = configuration.session_idle_seconds
        self.absolute = configuration.session_absolute_seconds
        self.cookie = SessionCookie.of(configuration)
        self.signer = Signer(
            configuration.secrets[::-1],  # itsdangerous wants the newest last
            salt="same-session.id",
            key_derivation="hmac",
            digest_method=hashlib.sha256,
        )

    def open_session(self, app: Flask, request: Request) -> Session:
        """Take the id from the cookie where we signed it; read nothing yet."""
        try:
            sid = self.signer.unsign(request.cookies.get(self.cookie.name, "")).decode()
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
            self._upsert_session(timedelta(seconds=self.idle), session, before or "")
            if session.sid and session.sid != before:
                age = int(time.time()) - session.data[CREATED]
                self.cookie.set(response, self.signer.sign(session.sid).decode(), self.absolute - age)

    def _retrieve_session_data(self, store_id: str) -> Data | None:
        """Read a live session and let its idle timeout start again: one round trip."""
        key = self._get_store_id(store_id)
        with self.client.pipeline(transaction=False) as commands:
            commands.hgetall(key)
            commands.expire(key, self.idle)  # a store that is read-only refuses this alone
            fields, _ = self._ask(commands.execute, raise_on_error=False)
        try:
            data = {name.decode(): msgspec.json.decode(value) for name, value in fields.items()}
            alive = time.time() < data[CREATED] + self.absolute
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError):  # nothing there, or not written by us
            return None
        return data if alive else None

    def _upsert_session(self, session_lifetime: timedelta, session: Session, store_id: str) -> None:
        """Create a session, or change one that is still there, under a new id if it is to have one."""
        if not session.sid or session.rotated:
            session.sid = self._generate_sid(self.sid_length)
        key = self._get_store_id(session.sid)
        if not store_id:
            session.data[CREATED] = int(time.time())
            fields: Any = {name: msgspec.json.encode(value) for name, value in session.data.items()}
            with self.client.pipeline() as commands:
                commands.hset(key, mapping=fields)
                commands.expire(key, session_lifetime)
                self._ask(commands.execute)
            return
        changed = {name: msgspec.json.encode(value).decode() for name, value in session.changed.items()}
        changes = msgspec.json.encode([changed, list(session.deleted), session.added])
        if not self._ask(self.update, [self._get_store_id(store_id), key], [self.idle, changes]):
            raise Conflict  # ended meanwhile by another request: saving would bring it back

    def _delete_session(self, store_id: str) -> None:
        self._ask(self.client.delete, self._get_store_id(store_id))

    def _ask(self, command: Any, *arguments: Any, **options: Any) -> Any:
        """Run a command; a store that does not answer, or that refuses to write, is a 503."""
        try:
            return command(*arguments, **options)
        except redis.RedisError:
            raise ServiceUnavailable(retry_after=1) from None
