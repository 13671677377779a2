"""What the database itself refuses of a yes to a refund at Connect that waits: the maker's own, one
to what does not wait, and for ever what is there; and that the one call is made without it."""

from __future__ import annotations

from collections.abc import Iterator

from backend_client.domain.connect_intent import APPROVED, IntentState
from backend_client.local.triggers import ANOTHER, refusal, written_once

_WAITS = IntentState.AWAITING_APPROVAL.value


def statements() -> Iterator[str]:
    yield from written_once("connect_approval", "intent_id")
    another = ANOTHER.format(one="i.operator", other="NEW.operator")
    yield refusal(
        "connect_approval_meant",
        "INSERT ON connect_approval",
        "NOT EXISTS (SELECT 1 FROM connect_intent i WHERE i.id = NEW.intent_id "
        f"AND i.state = '{_WAITS}' AND {another})",
        "another person approves a refund call that waits",
    )
    yield refusal(
        "connect_intent_approved",
        "UPDATE OF state ON connect_intent",
        f"OLD.state = '{_WAITS}' AND NEW.state NOT IN ('{_WAITS}', '{IntentState.NOT_DONE}') "
        "AND NOT EXISTS (SELECT 1 FROM connect_approval WHERE intent_id = NEW.id)",
        "a refund call that waits for approval is made with it",
    )
    yield refusal(
        "connect_note_approved",
        "INSERT ON connect_note",
        f"NEW.what = '{APPROVED}' AND NOT EXISTS (SELECT 1 FROM connect_approval a "
        "WHERE a.intent_id = NEW.intent_id AND a.operator = NEW.operator "
        "AND a.fingerprint = NEW.code)",
        "the history of a refund call tells the approval it was given",
    )
