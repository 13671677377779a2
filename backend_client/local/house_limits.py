"""Limits of the house in the store: each change a row, in force when whoever must has said yes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from backend_client.domain.caller import Action
from backend_client.domain.house_limits import (
    HouseLimit,
    LimitName,
    Proposed,
    refuse_confirming,
    refuse_value,
)
from backend_client.domain.permissions import may
from backend_client.domain.problems import Refused
from backend_client.house_limits import said, with_limits
from backend_client.local import ids
from backend_client.local.audit import Record
from backend_client.local.rows import fetch
from backend_client.local.times import from_us, to_us

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Row

    from backend_client.domain.caller import Caller
    from backend_client.local.store import Store
    from backend_client.ports import Clock
    from backend_client.settings import Settings

_SAID_YES = "(needs_second = 0 OR confirmed_by <> '')"
_IN_FORCE = f"SELECT *, MAX(id) FROM house_limit WHERE {_SAID_YES} GROUP BY name"
_NEWEST = "SELECT *, MAX(id) FROM house_limit GROUP BY name"
_ADMINS = "SELECT COUNT(*) AS n FROM operator WHERE role = 'admin' AND disabled = 0"
_ADD = """
INSERT INTO house_limit(id, name, value, set_by, set_at_us, needs_second)
VALUES (?, ?, ?, ?, ?, ?)"""
_CONFIRM = """
UPDATE house_limit SET confirmed_by = ?, confirmed_at_us = ? WHERE id = ? AND confirmed_by = ''"""


class SettingsInForce:
    """The settings with what admins set instead; looked at once a call, so that a change made in
    any window holds for the next question in all of them."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._said = settings
        self._limits: dict[LimitName, int | None] = {}
        self.now = settings

    def look(self) -> None:
        with self._store.read() as connection:
            rows = fetch(connection, _IN_FORCE)
        limits = {LimitName(row.name): row.value for row in rows}
        if limits != self._limits:
            self._limits, self.now = limits, with_limits(self._said, limits)


class LocalLimits:
    """The `Limits` of one store; `settings` say what holds until somebody sets one."""

    def __init__(self, store: Store, settings: Settings, clock: Clock) -> None:
        self._store = store
        self._said = said(settings)
        self._clock = clock

    def house_limits(self, caller: Caller) -> tuple[HouseLimit, ...]:
        may(caller, Action.MANAGE_ACCESS)
        with self._store.read() as connection:
            return tuple(self._read(connection).values())

    def set_limit(self, caller: Caller, name: LimitName, value: int | None) -> HouseLimit:
        may(caller, Action.MANAGE_ACCESS)
        refuse_value(name, value)

        def change(connection: Connection) -> HouseLimit:
            admins = fetch(connection, _ADMINS)[0].n
            if not admins:
                raise Refused("limits-in-settings")
            before = self._read(connection)[name].value
            now, alone = self._clock.now(), admins == 1
            row = (ids.take(connection, "house_limit"), name.value, value, caller.operator)
            connection.exec_driver_sql(_ADD, (*row, to_us(now), int(not alone)))
            body = {"before": before, "after": value, "alone": alone}
            self._tell(connection, caller, "limit_set", name, body)
            return self._read(connection)[name]

        return self._store.write(change, label="set limit")

    def confirm_limit(self, caller: Caller, name: LimitName, value: int | None) -> HouseLimit:
        may(caller, Action.MANAGE_ACCESS)

        def confirm(connection: Connection) -> HouseLimit:
            before = self._read(connection)[name]
            waiting = refuse_confirming(before, caller.operator, value)
            newest = _newest(connection)[name]
            yes = (caller.operator, to_us(self._clock.now()), newest.id)
            confirmed = connection.exec_driver_sql(_CONFIRM, yes).rowcount
            assert confirmed == 1, "a limit changed inside the transaction"
            body = {"before": before.value, "after": value, "set_by": waiting.set_by}
            self._tell(connection, caller, "limit_confirmed", name, body)
            return self._read(connection)[name]

        return self._store.write(confirm, label="confirm limit")

    def _tell(
        self,
        connection: Connection,
        caller: Caller,
        action: str,
        name: LimitName,
        body: Mapping[str, object],
    ) -> None:
        record = Record(action, f"limit {name.value}", body)
        self._store.audit.append(connection, caller, self._clock.now(), record)

    def _read(self, connection: Connection) -> dict[LimitName, HouseLimit]:
        in_force = {LimitName(row.name): row for row in fetch(connection, _IN_FORCE)}
        newest = _newest(connection)
        return {name: self._limit(name, in_force.get(name), newest.get(name)) for name in LimitName}

    def _limit(self, name: LimitName, row: Row[Any] | None, newest: Row[Any] | None) -> HouseLimit:
        waiting = None
        if newest is not None and newest.needs_second and not newest.confirmed_by:
            waiting = Proposed(newest.value, newest.set_by, from_us(newest.set_at_us))
        if row is None:
            return HouseLimit(name, self._said[name], waiting=waiting)
        since = from_us(row.confirmed_at_us or row.set_at_us)
        return HouseLimit(name, row.value, row.set_by, row.confirmed_by, since, waiting)


def _newest(connection: Connection) -> dict[LimitName, Row[Any]]:
    return {LimitName(row.name): row for row in fetch(connection, _NEWEST)}
