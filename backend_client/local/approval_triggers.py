"""What the database itself refuses of a second person's yes: the maker's own, another than what
waits, and for ever what is there; and of a refund that waits, that anything leaves without it."""

from __future__ import annotations

from collections.abc import Iterator

from backend_client.domain.refund import LegState, Method
from backend_client.local.triggers import ANOTHER, refusal, written_once


def cash_is_due() -> str:
    """Since version 16: in older stores approved cash was recorded with its approval."""
    return refusal(
        "leg_cash_due",
        "UPDATE OF state ON leg",
        f"OLD.state = 'awaiting_approval' AND NEW.method = '{Method.CASH}' "
        f"AND NEW.state NOT IN ('awaiting_approval', '{LegState.DUE}', '{LegState.VOIDED}')",
        "approved cash is due until it is handed over",
    )


def statements() -> Iterator[str]:
    for table, key in (("refund_approval", "refund_id"), ("resolution", "id")):
        yield from written_once(table, key)
    another = ANOTHER.format(one="r.operator", other="NEW.operator")
    yield refusal(
        "refund_approval_meant",
        "INSERT ON refund_approval",
        "NOT EXISTS (SELECT 1 FROM refund r JOIN leg ON leg.refund_id = r.id "
        f"AND leg.state = 'awaiting_approval' WHERE r.id = NEW.refund_id AND {another})",
        "another person approves a refund that waits",
    )
    yield refusal(
        "leg_approved",
        "UPDATE OF state ON leg",
        f"OLD.state = 'awaiting_approval' AND NEW.state IS NOT '{LegState.VOIDED}' AND NOT EXISTS "
        "(SELECT 1 FROM refund_approval WHERE refund_id = NEW.refund_id)",
        "what waits for approval leaves with it",
    )
    another = ANOTHER.format(one="said.operator", other="NEW.operator")
    yield refusal(
        "resolution_confirms_another",
        "INSERT ON resolution",
        "NEW.confirms_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM resolution said "
        "WHERE said.id = NEW.confirms_id AND said.confirms_id IS NULL AND said.needs_second = 1 "
        "AND said.leg_number = NEW.leg_number AND said.finding = NEW.finding "
        "AND said.reference = NEW.reference AND said.operator_key <> NEW.operator_key "
        f"AND {another} AND said.id = "
        "(SELECT MAX(id) FROM resolution WHERE leg_number = NEW.leg_number))",
        "another person confirms what was said last",
    )
