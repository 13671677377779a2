"""Who may come in: operators and the tokens of programs."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from backend_client.local import triggers
from backend_client.local.schema.columns import making_tables_since


def upgrade(connection: Connection) -> None:
    for statement in making_tables_since(7):
        connection.exec_driver_sql(statement)
    for statement in GUARDS:
        connection.exec_driver_sql(statement)


GUARDS = (
    "CREATE TRIGGER operator_kept BEFORE DELETE ON operator "
    "BEGIN SELECT RAISE(ABORT, 'operators are disabled, never deleted'); END",
    "CREATE TRIGGER api_client_kept BEFORE DELETE ON api_client "
    "BEGIN SELECT RAISE(ABORT, 'clients are revoked, never deleted'); END",
    triggers.refusal(
        "operator_fixed",
        "UPDATE ON operator",
        "NEW.id IS NOT OLD.id OR NEW.name_key IS NOT OLD.name_key",
        "an operator keeps the name",
    ),
    triggers.refusal(
        "api_client_fixed",
        "UPDATE ON api_client",
        "OLD.revoked_at_us IS NOT NULL AND NEW.revoked_at_us IS NOT OLD.revoked_at_us "
        "OR NEW.token_hash IS NOT OLD.token_hash OR NEW.token_prefix IS NOT OLD.token_prefix "
        "OR NEW.name_key IS NOT OLD.name_key OR NEW.scope IS NOT OLD.scope",
        "a token is what it was made as, and revoked for ever",
    ),
)
"""Records name people and programs for ever, so neither is forgotten or becomes another."""
