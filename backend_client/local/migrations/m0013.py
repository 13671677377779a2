"""A refund above a limit waits for approval: what it becomes then, and what an operator gave back
in a day."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from backend_client.local import triggers

_BY_OPERATOR = (
    "CREATE INDEX refund_by_operator ON refund(operator, created_at_us) WHERE origin = 'window'"
)
"""Only of those made by hand: runs make masses and are not limited."""


def upgrade(connection: Connection) -> None:
    connection.exec_driver_sql("DROP TRIGGER leg_transition")
    connection.exec_driver_sql(triggers.leg_transition())
    connection.exec_driver_sql(_BY_OPERATOR)
