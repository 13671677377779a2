"""An older copy of the store was put back: a person says so, and nothing is sent unchecked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Connection

from backend_client.domain.caller import Action, Caller
from backend_client.domain.permissions import may
from backend_client.domain.problems import Refused
from backend_client.domain.restoring import Restored
from backend_client.domain.texts import REASON_LIMIT, free_text
from backend_client.local.anchor import Mark, mark_of
from backend_client.local.audit import Record
from backend_client.local.connect import driver
from backend_client.local.context import Context
from backend_client.local.leg_store import LocalLegStore
from backend_client.local.rows import fetch
from backend_client.local.times import to_us

_OPEN = "SELECT state, COUNT(*) AS legs FROM leg WHERE state IN ('due', 'requested') GROUP BY state"
_FLAG = """
INSERT INTO meta(key, value) VALUES ('restored_at_us', ?)
ON CONFLICT(key) DO UPDATE SET value = excluded.value"""


class Restoring:
    """Goes on from a store that is behind what was written once."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def go_on(self, caller: Caller, evidence: str) -> Restored:
        """What was written since is gone. Payments not sent yet may have been: they are looked up
        first, and from now on a payment's list is asked for before anything is sent to it."""
        store = self._context.store
        may(caller, Action.RESOLVE)
        told = free_text(evidence, "evidence", REASON_LIMIT)
        if not told:
            raise Refused("evidence-required")
        now = self._context.now()
        with store.read() as connection:
            lost = store.anchor.ahead(driver(connection))
        if lost is None:
            raise Refused("store-not-behind")
        store.anchor.leave_behind(lost)
        return store.write(
            lambda connection: self._write(connection, caller, lost, told, now), label="restored"
        )

    def _write(
        self, connection: Connection, caller: Caller, lost: Mark, evidence: str, now: datetime
    ) -> Restored:
        have = mark_of(driver(connection))
        legs = LocalLegStore(self._context.store, self._context.mail)
        doubtful = legs.doubt(connection, now, caller)
        connection.exec_driver_sql(_FLAG, (str(to_us(now)),))
        counts = {row.state: row.legs for row in fetch(connection, _OPEN)}
        restored = Restored(
            had=lost.seq,
            have=have.seq,
            looked_up=doubtful,
            due=counts.get("due", 0),
            requested=counts.get("requested", 0),
        )
        body = {"had": lost.seq, "hash": lost.hash, "have": have.seq, "evidence": evidence}
        record = Record("restored", "store", {**body, "looked_up": doubtful})
        self._context.store.audit.append(connection, caller, now, record)
        return restored
