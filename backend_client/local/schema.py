"""Tables of the store. Times are microseconds since 1970 UTC, amounts minor units, all integers.

Caps, the life of a leg and append-only books are held by the database itself (triggers.py), so
that they stand even if the code forgot.
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()


def _int(name: str, *, null: bool = False, default: int | None = None) -> Column[int]:
    server_default = None if default is None else text(str(default))
    return Column(name, Integer, nullable=null, server_default=server_default)


def _text(name: str, *, null: bool = False) -> Column[str]:
    return Column(name, Text, nullable=null, server_default=None if null else text("''"))


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True, autoincrement=False)


def _ref(name: str, target: str, *, null: bool = False) -> Column[int]:
    return Column(name, Integer, ForeignKey(target), nullable=null)


def _one_of(column: str, *values: str) -> str:
    """A condition for columns of rows that come in masses: for `IN (…)` SQLite builds the list
    anew with every row, which is a third of what inserting one costs."""
    return " OR ".join(f"{column} = '{value}'" for value in values)


def _table(
    name: str,
    *parts: Column[int] | Column[str] | CheckConstraint | UniqueConstraint | Index,
    without_rowid: bool = False,
    since: int = 1,
) -> Table:
    """A table; `since` is the version of the store that brought it."""
    return Table(
        name,
        metadata,
        *parts,
        info={"since": since},
        sqlite_strict=True,
        sqlite_with_rowid=not without_rowid,
    )


def tables_since(version: int) -> list[Table]:
    """The tables a version of the store brought, in an order they can be made in."""
    return [table for table in metadata.sorted_tables if table.info["since"] == version]


meta = _table("meta", Column("key", Text, primary_key=True), _text("value"), without_rowid=True)

sequence = _table(
    "sequence",
    Column("name", Text, primary_key=True),
    _int("next"),
    without_rowid=True,
)
"""The id source: a block of ids is taken from here inside the write transaction that uses it."""

contact = _table(
    "contact",
    _id(),
    _text("key"),
    _text("name"),
    _text("email"),
    _text("phone"),
    UniqueConstraint("key"),
)

performance = _table(
    "performance",
    _id(),
    _text("site"),
    _text("key"),
    _text("event_key"),
    _text("event"),
    _int("starts_at_us", null=True),
    _int("blocked", default=0),
    UniqueConstraint("site", "key"),
)

booking = _table(
    "booking",
    _id(),
    _text("site"),
    _text("booking_id"),
    _text("transaction_id"),
    _text("number"),
    _ref("contact_id", "contact.id", null=True),
    _text("channel"),
    _text("currency"),
    _int("sold_at_us", null=True),
    _int("is_paid", default=1),
    _int("settled_minor"),
    _int("unsettled_minor"),
    _int("prior_refunded_minor", default=0),
    _int("promised_minor", default=0),
    _int("waiting_minor", default=0),
    _int("version", default=1),
    _int("touched_at_us", default=0),
    _text("source_digest"),
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

line = _table(
    "line",
    _id(),
    _ref("booking_id", "booking.id"),
    _int("sequence"),
    _text("kind"),
    _text("fee_kind", null=True),
    _text("description"),
    _ref("performance_id", "performance.id", null=True),
    _text("seat"),
    _text("contingent"),
    _text("category"),
    _text("tariff"),
    _int("quantity", default=1),
    _int("price_minor"),
    _int("value_minor", null=True),
    _text("groups"),
    _text("product"),
    _int("parent_sequence", null=True),
    _int("collected", default=0),
    _int("collected_at_us", null=True),
    _text("state"),
    UniqueConstraint("booking_id", "sequence"),
    CheckConstraint("price_minor >= 0", name="line_price"),
    CheckConstraint("value_minor IS NULL OR value_minor >= 0", name="line_value"),
    CheckConstraint(
        _one_of("state", "sold", "reserved", "cancelled", "exchanged", "resold"), name="line_state"
    ),
    Index("line_by_seat", "performance_id", "seat"),
)

payment = _table(
    "payment",
    _id(),
    _ref("booking_id", "booking.id"),
    _text("key"),
    _text("method"),
    _int("amount_minor"),
    _int("settled_minor"),
    _ref("payer_id", "contact.id", null=True),
    _text("provider"),
    _text("provider_reference"),
    _text("bank_reference"),
    _text("masked_number"),
    _text("card_type"),
    _text("card_expiry"),
    _text("reversal_data"),
    _text("refund_method"),
    _int("prior_refunded_minor", default=0),
    _int("taken_minor", default=0),
    _int("waiting_taken_minor", default=0),
    _int("found_minor", default=0),
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

refund = _table(
    "refund",
    _id(),
    _text("number"),
    _ref("booking_id", "booking.id"),
    _text("origin"),
    _int("value_minor"),
    _int("retained_minor", default=0),
    _int("breach_fee_minor", default=0),
    _int("amount_minor"),
    _text("currency"),
    _text("reason"),
    _text("operator"),
    _text("role"),
    _text("desk"),
    _text("channel"),
    _text("entrance"),
    _text("correlation_id"),
    _int("created_at_us"),
    _text("commit_key"),
    _text("fingerprint"),
    _int("voided_at_us", null=True),
    UniqueConstraint("number"),
    UniqueConstraint("commit_key"),
    CheckConstraint(
        "amount_minor = value_minor - retained_minor - breach_fee_minor AND amount_minor >= 0",
        name="refund_amount",
    ),
    Index("refund_by_booking", "booking_id"),
)

refund_line = _table(
    "refund_line",
    Column("refund_id", Integer, ForeignKey("refund.id"), primary_key=True),
    Column("line_id", Integer, ForeignKey("line.id"), primary_key=True),
    _int("value_minor"),
    _int("live", default=1),
    without_rowid=True,
)
Index(
    "refund_line_once",
    refund_line.c.line_id,
    unique=True,
    sqlite_where=refund_line.c.live == 1,
)

leg = _table(
    "leg",
    _id(),
    _ref("refund_id", "refund.id"),
    _ref("booking_id", "booking.id"),
    _int("ordinal"),
    _text("method"),
    _int("amount_minor"),
    _text("state"),
    _int("requested_at_us"),
    _ref("payment_id", "payment.id", null=True),
    _ref("payer_id", "contact.id", null=True),
    _text("provider"),
    _text("provider_key", null=True),
    _text("our_reference", null=True),
    _text("payload_digest"),
    _text("provider_refund_id"),
    _text("reference"),
    _text("label"),
    _int("by_hand", default=0),
    _ref("replaces_leg_id", "leg.id", null=True),
    _text("owner"),
    _int("sent_at_us", null=True),
    _int("changed_at_us"),
    _int("attempts", default=0),
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

attempt = _table(
    "attempt",
    _id(),
    _ref("leg_id", "leg.id"),
    _int("at_us"),
    _text("outcome"),
    _text("code"),
    _text("text"),
    Index("attempt_by_leg", "leg_id"),
)

booking_event = _table(
    "booking_event",
    _id(),
    _ref("booking_id", "booking.id"),
    _int("at_us"),
    _text("what"),
    _text("operator"),
    _text("desk"),
    _int("amount_minor", default=0),
    _text("details"),
    Index("booking_event_by_booking", "booking_id"),
)
"""Append-only: what the timeline cannot read off other rows (voids, changes by hand, imports)."""

credit_account = _table(
    "credit_account",
    Column("contact_id", Integer, ForeignKey("contact.id"), primary_key=True),
    Column("currency", Text, primary_key=True),
    _int("balance_minor"),
    CheckConstraint("balance_minor >= 0", name="credit_never_negative"),
    without_rowid=True,
)

book_entry = _table(
    "book_entry",
    _id(),
    _int("at_us"),
    _text("kind"),
    _ref("refund_id", "refund.id", null=True),
    _ref("leg_id", "leg.id", null=True),
    _ref("contact_id", "contact.id", null=True),
    _text("reference"),
    _text("operator"),
    _text("desk"),
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

posting = _table(
    "posting",
    Column("entry_id", Integer, ForeignKey("book_entry.id"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    _text("account"),
    _text("currency"),
    _int("amount_minor"),
    without_rowid=True,
)
"""Debits are positive, credits negative."""

audit = _table(
    "audit",
    Column("seq", Integer, primary_key=True, autoincrement=False),
    _int("at_us"),
    _text("operator"),
    _text("role"),
    _text("desk"),
    _text("entrance"),
    _text("correlation_id"),
    _text("action"),
    _text("object"),
    _text("body"),
    _text("prev"),
    _text("hash"),
)
"""Append-only; `hash` = HMAC-SHA256(key, prev | canonical row)."""

search_doc = _table(
    "search_doc",
    _id(),
    _text("name"),
    _text("email"),
    _text("phone"),
    _text("ref"),
    _text("last4"),
    _text("seat"),
    _text("event"),
)
"""What a booking is found by (id = booking.id); the FTS5 index beside it is external content."""

outbox = _table(
    "outbox",
    _id(),
    _ref("refund_id", "refund.id"),
    _int("ordinal"),
    _text("kind"),
    _text("message_id"),
    _text("to_address"),
    _text("language"),
    _text("body"),
    _int("created_at_us"),
    _text("state"),
    _int("attempts", default=0),
    _int("unclear", default=0),
    _int("next_try_at_us"),
    _int("changed_at_us"),
    _text("last_code"),
    _text("last_text"),
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

lease = _table(
    "lease",
    Column("name", Text, primary_key=True),
    _text("holder"),
    _text("holder_name"),
    _int("until_us"),
    without_rowid=True,
    since=3,
)
"""Who drives the settling of this store; one row at most."""

leg_watch = _table(
    "leg_watch",
    Column("leg_id", Integer, ForeignKey("leg.id"), primary_key=True),
    _int("due_us", null=True),
    _int("attempts", default=0),
    _int("looked_at_us", null=True),
    _int("looks", default=0),
    _int("refused", default=0),
    Index("leg_watch_by_due", "due_us"),
    since=3,
)
"""When a leg is looked at again and what earlier looks found; `looks` and `looked_at_us` speak of
the sending whose number is `attempts`."""

discrepancy = _table(
    "discrepancy",
    _id(),
    _text("kind"),
    _text("provider"),
    _ref("payment_id", "payment.id"),
    _ref("leg_id", "leg.id", null=True),
    _text("provider_refund_id"),
    _text("our_reference"),
    _int("amount_minor"),
    _text("currency"),
    _text("text"),
    _int("found_at_us"),
    _int("cleared_at_us", null=True),
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

accepted_refund = _table(
    "accepted_refund",
    _id(),
    _ref("discrepancy_id", "discrepancy.id"),
    _ref("payment_id", "payment.id"),
    _ref("booking_id", "booking.id"),
    _ref("leg_id", "leg.id", null=True),
    _int("amount_minor"),
    _text("evidence"),
    _int("accepted_at_us"),
    _int("ended_at_us", null=True),
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
