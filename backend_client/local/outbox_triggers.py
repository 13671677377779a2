"""What the database itself refuses about mail: no "refunded" that is not so, nothing rewritten."""

from __future__ import annotations

from collections.abc import Iterator

from backend_client.domain.refund import CLOSED, FINAL
from backend_client.local.triggers import changed, in_list, refusal

FIXED = (
    "id",
    "refund_id",
    "ordinal",
    "kind",
    "message_id",
    "to_address",
    "language",
    "body",
    "created_at_us",
)


def statements() -> Iterator[str]:
    """Every trigger of the outbox, as DDL.

    A mail that waits to say "refunded" is withdrawn when a payment fails late, by the database:
    that must hold even in a program that sends no mail itself.
    """
    over = in_list(CLOSED | FINAL)
    yield refusal(
        "outbox_once",
        "INSERT ON outbox",
        "EXISTS (SELECT 1 FROM outbox WHERE id = NEW.id OR message_id = NEW.message_id "
        "OR (refund_id = NEW.refund_id AND ordinal = NEW.ordinal))",
        "a mail is written once",
    )
    yield refusal(
        "outbox_birth",
        "INSERT ON outbox",
        "NEW.state <> 'waiting' OR NEW.attempts <> 0",
        "a mail is born waiting",
    )
    yield refusal(
        "outbox_is_true",
        "INSERT ON outbox",
        "NEW.kind = 'refunded' AND (EXISTS (SELECT 1 FROM leg WHERE refund_id = NEW.refund_id "
        f"AND state NOT IN {over}) OR EXISTS (SELECT 1 FROM refund WHERE id = NEW.refund_id "
        "AND voided_at_us IS NOT NULL))",
        "a mail says refunded only when everything is",
    )
    yield refusal("outbox_fixed", "UPDATE ON outbox", changed(FIXED), "a mail is never rewritten")
    yield refusal(
        "outbox_over",
        "UPDATE ON outbox",
        "OLD.state <> 'waiting'",
        "a mail that is over stays as it is",
    )
    yield refusal("outbox_kept", "DELETE ON outbox", "1", "mails are never deleted")
    yield (
        "CREATE TRIGGER outbox_withdrawn AFTER UPDATE OF state ON leg "
        f"WHEN OLD.state IN {in_list(FINAL)} AND NEW.state NOT IN {in_list(FINAL)} "
        "BEGIN UPDATE outbox SET state = 'withdrawn', changed_at_us = NEW.changed_at_us "
        "WHERE refund_id = NEW.refund_id AND kind = 'refunded' AND state = 'waiting'; END"
    )
