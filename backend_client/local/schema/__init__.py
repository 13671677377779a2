"""Tables of the store. Times are microseconds since 1970 UTC, amounts minor units, all integers.

Caps, the life of a leg and append-only books are held by the database itself (triggers.py), so
that they stand even if the code forgot.
"""

from __future__ import annotations

from backend_client.local.schema.access import api_client, house_limit, operator, sign_in_try
from backend_client.local.schema.aftercare import (
    SEARCH_INDEX,
    accepted_refund,
    discrepancy,
    lease,
    leg_watch,
    outbox,
    search_doc,
)
from backend_client.local.schema.approvals import connect_approval, refund_approval, resolution
from backend_client.local.schema.columns import metadata, tables_since
from backend_client.local.schema.connect import (
    connect_intent,
    connect_leg,
    connect_line,
    connect_note,
)
from backend_client.local.schema.money import (
    attempt,
    audit,
    book_entry,
    booking_event,
    credit_account,
    leg,
    posting,
    refund,
    refund_line,
)
from backend_client.local.schema.runs import (
    run,
    run_approval,
    run_count,
    run_item,
    run_leg,
    run_limit,
    run_scope,
    run_total,
)
from backend_client.local.schema.sales import (
    booking,
    contact,
    line,
    meta,
    order_session,
    payment,
    performance,
    sequence,
)

__all__ = [
    "SEARCH_INDEX",
    "accepted_refund",
    "api_client",
    "attempt",
    "audit",
    "book_entry",
    "booking",
    "booking_event",
    "connect_approval",
    "connect_intent",
    "connect_leg",
    "connect_line",
    "connect_note",
    "contact",
    "credit_account",
    "discrepancy",
    "house_limit",
    "lease",
    "leg",
    "leg_watch",
    "line",
    "meta",
    "metadata",
    "operator",
    "order_session",
    "outbox",
    "payment",
    "performance",
    "posting",
    "refund",
    "refund_approval",
    "refund_line",
    "resolution",
    "run",
    "run_approval",
    "run_count",
    "run_item",
    "run_leg",
    "run_limit",
    "run_scope",
    "run_total",
    "search_doc",
    "sequence",
    "sign_in_try",
    "tables_since",
]
