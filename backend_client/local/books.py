"""The books: one function posts, nothing is ever changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.engine import Connection

from backend_client.domain.books import Posting, is_balanced, reversed_postings
from backend_client.domain.caller import Caller
from backend_client.local import ids
from backend_client.local.rows import fetch, insert_rows
from backend_client.local.schema import book_entry, posting
from backend_client.local.times import to_us


class EntryKind(StrEnum):
    """What a transaction of the books was for."""

    GRANTED = "granted"
    SETTLED = "settled"
    FAILED_LATE = "failed_late"
    VOIDED = "voided"
    CREDIT_SPENT = "credit_spent"
    FOUND = "found"
    """A refund made at the provider itself was accepted."""
    FOUND_ENDED = "found_ended"
    SOLD = "sold"
    """The payment of a sale, taken elsewhere, was recorded."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One transaction of the books; its postings sum to zero in every currency."""

    kind: EntryKind
    postings: tuple[Posting, ...]
    refund_id: int | None = None
    leg_id: int | None = None
    contact_id: int | None = None
    reference: str = ""


_ENTRY = (
    "id",
    "at_us",
    "kind",
    "refund_id",
    "leg_id",
    "contact_id",
    "reference",
    "operator",
    "desk",
)
_POSTING = ("entry_id", "ordinal", "account", "currency", "amount_minor")


def post(connection: Connection, caller: Caller, at: datetime, entries: Iterable[Entry]) -> None:
    """Write transactions into the books; those that would move nothing leave no trace."""
    real = [entry for entry in entries if entry.postings]
    if not real:
        return
    assert all(is_balanced(entry.postings) for entry in real), "an entry does not sum to zero"
    first = ids.take(connection, "book_entry", len(real))
    at_us = to_us(at)
    numbered = list(enumerate(real, first))
    insert_rows(
        connection,
        book_entry,
        _ENTRY,
        [
            (
                entry_id,
                at_us,
                entry.kind.value,
                entry.refund_id,
                entry.leg_id,
                entry.contact_id,
                entry.reference,
                caller.operator,
                caller.desk,
            )
            for entry_id, entry in numbered
        ],
    )
    insert_rows(
        connection,
        posting,
        _POSTING,
        [
            (entry_id, ordinal, one.account, one.currency, one.amount_minor)
            for entry_id, entry in numbered
            for ordinal, one in enumerate(entry.postings)
        ],
    )


def reversal_of(connection: Connection, refund_id: int) -> tuple[Posting, ...]:
    """What takes back everything posted for a refund so far, account by account."""
    rows = fetch(
        connection,
        "SELECT p.account, p.currency, SUM(p.amount_minor) AS amount_minor "
        "FROM book_entry e JOIN posting p ON p.entry_id = e.id WHERE e.refund_id = ? "
        "GROUP BY p.account, p.currency HAVING SUM(p.amount_minor) <> 0 ORDER BY p.account",
        refund_id,
    )
    posted = [Posting(row.account, row.currency, row.amount_minor) for row in rows]
    return reversed_postings(posted)


def balance(connection: Connection, account: str) -> dict[str, int]:
    """What an account holds, by currency; debits are positive."""
    rows = fetch(
        connection,
        "SELECT currency, SUM(amount_minor) AS held FROM posting WHERE account = ? "
        "GROUP BY currency",
        account,
    )
    return {row.currency: row.held for row in rows}
