"""The journal of refund calls to Connect: what was meant with each, and what became of it."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index, Table, UniqueConstraint, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex

from backend_client.domain.connect_intent import UNFINISHED, IntentState
from backend_client.local.schema.columns import id_, int_, ref, table, text_

SINCE = 10
_OPEN = f"state IN ({', '.join(repr(state.value) for state in sorted(UNFINISHED))})"
_LIVE = f"state <> '{IntentState.NOT_DONE}'"
STATES = f"state IN ({', '.join(repr(state.value) for state in sorted(IntentState))})"

connect_intent = table(
    "connect_intent",
    id_(),
    text_("number"),
    text_("site"),
    text_("booking_id"),
    text_("transaction_id"),
    text_("booking_number"),
    text_("customer"),
    int_("amount_minor"),
    text_("currency"),
    text_("reason"),
    text_("environment"),
    text_("operator"),
    text_("role"),
    text_("desk"),
    text_("channel"),
    text_("entrance"),
    text_("correlation_id"),
    int_("created_at_us"),
    text_("commit_key"),
    text_("fingerprint"),
    text_("before"),
    text_("holder"),
    text_("state"),
    int_("changed_at_us"),
    int_("sent_at_us", null=True),
    int_("read_at_us", null=True),
    int_("reads", default=0),
    text_("signal", null=True),
    text_("became", null=True),
    int_("lines_gone", null=True),
    UniqueConstraint("number"),
    CheckConstraint("amount_minor >= 0", name="connect_intent_amount"),
    CheckConstraint(STATES, name="connect_intent_state"),
    since=SINCE,
)
"""One call each. `before` is the booking as it was read right before it, as JSON without any card
number; `holder` is the program that makes the call."""


def _once(name: str, on: Table, where: str, *columns: str) -> Index:
    chosen = [on.c[column] for column in columns]
    return Index(name, *chosen, unique=True, sqlite_where=text(where), postgresql_where=text(where))


_once("connect_intent_commit", connect_intent, _LIVE, "commit_key")
_one_open = _once(
    "connect_intent_open", connect_intent, _OPEN, "site", "booking_id", "transaction_id"
)


def open_index() -> str:
    """What keeps a booking to one call that is not finished, in the states known now."""
    return str(CreateIndex(_one_open).compile(dialect=sqlite.dialect()))


Index(
    "connect_intent_booking",
    connect_intent.c.site,
    connect_intent.c.booking_id,
    connect_intent.c.transaction_id,
)

connect_line = table(
    "connect_line",
    id_(),
    ref("intent_id", "connect_intent.id"),
    int_("sequence"),
    text_("site"),
    text_("booking_id"),
    text_("transaction_id"),
    text_("description"),
    int_("value_minor"),
    int_("live", default=1),
    UniqueConstraint("intent_id", "sequence"),
    CheckConstraint("live IN (0, 1)", name="connect_line_live"),
    CheckConstraint("value_minor >= 0", name="connect_line_value"),
    since=SINCE,
)
"""A line of a call; while `live` no other call may name it."""
_once(
    "connect_line_once",
    connect_line,
    "live = 1",
    "site",
    "booking_id",
    "transaction_id",
    "sequence",
)

connect_leg = table(
    "connect_leg",
    id_(),
    ref("intent_id", "connect_intent.id"),
    int_("ordinal"),
    text_("method"),
    int_("amount_minor"),
    text_("payment_key"),
    text_("label"),
    text_("reference"),
    text_("masked_number"),
    text_("card_type"),
    text_("card_expiry"),
    int_("paid", null=True),
    text_("finding", null=True),
    text_("proof"),
    UniqueConstraint("intent_id", "ordinal"),
    CheckConstraint("method IN ('matched','external','unmatched')", name="connect_leg_method"),
    CheckConstraint("amount_minor > 0", name="connect_leg_amount"),
    since=SINCE,
)
"""A payment of a call; `paid` is what the booking showed of it, `finding` what a person found."""

connect_note = table(
    "connect_note",
    id_(),
    ref("intent_id", "connect_intent.id"),
    int_("at_us"),
    text_("what"),
    text_("code"),
    text_("text"),
    text_("operator"),
    text_("desk"),
    int_("leg", default=0),
    Index("connect_note_intent", "intent_id", "id"),
    since=SINCE,
)
"""What happened to a call, for good."""
