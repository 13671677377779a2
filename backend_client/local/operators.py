"""Operators of the store: who signs in with which PIN, and how often a wrong one was tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from backend_client.access import Operator
from backend_client.domain.caller import Caller, Role
from backend_client.domain.names import name_key
from backend_client.domain.problems import Refused
from backend_client.local import ids, pin_hashes, sign_in_tries
from backend_client.local.audit import Record
from backend_client.local.names import name_of
from backend_client.local.rows import fetch
from backend_client.local.sign_in_tries import Tries
from backend_client.local.times import from_us, maybe_from_us, to_us

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Row

    from backend_client.domain.pins import Pin
    from backend_client.local.store import Store
    from backend_client.ports import Clock

_COLUMNS = (
    "id, name, role, pin_hash, disabled, failures, locked_until_us, created_at_us, pin_set_at_us"
)
_STILL = """
SELECT o.name, o.role, o.disabled FROM (SELECT 1 FROM operator LIMIT 1)
LEFT JOIN operator o ON o.name_key = ?"""
"""No row where there are no operators, an empty one where none is called so; asked of each call."""
_UNKNOWN = "an unknown name"
"""What was typed for a name is not kept: it may have been the PIN."""


@dataclass(frozen=True, slots=True)
class _Tried:
    """A try to sign in: whose it is, and the wrong PINs before it and with it. `hashed` is what a
    name nobody has is counted under."""

    row: Row[Any] | None
    before: Tries
    after: Tries
    hashed: int = 0


class Operators:
    """Everything that is done with operators; who may is asked before."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    # ------------------------------------------------------------ looking

    def any(self) -> bool:
        with self._store.read() as connection:
            return _any(connection)

    def all(self) -> tuple[Operator, ...]:
        with self._store.read() as connection:
            rows = fetch(connection, f"SELECT {_COLUMNS} FROM operator ORDER BY name_key")
        return tuple(map(_operator, rows))

    def is_still(self, caller: Caller) -> bool | None:
        """Is the caller one who may sign in, in this role? None while there are no operators."""
        with self._store.read() as connection:
            rows = fetch(connection, _STILL, name_key(caller.operator))
        if not rows:
            return None
        row = rows[0]
        return (row.name, row.role) == (caller.operator, caller.role) and not row.disabled

    # ------------------------------------------------------------ signing in

    def sign_in(self, caller: Caller, pin: Pin) -> Caller:
        """The caller as the operator named; see `Access.sign_in`."""
        row = self._checked(caller, pin)
        known = replace(caller, operator=row.name, role=Role(row.role), scope=None)
        with self._where_it_can_be_written():
            self._clear(known, row, "signed_in")
        return known

    def _checked(self, caller: Caller, pin: Pin) -> Row[Any]:
        """The operator whose PIN this is. A try is counted before it is looked at: who is killed
        in between, or tries at two places at once, has no more tries than anybody else. A name
        nobody has is counted, looked at and locked as one that somebody has."""
        now = self._clock.now()
        tried = self._counted(caller.operator, now)
        row, until = tried.row, tried.before.locked_at(now)
        if until is not None:
            self._refused(caller, row, "locked")
            raise _too_many(until, now)
        right = pin_hashes.is_right(pin, row.pin_hash if row is not None else pin_hashes.NOBODY_S)
        if row is None or row.disabled or not right:
            self._refused(caller, row, "wrong")
            until = tried.after.locked_at(now)
            raise _too_many(until, now) if until is not None else Refused("sign-in-refused")
        return row

    def _counted(self, name: str, now: datetime) -> _Tried:
        """The operator, if there is one, and the tries with this one as a wrong one; a locked name
        is not counted further."""

        def job(connection: Connection) -> _Tried:
            tried = self._looked_up(connection, name)
            if tried.before.locked_at(now) is not None:
                return tried
            tried = replace(tried, after=tried.before.one_more(now))
            if tried.row is None:
                sign_in_tries.keep_of_nobody(connection, tried.hashed, tried.after)
            else:
                failures, until_us = tried.after.failures, tried.after.until_us
                _update(connection, tried.row.id, failures=failures, locked_until_us=until_us)
            return tried

        with self._where_it_can_be_written():
            return self._store.write(job, label="sign in")
        with self._store.read() as connection:
            return self._looked_up(connection, name)

    def _looked_up(self, connection: Connection, name: str) -> _Tried:
        row = _row(connection, name)
        if row is not None:
            before = Tries(row.failures, maybe_from_us(row.locked_until_us))
            return _Tried(row, before, before)
        hashed = sign_in_tries.name_hash(name, self._store.audit_key.find(connection) or b"")
        before = sign_in_tries.of_nobody(connection, hashed)
        return _Tried(None, before, before, hashed)

    @contextmanager
    def _where_it_can_be_written(self) -> Iterator[None]:
        """A store that is only read lets its people in too, and so does an older copy that was put
        back: one of them has to go on from it."""
        try:
            yield
        except Refused as refused:
            if refused.code not in ("store-read-only", "store-behind"):
                raise

    def _refused(self, caller: Caller, row: Row[Any] | None, why: str) -> None:
        if self._store.read_only:
            return
        name = row.name if row is not None else _UNKNOWN
        role = Role(row.role) if row is not None else Role.CASHIER
        who, now = replace(caller, operator=name, role=role), self._clock.now()
        told = Record("sign_in_refused", name, {"why": why})
        with self._where_it_can_be_written():
            self._store.write(
                lambda connection: self._store.audit.append(connection, who, now, told),
                label="sign in refused",
            )

    def _clear(self, caller: Caller, row: Row[Any], what: str, **values: object) -> None:
        """The PIN was right: no wrong one counts any more."""

        def job(connection: Connection) -> None:
            _update(connection, row.id, failures=0, locked_until_us=None, **values)
            told = Record(what, row.name, {"entrance": caller.entrance.value})
            self._store.audit.append(connection, caller, self._clock.now(), told)

        if not self._store.read_only:
            self._store.write(job, label=what.replace("_", " "))

    def change_pin(self, caller: Caller, old: Pin, new: Pin) -> Operator:
        """The caller's own, who knows the old one."""
        row = self._checked(caller, old)
        new.refuse_weak()
        if new == old:
            raise Refused("pin-trivial")
        kept = {"pin_hash": pin_hashes.hashed(new), "pin_set_at_us": to_us(self._clock.now())}
        self._clear(caller, row, "pin_changed", **kept)
        return self._read(row.name)

    # ------------------------------------------------------------ looking after them

    def add(
        self, caller: Caller, name: str, role: Role, pin: Pin, *, first: bool = False
    ) -> Operator:
        """A new one; the first of a store must be an admin, and there is only one first."""
        name = name_of(name)
        pin.refuse_weak()
        kept, now = pin_hashes.hashed(pin), self._clock.now()

        def job(connection: Connection) -> Operator:
            if first and _any(connection):
                raise Refused("sign-in-needed")
            if first and role is not Role.ADMIN:
                raise Refused("first-operator-admin")
            if _row(connection, name) is not None or _is_client(connection, name):
                raise Refused("operator-known", name=name)
            connection.exec_driver_sql(
                "INSERT INTO operator(id, name, name_key, role, pin_hash, created_at_us, "
                "pin_set_at_us) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    ids.take(connection, "operator"),
                    *(name, name_key(name), role.value, kept),
                    *(to_us(now), to_us(now)),
                ),
            )
            by = replace(caller, operator=name, role=role) if first else caller
            told = Record("operator_added", name, {"role": role.value})
            self._store.audit.append(connection, by, now, told)
            return _operator(_known(connection, name))

        return self._store.write(job, label="add operator")

    def set_role(self, caller: Caller, name: str, role: Role) -> Operator:
        def change(connection: Connection, row: Row[Any]) -> None:
            if role is not Role.ADMIN:
                _refuse_last_admin(connection, row)
            _update(connection, row.id, role=role.value)

        return self._changed(caller, name, change, "operator_role", {"role": role.value})

    def set_disabled(self, caller: Caller, name: str, disabled: bool) -> Operator:
        def change(connection: Connection, row: Row[Any]) -> None:
            if disabled:
                _refuse_last_admin(connection, row)
            _update(connection, row.id, disabled=int(disabled))

        what = "operator_disabled" if disabled else "operator_enabled"
        return self._changed(caller, name, change, what, {})

    def reset_pin(self, caller: Caller, name: str, pin: Pin) -> Operator:
        """A new PIN, with which the name is not locked any more."""
        pin.refuse_weak()
        kept, now = pin_hashes.hashed(pin), self._clock.now()

        def change(connection: Connection, row: Row[Any]) -> None:
            _update(
                connection,
                row.id,
                pin_hash=kept,
                pin_set_at_us=to_us(now),
                failures=0,
                locked_until_us=None,
            )

        return self._changed(caller, name, change, "operator_pin_reset", {})

    def _changed(
        self,
        caller: Caller,
        name: str,
        change: Callable[[Connection, Row[Any]], None],
        what: str,
        body: dict[str, str],
    ) -> Operator:
        def job(connection: Connection) -> Operator:
            row = _known(connection, name)
            change(connection, row)
            told = Record(what, row.name, body)
            self._store.audit.append(connection, caller, self._clock.now(), told)
            return _operator(_known(connection, name))

        return self._store.write(job, label=what.replace("_", " "))

    def _read(self, name: str) -> Operator:
        with self._store.read() as connection:
            return _operator(_known(connection, name))


def _any(connection: Connection) -> bool:
    return bool(fetch(connection, "SELECT EXISTS (SELECT 1 FROM operator) AS found")[0].found)


def _row(connection: Connection, name: str) -> Row[Any] | None:
    statement = f"SELECT {_COLUMNS} FROM operator WHERE name_key = ?"
    rows = fetch(connection, statement, name_key(name))
    return rows[0] if rows else None


def _known(connection: Connection, name: str) -> Row[Any]:
    row = _row(connection, name)
    if row is None:
        raise Refused("operator-unknown", name=name)
    return row


def _is_client(connection: Connection, name: str) -> bool:
    """What either did is told apart by name alone."""
    return bool(fetch(connection, "SELECT 1 FROM api_client WHERE name_key = ?", name_key(name)))


def _update(connection: Connection, id_: int, **values: object) -> None:
    columns = ", ".join(f"{column} = ?" for column in values)
    statement = f"UPDATE operator SET {columns} WHERE id = ?"
    connection.exec_driver_sql(statement, (*values.values(), id_))


def _refuse_last_admin(connection: Connection, row: Row[Any]) -> None:
    """Without an admin nobody could let anybody in any more."""
    others = fetch(
        connection,
        "SELECT 1 FROM operator WHERE role = 'admin' AND disabled = 0 AND id <> ? LIMIT 1",
        row.id,
    )
    if row.role == Role.ADMIN and not row.disabled and not others:
        raise Refused("last-admin", name=row.name)


def _too_many(until: datetime, now: datetime) -> Refused:
    at, seen = (when.isoformat(timespec="minutes") for when in (until, now))
    return Refused("sign-in-locked", at=at, now=seen)


def _operator(row: Row[Any]) -> Operator:
    return Operator(
        name=row.name,
        role=Role(row.role),
        disabled=bool(row.disabled),
        failures=row.failures,
        locked_until=maybe_from_us(row.locked_until_us),
        created_at=from_us(row.created_at_us),
        pin_set_at=from_us(row.pin_set_at_us),
    )
