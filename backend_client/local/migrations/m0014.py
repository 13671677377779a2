"""A second person's yes to refunds and to what became of payments in review, held by the database;
wrong PINs under names nobody has.

Approvals of earlier versions stand in the audit log and are taken from there.
"""

from __future__ import annotations

from sqlalchemy.engine import Connection

from backend_client.domain.names import person_key
from backend_client.local import approval_triggers, run_approval_triggers, triggers
from backend_client.local.migrations.m0012 import GUARDS
from backend_client.local.rows import fetch
from backend_client.local.schema.columns import making_tables_since

_APPROVED = """
SELECT r.id, a.body ->> 'fingerprint' AS fingerprint, a.operator, r.operator AS maker, a.desk,
  a.entrance, a.at_us
FROM audit a JOIN refund r ON r.number = a.object WHERE a.action = 'approve'"""
_KEEP = """
INSERT INTO refund_approval(refund_id, fingerprint, operator, operator_key, maker_key, desk,
  entrance, at_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
_ANEW = ("leg_transition", "run_approval_meant", "house_limit_fixed")
"""Guards of earlier versions that hold more now."""


def upgrade(connection: Connection) -> None:
    for statement in making_tables_since(14):
        connection.exec_driver_sql(statement)
    for row in fetch(connection, _APPROVED):
        keys = person_key(row.operator), person_key(row.maker)
        if keys[0] != keys[1]:
            kept = (row.id, row.fingerprint, row.operator, *keys, row.desk, row.entrance)
            connection.exec_driver_sql(_KEEP, (*kept, row.at_us))
    for name in _ANEW:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    again = (triggers.leg_transition(), *run_approval_triggers.statements(), *GUARDS)
    for statement in again:
        if statement.startswith(tuple(f"CREATE TRIGGER {name} " for name in _ANEW)):
            connection.exec_driver_sql(statement)
    for statement in approval_triggers.statements():
        connection.exec_driver_sql(statement)
