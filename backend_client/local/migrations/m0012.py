"""Limits of the house that admins set."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from backend_client.local.schema.columns import making_tables_since
from backend_client.local.triggers import ANOTHER, changed, refusal

_ANOTHER = ANOTHER.format(one="NEW.confirmed_by", other="OLD.set_by")
_SET = ("id", "name", "value", "set_by", "set_at_us", "needs_second")


def upgrade(connection: Connection) -> None:
    for statement in (*making_tables_since(12), *GUARDS):
        connection.exec_driver_sql(statement)


GUARDS = (
    refusal(
        "house_limit_once",
        "INSERT ON house_limit",
        "EXISTS (SELECT 1 FROM house_limit WHERE id = NEW.id) OR NEW.confirmed_by <> ''",
        "house_limit is append-only",
    ),
    refusal("house_limit_kept", "DELETE ON house_limit", "1", "house_limit is append-only"),
    refusal(
        "house_limit_fixed",
        "UPDATE ON house_limit",
        f"OLD.confirmed_by <> '' OR NOT ({_ANOTHER}) OR {changed(_SET)}",
        "another admin confirms a limit as it was set, once",
    ),
)
