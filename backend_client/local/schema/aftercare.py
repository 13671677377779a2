"""What is found, mailed, watched and compared."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Text,
    UniqueConstraint,
)

from backend_client.local.schema.columns import id_, int_, ref, table, text_

search_doc = table(
    "search_doc",
    id_(),
    text_("name"),
    text_("email"),
    text_("phone"),
    text_("ref"),
    text_("last4"),
    text_("seat"),
    text_("event"),
)
"""What a booking is found by (id = booking.id); the FTS5 index beside it is external content."""

outbox = table(
    "outbox",
    id_(),
    ref("refund_id", "refund.id"),
    int_("ordinal"),
    text_("kind"),
    text_("message_id"),
    text_("to_address"),
    text_("language"),
    text_("body"),
    int_("created_at_us"),
    text_("state"),
    int_("attempts", default=0),
    int_("unclear", default=0),
    int_("next_try_at_us"),
    int_("changed_at_us"),
    text_("last_code"),
    text_("last_text"),
    UniqueConstraint("refund_id", "ordinal"),
    UniqueConstraint("message_id"),
    CheckConstraint("kind IN ('refunded','corrected')", name="outbox_kind"),
    CheckConstraint(
        "state IN ('waiting','sent','bounced','failed','withdrawn')", name="outbox_state"
    ),
    CheckConstraint("unclear BETWEEN 0 AND attempts", name="outbox_attempts"),
    Index("outbox_by_state", "state", "next_try_at_us"),
    since=2,
)
"""Mail to customers, written in the commit it tells of; `body` holds the facts as booked.

`unclear` counts the attempts after which nobody knows whether the mail arrived, a running one
included: a row with none was surely never delivered.
"""

lease = table(
    "lease",
    Column("name", Text, primary_key=True),
    text_("holder"),
    text_("holder_name"),
    int_("until_us"),
    without_rowid=True,
    since=3,
)
"""Who drives the settling of this store; one row at most."""

leg_watch = table(
    "leg_watch",
    Column("leg_id", Integer, ForeignKey("leg.id"), primary_key=True),
    int_("due_us", null=True),
    int_("attempts", default=0),
    int_("looked_at_us", null=True),
    int_("looks", default=0),
    int_("refused", default=0),
    Index("leg_watch_by_due", "due_us"),
    since=3,
)
"""When a leg is looked at again and what earlier looks found; `looks` and `looked_at_us` speak of
the sending whose number is `attempts`."""

discrepancy = table(
    "discrepancy",
    id_(),
    text_("kind"),
    text_("provider"),
    ref("payment_id", "payment.id"),
    ref("leg_id", "leg.id", null=True),
    text_("provider_refund_id"),
    text_("our_reference"),
    int_("amount_minor"),
    text_("currency"),
    text_("text"),
    int_("found_at_us"),
    int_("cleared_at_us", null=True),
    CheckConstraint("kind IN ('ours_only','provider_only','differing')", name="discrepancy_kind"),
    CheckConstraint("amount_minor >= 0", name="discrepancy_amount"),
    Index("discrepancy_by_payment", "payment_id"),
    since=3,
)
"""Where a provider's books contradict ours. payment.found_minor is the sum of what was found only
there and is not cleared up."""
Index(
    "discrepancy_once",
    discrepancy.c.provider,
    discrepancy.c.kind,
    discrepancy.c.payment_id,
    discrepancy.c.provider_refund_id,
    discrepancy.c.our_reference,
    unique=True,
    sqlite_where=discrepancy.c.cleared_at_us.is_(None),
    postgresql_where=discrepancy.c.cleared_at_us.is_(None),
)

accepted_refund = table(
    "accepted_refund",
    id_(),
    ref("discrepancy_id", "discrepancy.id"),
    ref("payment_id", "payment.id"),
    ref("booking_id", "booking.id"),
    ref("leg_id", "leg.id", null=True),
    int_("amount_minor"),
    text_("evidence"),
    int_("accepted_at_us"),
    int_("ended_at_us", null=True),
    UniqueConstraint("discrepancy_id"),
    CheckConstraint("amount_minor >= 0", name="accepted_refund_amount"),
    Index("accepted_refund_by_payment", "payment_id"),
    Index("accepted_refund_by_booking", "booking_id"),
    since=4,
)
"""Refunds found only at a provider that a supervisor accepted as made there; `leg_id` is a payment
recorded here for the same money, `ended_at_us` when the provider listed it no more."""

SEARCH_INDEX = """
CREATE VIRTUAL TABLE search USING fts5(
  name, email, phone, ref, last4, seat, event,
  content='search_doc', content_rowid='id', detail=column, columnsize=0, prefix='1 2 3',
  tokenize="unicode61 remove_diacritics 2")
"""
