"""Settling at scale: who drives, what is looked at when, and what providers contradict."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from backend_client.local.schema.columns import making_tables_since

_SUCCEEDED = """
INSERT INTO leg_watch(leg_id, due_us)
SELECT id, changed_at_us FROM leg
WHERE state = 'succeeded' AND method IN ('matched', 'unmatched')"""
"""What succeeded before is checked too, as long as it may still fail late."""


def upgrade(connection: Connection) -> None:
    for statement in making_tables_since(3):
        connection.exec_driver_sql(statement)
    for statement in GUARDS:
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(_SUCCEEDED)


GUARDS = (
    "CREATE TRIGGER discrepancy_fixed BEFORE UPDATE ON discrepancy "
    "WHEN OLD.cleared_at_us IS NOT NULL OR NEW.cleared_at_us IS NULL "
    "OR NEW.kind IS NOT OLD.kind OR NEW.payment_id IS NOT OLD.payment_id "
    "OR NEW.amount_minor IS NOT OLD.amount_minor "
    "OR NEW.provider_refund_id IS NOT OLD.provider_refund_id "
    "BEGIN SELECT RAISE(ABORT, 'a discrepancy is cleared once and never changed'); END",
    "CREATE TRIGGER discrepancy_kept BEFORE DELETE ON discrepancy "
    "BEGIN SELECT RAISE(ABORT, 'discrepancies are never deleted'); END",
    "CREATE TRIGGER discrepancy_blocks AFTER INSERT ON discrepancy "
    "WHEN NEW.kind = 'provider_only' "
    "BEGIN UPDATE payment SET found_minor = found_minor + NEW.amount_minor "
    "WHERE id = NEW.payment_id; END",
    "CREATE TRIGGER discrepancy_frees AFTER UPDATE OF cleared_at_us ON discrepancy "
    "WHEN NEW.kind = 'provider_only' AND OLD.cleared_at_us IS NULL "
    "BEGIN UPDATE payment SET found_minor = found_minor - NEW.amount_minor "
    "WHERE id = NEW.payment_id; END",
)
"""What was found only at a provider blocks its payment, whatever the code forgets."""
