"""Refunds made elsewhere that a supervisor accepted, and declined payments that may be voided."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from backend_client.local import triggers
from backend_client.local.schema.columns import making_tables_since


def upgrade(connection: Connection) -> None:
    for statement in making_tables_since(4):
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql("DROP TRIGGER leg_transition")
    connection.exec_driver_sql(triggers.leg_transition())
    for statement in GUARDS:
        connection.exec_driver_sql(statement)


def _cap(table: str, column: str) -> str:
    """Asked only where something was given back elsewhere: the table's own cap knows the rest."""
    elsewhere = (
        f"FROM accepted_refund WHERE {table}_id = NEW.id AND leg_id IS NULL AND ended_at_us IS NULL"
    )
    return triggers.refusal(
        f"{table}_cap_elsewhere",
        f"UPDATE OF {column} ON {table}",
        f"NEW.{column} > OLD.{column} AND EXISTS (SELECT 1 {elsewhere}) AND NEW.{column} "
        f"+ NEW.prior_refunded_minor + (SELECT SUM(amount_minor) {elsewhere}) > NEW.settled_minor",
        f"more than the {table}, with what was given back elsewhere",
    )


GUARDS = (
    "CREATE TRIGGER accepted_refund_fixed BEFORE UPDATE ON accepted_refund "
    "WHEN OLD.ended_at_us IS NOT NULL OR NEW.ended_at_us IS NULL "
    "OR NEW.discrepancy_id IS NOT OLD.discrepancy_id OR NEW.payment_id IS NOT OLD.payment_id "
    "OR NEW.booking_id IS NOT OLD.booking_id OR NEW.leg_id IS NOT OLD.leg_id "
    "OR NEW.amount_minor IS NOT OLD.amount_minor "
    "BEGIN SELECT RAISE(ABORT, 'what was accepted ends once and never changes'); END",
    "CREATE TRIGGER accepted_refund_kept BEFORE DELETE ON accepted_refund "
    "BEGIN SELECT RAISE(ABORT, 'what was accepted is never deleted'); END",
    _cap("payment", "taken_minor"),
    _cap("booking", "promised_minor"),
)
"""What was given back elsewhere counts against the caps, whatever the code forgets."""
