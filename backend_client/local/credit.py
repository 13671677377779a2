"""Credit accounts: what a contact holds, and spending it on a later sale."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy.engine import Connection, Row

from backend_client.answers import CreditEntry, CreditStatement
from backend_client.domain import books as rules
from backend_client.domain.booking import Contact
from backend_client.domain.caller import Action, Caller
from backend_client.domain.money import described, exponent
from backend_client.domain.permissions import may
from backend_client.domain.plan import CreditSpend
from backend_client.domain.problems import Refused
from backend_client.domain.texts import REFERENCE_LIMIT, clean_text, free_text
from backend_client.local.audit import Record
from backend_client.local.books import Entry, EntryKind, post
from backend_client.local.context import Context
from backend_client.local.rows import fetch
from backend_client.local.times import from_us

MOST_ENTRIES = 200


class Credit:
    """Reads and spends credit accounts."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def statement(self, contact_key: str) -> CreditStatement:
        with self._context.store.read() as connection:
            return _statement(connection, _contact(connection, contact_key))

    def spend(self, caller: Caller, spend: CreditSpend) -> CreditStatement:
        """Use credit once for a reference; asked again, it answers with the account as it is."""
        may(caller, Action.SPEND_CREDIT)
        wanted = _checked(spend)
        context = self._context
        now = context.now()

        def job(connection: Connection) -> CreditStatement:
            contact = _contact(connection, wanted.contact_key)
            if not _spent_already(connection, contact, wanted):
                _take(connection, contact, wanted)
                postings = rules.credit_spent(contact.id, wanted.amount_minor, wanted.currency)
                kind = EntryKind.CREDIT_SPENT
                entry = Entry(kind, postings, contact_id=contact.id, reference=wanted.reference)
                post(connection, caller, now, [entry])
                body = {
                    "amount_minor": wanted.amount_minor,
                    "currency": wanted.currency,
                    "reference": wanted.reference,
                }
                record = Record("spend_credit", contact.key, body)
                context.store.audit.append(connection, caller, now, record)
            return _statement(connection, contact)

        return context.store.write(job, label="spend credit")


def _checked(spend: CreditSpend) -> CreditSpend:
    places = exponent(spend.currency)
    if spend.amount_minor <= 0:
        raise Refused(
            "amount-invalid",
            text=str(spend.amount_minor),
            currency=spend.currency,
            exponent=places,
        )
    reference = free_text(spend.reference, "reference", REFERENCE_LIMIT)
    if not reference:
        raise Refused("reference-required", method="credit")
    return CreditSpend(spend.contact_key, spend.amount_minor, spend.currency, reference)


def _spent_already(connection: Connection, contact: Contact, spend: CreditSpend) -> bool:
    rows = fetch(
        connection,
        "SELECT p.amount_minor, p.currency FROM book_entry e JOIN posting p ON p.entry_id = e.id "
        "WHERE e.kind = ? AND e.contact_id = ? AND e.reference = ? AND p.account = ?",
        EntryKind.CREDIT_SPENT.value,
        contact.id,
        spend.reference,
        rules.customer_credit(contact.id),
    )
    if not rows:
        return False
    before = rows[0]
    if (before.amount_minor, before.currency) != (spend.amount_minor, spend.currency):
        amount = described(before.currency, amount=before.amount_minor)
        raise Refused("reference-used", reference=spend.reference, **amount)
    return True


def _take(connection: Connection, contact: Contact, spend: CreditSpend) -> None:
    taken = connection.exec_driver_sql(
        "UPDATE credit_account SET balance_minor = balance_minor - ? "
        "WHERE contact_id = ? AND currency = ? AND balance_minor >= ?",
        (spend.amount_minor, contact.id, spend.currency, spend.amount_minor),
    ).rowcount
    if not taken:
        held = dict(_balances(connection, contact)).get(spend.currency, 0)
        amounts = described(spend.currency, balance=held, amount=spend.amount_minor)
        raise Refused("credit-insufficient", **amounts)


def _contact(connection: Connection, key: str) -> Contact:
    rows = fetch(connection, "SELECT * FROM contact WHERE key = ?", key.strip())
    if not rows:
        raise Refused("contact-not-found", text=clean_text(key, 80))
    row = rows[0]
    return Contact(row.id, row.key, row.name, row.email, row.phone)


def _balances(connection: Connection, contact: Contact) -> tuple[tuple[str, int], ...]:
    rows = fetch(
        connection,
        "SELECT currency, balance_minor FROM credit_account WHERE contact_id = ? ORDER BY currency",
        contact.id,
    )
    return tuple((row.currency, row.balance_minor) for row in rows)


def _statement(connection: Connection, contact: Contact) -> CreditStatement:
    rows = fetch(
        connection,
        "SELECT e.at_us, e.kind, e.reference, p.amount_minor, p.currency FROM book_entry e "
        "JOIN posting p ON p.entry_id = e.id WHERE e.contact_id = ? AND p.account = ? "
        f"ORDER BY e.id DESC LIMIT {MOST_ENTRIES}",
        contact.id,
        rules.customer_credit(contact.id),
    )
    return CreditStatement(contact, _balances(connection, contact), tuple(_entries(rows)))


def _entries(rows: Iterable[Row[Any]]) -> Iterable[CreditEntry]:
    """Entries as the customer sees them: what came in is positive."""
    for row in rows:
        what = "credit_spent" if row.kind == EntryKind.CREDIT_SPENT else "credited"
        yield CreditEntry(from_us(row.at_us), -row.amount_minor, what, row.reference, row.currency)
