"""Another supervisor's yes to a refund at Connect, held by the database; approved cash is due until
somebody hands it over.

Approvals of earlier versions stand in the journal and in the audit log and are taken from there.
"""

from __future__ import annotations

from sqlalchemy.engine import Connection

from backend_client.domain.names import person_key
from backend_client.local import approval_triggers, connect_approval_triggers
from backend_client.local.rows import fetch
from backend_client.local.schema.columns import making_tables_since

_APPROVED = """
SELECT i.id, n.code AS fingerprint, n.operator, i.operator AS maker, a.desk, a.entrance, n.at_us
FROM connect_note n JOIN connect_intent i ON i.id = n.intent_id
JOIN audit a ON a.action = 'approve' AND a.object = i.number AND a.operator = n.operator
WHERE n.what = 'approved' GROUP BY i.id"""
_KEEP = """
INSERT INTO connect_approval(intent_id, fingerprint, operator, operator_key, maker_key, desk,
  entrance, at_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""


def upgrade(connection: Connection) -> None:
    for statement in making_tables_since(16):
        connection.exec_driver_sql(statement)
    for row in fetch(connection, _APPROVED):
        keys = person_key(row.operator), person_key(row.maker)
        if keys[0] != keys[1]:
            kept = (row.id, row.fingerprint, row.operator, *keys, row.desk, row.entrance)
            connection.exec_driver_sql(_KEEP, (*kept, row.at_us))
    for statement in (approval_triggers.cash_is_due(), *connect_approval_triggers.statements()):
        connection.exec_driver_sql(statement)
