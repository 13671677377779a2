"""A store full of requested refunds, written by the database itself: so many cannot be made one by
one for a benchmark. Every second booking was paid with two cards, and every tenth asks for more
than its cards have left."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from backend_client.local.store import Store
from backend_client.local.times import to_us
from tests.clocks import START, SteppingClock

SHARE = 2900
_COUNT = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count) "
_ROWS = (
    "INSERT INTO contact(id, key, name, email, phone) "
    "SELECT i, 'C-' || i, 'Customer ' || i, '', '' FROM n",
    "INSERT INTO booking(id, site, booking_id, transaction_id, number, contact_id, channel, "
    "currency, sold_at_us, settled_minor, unsettled_minor, source_digest) "
    "SELECT i, '0001', 'B-' || i, 'T-' || i, '', i, 'web', 'EUR', :at, :share * (1 + i % 2), 0, '' "
    "FROM n",
    "INSERT INTO payment(id, booking_id, key, method, amount_minor, settled_minor, payer_id, "
    "provider, provider_reference, bank_reference, masked_number, card_type, card_expiry, "
    "reversal_data, refund_method) SELECT 2 * i + nth.k, i, 'P-' || nth.k, 'card', :share, :share, "
    "i, 'practice', 'pay-' || i || '-' || nth.k, '', '411111......' || "
    "(1000 + (i + nth.k) % 9000), 'VISA', '2028-12', '', '' "
    "FROM n JOIN (SELECT 0 AS k UNION ALL SELECT 1) AS nth ON nth.k <= i % 2",
    "INSERT INTO refund(id, number, booking_id, origin, value_minor, amount_minor, currency, "
    "reason, operator, role, desk, channel, entrance, correlation_id, created_at_us, commit_key, "
    "fingerprint) SELECT i, 'R-' || (10000 + i), i, 'window', :share * (1 + i % 2), "
    ":share * (1 + i % 2), 'EUR', 'goodwill', 'S. Weber', 'supervisor', '3', 'box-office', "
    "'window', '', :at, 'key-' || i, 'print-' || i FROM n",
    "INSERT INTO leg(id, refund_id, booking_id, ordinal, method, amount_minor, state, "
    "requested_at_us, payer_id, provider, payload_digest, provider_refund_id, reference, label, "
    "owner, changed_at_us) SELECT i, i, i, 1, 'requested', :share * (1 + i % 2), 'requested', "
    ":at + i, i, '', '', '', '', 'Customer', '', :at + i FROM n",
    "UPDATE payment SET prior_refunded_minor = 1000 WHERE booking_id % 10 = 0 AND key = 'P-0'",
    "UPDATE sequence SET next = 4 * :count WHERE name IN ('contact', 'booking', 'payment', "
    "'refund', 'leg')",
    "INSERT OR IGNORE INTO sequence(name, next) SELECT value, 4 * :count FROM json_each("
    '\'["contact","booking","payment","refund","leg"]\')',
)


def build(folder: Path, legs: int) -> str:
    """So many requested refunds with one and a half times as many payments; the store's URL."""
    url = f"sqlite:///{folder / 'store.db'}"
    Store.open(url, create=True, clock=SteppingClock()).close()
    values = {"count": legs, "share": SHARE, "at": to_us(START)}
    with closing(sqlite3.connect(folder / "store.db", isolation_level=None)) as raw:
        raw.execute("PRAGMA synchronous = OFF")
        raw.execute("BEGIN")
        for rows in _ROWS:
            raw.execute(_COUNT + rows if " n" in rows else rows, values)
        raw.execute("COMMIT")
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return url
