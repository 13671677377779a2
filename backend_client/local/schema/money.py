"""What goes back: refunds, their legs, the books and the audit log."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    text,
)

from backend_client.local.schema.columns import id_, int_, ref, table, text_

refund = table(
    "refund",
    id_(),
    text_("number"),
    ref("booking_id", "booking.id"),
    text_("origin"),
    int_("value_minor"),
    int_("retained_minor", default=0),
    int_("breach_fee_minor", default=0),
    int_("amount_minor"),
    text_("currency"),
    text_("reason"),
    text_("operator"),
    text_("role"),
    text_("desk"),
    text_("channel"),
    text_("entrance"),
    text_("correlation_id"),
    int_("created_at_us"),
    text_("commit_key"),
    text_("fingerprint"),
    int_("voided_at_us", null=True),
    UniqueConstraint("number"),
    UniqueConstraint("commit_key"),
    CheckConstraint(
        "amount_minor = value_minor - retained_minor - breach_fee_minor AND amount_minor >= 0",
        name="refund_amount",
    ),
    Index("refund_by_booking", "booking_id"),
)

refund_line = table(
    "refund_line",
    Column("refund_id", Integer, ForeignKey("refund.id"), primary_key=True),
    Column("line_id", Integer, ForeignKey("line.id"), primary_key=True),
    int_("value_minor"),
    int_("live", default=1),
    without_rowid=True,
)
Index(
    "refund_line_once",
    refund_line.c.line_id,
    unique=True,
    sqlite_where=refund_line.c.live == 1,
)

leg = table(
    "leg",
    id_(),
    ref("refund_id", "refund.id"),
    ref("booking_id", "booking.id"),
    int_("ordinal"),
    text_("method"),
    int_("amount_minor"),
    text_("state"),
    int_("requested_at_us"),
    ref("payment_id", "payment.id", null=True),
    ref("payer_id", "contact.id", null=True),
    text_("provider"),
    text_("provider_key", null=True),
    text_("our_reference", null=True),
    text_("payload_digest"),
    text_("provider_refund_id"),
    text_("reference"),
    text_("label"),
    int_("by_hand", default=0),
    ref("replaces_leg_id", "leg.id", null=True),
    text_("owner"),
    int_("sent_at_us", null=True),
    int_("changed_at_us"),
    int_("attempts", default=0),
    UniqueConstraint("refund_id", "ordinal"),
    UniqueConstraint("provider_key"),
    UniqueConstraint("our_reference"),
    CheckConstraint("amount_minor > 0", name="leg_amount"),
    CheckConstraint(
        "state <> 'succeeded' OR provider_refund_id <> ''", name="leg_succeeded_has_reference"
    ),
    Index("leg_by_booking", "booking_id"),
    Index("leg_by_provider_refund", "provider", "provider_refund_id"),
)
Index(
    "leg_open",
    leg.c.state,
    leg.c.id,
    sqlite_where=text("state NOT IN ('succeeded','credited','recorded','replaced','voided')"),
)

attempt = table(
    "attempt",
    id_(),
    ref("leg_id", "leg.id"),
    int_("at_us"),
    text_("outcome"),
    text_("code"),
    text_("text"),
    Index("attempt_by_leg", "leg_id"),
)

booking_event = table(
    "booking_event",
    id_(),
    ref("booking_id", "booking.id"),
    int_("at_us"),
    text_("what"),
    text_("operator"),
    text_("desk"),
    int_("amount_minor", default=0),
    text_("details"),
    Index("booking_event_by_booking", "booking_id"),
)
"""Append-only: what the timeline cannot read off other rows (voids, changes by hand, imports)."""

credit_account = table(
    "credit_account",
    Column("contact_id", Integer, ForeignKey("contact.id"), primary_key=True),
    Column("currency", Text, primary_key=True),
    int_("balance_minor"),
    CheckConstraint("balance_minor >= 0", name="credit_never_negative"),
    without_rowid=True,
)

book_entry = table(
    "book_entry",
    id_(),
    int_("at_us"),
    text_("kind"),
    ref("refund_id", "refund.id", null=True),
    ref("leg_id", "leg.id", null=True),
    ref("contact_id", "contact.id", null=True),
    text_("reference"),
    text_("operator"),
    text_("desk"),
    Index("book_entry_by_refund", "refund_id"),
    Index("book_entry_by_contact", "contact_id"),
)
"""One transaction of the books; its postings sum to zero per currency."""
Index(
    "credit_spent_once",
    book_entry.c.contact_id,
    book_entry.c.reference,
    unique=True,
    sqlite_where=book_entry.c.kind == "credit_spent",
)

posting = table(
    "posting",
    Column("entry_id", Integer, ForeignKey("book_entry.id"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    text_("account"),
    text_("currency"),
    int_("amount_minor"),
    without_rowid=True,
)
"""Debits are positive, credits negative."""

audit = table(
    "audit",
    Column("seq", Integer, primary_key=True, autoincrement=False),
    int_("at_us"),
    text_("operator"),
    text_("role"),
    text_("desk"),
    text_("entrance"),
    text_("correlation_id"),
    text_("action"),
    text_("object"),
    text_("body"),
    text_("prev"),
    text_("hash"),
)
"""Append-only; `hash` = HMAC-SHA256(key, prev | canonical row)."""
