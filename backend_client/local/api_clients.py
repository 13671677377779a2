"""Programs and their tokens: 256 random bits, shown once, kept as a hash."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from backend_client.access import ApiClient, NewApiClient
from backend_client.domain.caller import Caller, Entrance, Role
from backend_client.domain.names import name_key
from backend_client.domain.permissions import RUN_WORDS
from backend_client.domain.problems import Refused
from backend_client.domain.scopes import Scope, scope_of
from backend_client.local import ids
from backend_client.local.audit import Record
from backend_client.local.names import name_of
from backend_client.local.rows import fetch
from backend_client.local.times import from_us, maybe_from_us, maybe_us, to_us

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Row

    from backend_client.local.store import Store
    from backend_client.ports import Clock

MARK = "tw"
"""What a token begins with, so that one found somewhere is known for what it is."""
PREFIX_BYTES, SECRET_BYTES = 6, 32
LONGEST_TOKEN = 200
USED_EVERY = timedelta(minutes=1)
"""How exactly the last use is kept: writing it down for every request would cost more than it."""
_COLUMNS = (
    "id, name, token_prefix, token_hash, scope, made_by, created_at_us, expires_at_us, "
    "revoked_at_us, last_used_at_us"
)


class ApiClients:
    """Knows programs by their tokens; `channel` is what they give money back through."""

    def __init__(self, store: Store, clock: Clock, *, channel: str) -> None:
        self._store = store
        self._clock = clock
        self._channel = channel

    def caller_of(self, token: str, correlation_id: str) -> Caller:
        """The program a token belongs to.

        Raises Refused: `token-missing`, `token-unknown`, `token-revoked`, `token-expired`.
        """
        if not token:
            raise Refused("token-missing")
        row, now = self._found(token), self._clock.now()
        if row is None or not hmac.compare_digest(row.token_hash, _hashed(token)):
            raise Refused("token-unknown")
        if row.revoked_at_us is not None:
            raise Refused("token-revoked", client=row.name)
        if row.expires_at_us is not None and to_us(now) >= row.expires_at_us:
            ended = from_us(row.expires_at_us).isoformat()
            raise Refused("token-expired", client=row.name, at=ended)
        self._note_use(row, now)
        return Caller(
            operator=row.name,
            role=Role.CLIENT,
            desk="",
            channel=self._channel,
            entrance=Entrance.API,
            correlation_id=correlation_id,
            scope=scope_of(json.loads(row.scope)),
        )

    def _found(self, token: str) -> Row[Any] | None:
        mark, _, rest = token.partition("_")
        prefix, _, secret = rest.partition("_")
        if mark != MARK or not secret or not token.isascii() or len(token) > LONGEST_TOKEN:
            return None
        with self._store.read() as connection:
            rows = fetch(
                connection, f"SELECT {_COLUMNS} FROM api_client WHERE token_prefix = ?", prefix
            )
        return rows[0] if rows else None

    def _note_use(self, row: Row[Any], now: datetime) -> None:
        """A store that cannot be written to now is no reason to refuse a reader."""
        last = maybe_from_us(row.last_used_at_us)
        if self._store.read_only or (last is not None and now - last < USED_EVERY):
            return
        with suppress(Refused):
            self._store.write(
                lambda connection: connection.exec_driver_sql(
                    "UPDATE api_client SET last_used_at_us = ? WHERE id = ?", (to_us(now), row.id)
                ),
                label="token used",
            )

    def clients(self) -> tuple[ApiClient, ...]:
        """All of them, the revoked ones too, by name and age."""
        with self._store.read() as connection:
            rows = fetch(connection, f"SELECT {_COLUMNS} FROM api_client ORDER BY name_key, id")
        return tuple(map(_client, rows))

    def add(
        self, caller: Caller, name: str, scope: Scope, expires_at: datetime | None
    ) -> NewApiClient:
        """A client and its token, which nobody can read again."""
        name = name_of(name)
        runs = sorted(scope.words & RUN_WORDS)
        if runs and scope.is_partial:
            raise Refused("scope-contradicts", words=list(runs))
        prefix = secrets.token_hex(PREFIX_BYTES)
        token = f"{MARK}_{prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"
        now = self._clock.now()

        def job(connection: Connection) -> ApiClient:
            if _active(connection, name):
                raise Refused("client-known", name=name)
            if fetch(connection, "SELECT 1 FROM operator WHERE name_key = ?", name_key(name)):
                raise Refused("operator-known", name=name)
            connection.exec_driver_sql(
                "INSERT INTO api_client(id, name, name_key, token_prefix, token_hash, scope, "
                "made_by, created_at_us, expires_at_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    ids.take(connection, "api_client"),
                    name,
                    name_key(name),
                    prefix,
                    _hashed(token),
                    json.dumps(scope.told(), sort_keys=True),
                    caller.operator,
                    to_us(now),
                    maybe_us(expires_at),
                ),
            )
            told = {"prefix": prefix, "scope": scope.told(), "expires": str(expires_at or "")}
            self._store.audit.append(connection, caller, now, Record("client_added", name, told))
            return _client(_active(connection, name)[0])

        return NewApiClient(self._store.write(job, label="add client"), token)

    def revoke(self, caller: Caller, name: str) -> ApiClient:
        """Its token is refused from now on."""
        now = self._clock.now()

        def job(connection: Connection) -> ApiClient:
            found = _active(connection, name)
            if not found:
                raise Refused("client-unknown", name=name)
            connection.exec_driver_sql(
                "UPDATE api_client SET revoked_at_us = ? WHERE id = ?", (to_us(now), found[0].id)
            )
            told = Record("client_revoked", found[0].name, {"prefix": found[0].token_prefix})
            self._store.audit.append(connection, caller, now, told)
            rows = fetch(connection, f"SELECT {_COLUMNS} FROM api_client WHERE id = ?", found[0].id)
            return _client(rows[0])

        return self._store.write(job, label="revoke client")


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _active(connection: Connection, name: str) -> list[Row[Any]]:
    return list(
        fetch(
            connection,
            f"SELECT {_COLUMNS} FROM api_client WHERE name_key = ? AND revoked_at_us IS NULL",
            name_key(name),
        )
    )


def _client(row: Row[Any]) -> ApiClient:
    return ApiClient(
        name=row.name,
        prefix=row.token_prefix,
        scope=scope_of(json.loads(row.scope)),
        made_by=row.made_by,
        created_at=from_us(row.created_at_us),
        expires_at=maybe_from_us(row.expires_at_us),
        revoked_at=maybe_from_us(row.revoked_at_us),
        last_used_at=maybe_from_us(row.last_used_at_us),
    )
