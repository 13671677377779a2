"""What was sold and paid: bookings as they came in."""

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

from backend_client.local.schema.columns import id_, int_, one_of, ref, table, text_

meta = table("meta", Column("key", Text, primary_key=True), text_("value"), without_rowid=True)

sequence = table(
    "sequence",
    Column("name", Text, primary_key=True),
    int_("next"),
    without_rowid=True,
)
"""The id source: a block of ids is taken from here inside the write transaction that uses it."""

contact = table(
    "contact",
    id_(),
    text_("key"),
    text_("name"),
    text_("email"),
    text_("phone"),
    UniqueConstraint("key"),
)

performance = table(
    "performance",
    id_(),
    text_("site"),
    text_("key"),
    text_("event_key"),
    text_("event"),
    int_("starts_at_us", null=True),
    int_("blocked", default=0),
    UniqueConstraint("site", "key"),
)

booking = table(
    "booking",
    id_(),
    text_("site"),
    text_("booking_id"),
    text_("transaction_id"),
    text_("number"),
    ref("contact_id", "contact.id", null=True),
    text_("channel"),
    text_("currency"),
    int_("sold_at_us", null=True),
    int_("is_paid", default=1),
    int_("settled_minor"),
    int_("unsettled_minor"),
    int_("prior_refunded_minor", default=0),
    int_("promised_minor", default=0),
    int_("waiting_minor", default=0),
    int_("version", default=1),
    int_("touched_at_us", default=0),
    text_("source_digest"),
    UniqueConstraint("site", "booking_id", "transaction_id"),
    CheckConstraint("promised_minor >= 0 AND waiting_minor >= 0", name="booking_counters"),
    CheckConstraint(
        "promised_minor + prior_refunded_minor <= settled_minor OR promised_minor = 0",
        name="booking_cap",
    ),
    CheckConstraint("waiting_minor <= unsettled_minor", name="booking_waiting_cap"),
    Index("booking_by_booking_id", "booking_id"),
    Index("booking_by_number", "number"),
    Index("booking_by_touch", "touched_at_us"),
    Index("booking_by_contact", "contact_id"),
)

order_session = table(
    "order_session",
    Column("booking_id", Integer, ForeignKey("booking.id"), primary_key=True),
    text_("session"),
    Index("order_session_by_session", "session"),
    without_rowid=True,
    since=6,
)
"""How the client that sells a booking names its order (Connect's UserSessionId)."""

line = table(
    "line",
    id_(),
    ref("booking_id", "booking.id"),
    int_("sequence"),
    text_("kind"),
    text_("fee_kind", null=True),
    text_("description"),
    ref("performance_id", "performance.id", null=True),
    text_("seat"),
    text_("contingent"),
    text_("category"),
    text_("tariff"),
    int_("quantity", default=1),
    int_("price_minor"),
    int_("value_minor", null=True),
    text_("groups"),
    text_("product"),
    int_("parent_sequence", null=True),
    int_("collected", default=0),
    int_("collected_at_us", null=True),
    text_("state"),
    UniqueConstraint("booking_id", "sequence"),
    CheckConstraint("price_minor >= 0", name="line_price"),
    CheckConstraint("value_minor IS NULL OR value_minor >= 0", name="line_value"),
    CheckConstraint(
        one_of("state", "sold", "reserved", "cancelled", "exchanged", "resold"), name="line_state"
    ),
    Index("line_by_seat", "performance_id", "seat"),
)

payment = table(
    "payment",
    id_(),
    ref("booking_id", "booking.id"),
    text_("key"),
    text_("method"),
    int_("amount_minor"),
    int_("settled_minor"),
    ref("payer_id", "contact.id", null=True),
    text_("provider"),
    text_("provider_reference"),
    text_("bank_reference"),
    text_("masked_number"),
    text_("card_type"),
    text_("card_expiry"),
    text_("reversal_data"),
    text_("refund_method"),
    int_("prior_refunded_minor", default=0),
    int_("taken_minor", default=0),
    int_("waiting_taken_minor", default=0),
    int_("found_minor", default=0),
    UniqueConstraint("booking_id", "key"),
    CheckConstraint("settled_minor >= 0 AND settled_minor <= amount_minor", name="payment_settled"),
    CheckConstraint(
        "taken_minor >= 0 AND (taken_minor = 0 OR "
        "taken_minor + prior_refunded_minor <= settled_minor)",
        name="payment_cap",
    ),
    CheckConstraint(
        "waiting_taken_minor >= 0 AND waiting_taken_minor <= amount_minor - settled_minor",
        name="payment_waiting_cap",
    ),
    Index("payment_by_provider_reference", "provider_reference"),
    Index("payment_by_key", "key"),
    Index("payment_by_payer", "payer_id"),
)
