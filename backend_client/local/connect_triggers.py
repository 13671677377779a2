"""What the database itself refuses of the journal of Connect calls."""

from __future__ import annotations

from collections.abc import Iterator

from backend_client.domain.connect_intent import BORN, INTENT_TRANSITIONS, IntentState
from backend_client.local.triggers import changed, followed, in_list, refusal

_INTENT_FIXED = (
    "id",
    "number",
    "site",
    "booking_id",
    "transaction_id",
    "amount_minor",
    "currency",
    "operator",
    "commit_key",
    "fingerprint",
    "before",
    "created_at_us",
)
_LEG_FIXED = ("id", "intent_id", "ordinal", "method", "amount_minor", "payment_key", "reference")


def statements() -> Iterator[str]:
    yield from of_states()
    yield refusal(
        "connect_intent_fixed",
        f"UPDATE OF {', '.join(_INTENT_FIXED)} ON connect_intent",
        changed(_INTENT_FIXED),
        "a refund call never changes",
    )
    yield refusal(
        "connect_leg_fixed",
        f"UPDATE OF {', '.join(_LEG_FIXED)} ON connect_leg",
        changed(_LEG_FIXED),
        "a payment of a refund call never changes",
    )
    yield refusal(
        "connect_line_fixed",
        "UPDATE ON connect_line",
        "OLD.live = 0 OR NEW.sequence IS NOT OLD.sequence OR NEW.intent_id IS NOT OLD.intent_id "
        "OR (SELECT state FROM connect_intent WHERE id = OLD.intent_id) IS NOT "
        f"'{IntentState.NOT_DONE}'",
        "a line is free again only when its refund call was not done",
    )
    for table in ("connect_intent", "connect_line", "connect_leg", "connect_note"):
        yield refusal(f"{table}_kept", f"DELETE ON {table}", "1", "the journal is never deleted")
    yield refusal("connect_note_fixed", "UPDATE ON connect_note", "1", "the journal is append-only")
    yield (
        "CREATE TRIGGER connect_line_freed AFTER UPDATE OF state ON connect_intent "
        f"WHEN NEW.state = '{IntentState.NOT_DONE}' BEGIN UPDATE connect_line SET live = 0 "
        "WHERE intent_id = NEW.id; END"
    )


def of_states() -> Iterator[str]:
    """Those that list the states of a call, for a version that brings another one."""
    yield refusal(
        "connect_intent_transition",
        "UPDATE OF state ON connect_intent",
        f"NEW.state IS NOT OLD.state AND NOT ({followed(INTENT_TRANSITIONS)})",
        "illegal transition of a refund call",
    )
    yield refusal(
        "connect_intent_birth",
        "INSERT ON connect_intent",
        f"NEW.state NOT IN {in_list(BORN)}",
        "a refund call is written down before it is made",
    )
