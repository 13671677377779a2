"""Double entry for refunds: what each event posts. Debits are positive, credits negative."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backend_client.domain.kinds import LineKind
from backend_client.domain.refund import Method

TICKETS_SOLD = "tickets_sold"
CONCESSIONS_SOLD = "concessions_sold"
FEES_SOLD = "fees_sold"
RETAINED_FEE_INCOME = "retained_fee_income"
REFUND_PAYABLE = "refund_payable"
STORED_VALUE = "stored_value"
EXTERNAL = "external"
WAITING_ACCOUNT = "waiting_account"
RESALE_CLEARING = "resale_clearing"
SALES_CLEARING = "sales_clearing"
REFUNDS_ELSEWHERE = "refunds_elsewhere"
"""What was given back at a provider itself and no refund of ours explains."""

_SOLD = {
    LineKind.TICKET: TICKETS_SOLD,
    LineKind.CONCESSION: CONCESSIONS_SOLD,
    LineKind.FEE: FEES_SOLD,
}


@dataclass(frozen=True, slots=True)
class Posting:
    account: str
    currency: str
    amount_minor: int


def provider_clearing(provider: str) -> str:
    return f"provider_clearing:{provider}"


def customer_credit(contact_id: int) -> str:
    return f"customer_credit:{contact_id}"


def cash_desk(desk: str) -> str:
    return f"cash_desk:{desk}"


def granted(
    lines: Iterable[tuple[LineKind, int]], *, withheld_minor: int, currency: str
) -> tuple[Posting, ...]:
    """A refund was granted: the sale shrinks, the house keeps what is withheld, the rest is owed.

    `lines` are kinds and values of what went back; `withheld_minor` is the retained amount plus
    the breach fee.
    """
    sums: dict[str, int] = {}
    for kind, value_minor in lines:
        account = _SOLD[kind]
        sums[account] = sums.get(account, 0) + value_minor
    value = sum(sums.values())
    if not 0 <= withheld_minor <= value:
        raise ValueError(f"{withheld_minor} cannot be withheld from {value}")
    sums[RETAINED_FEE_INCOME] = -withheld_minor
    sums[REFUND_PAYABLE] = withheld_minor - value
    return _balanced(sums, currency)


def sold(lines: Iterable[tuple[LineKind, int]], currency: str) -> tuple[Posting, ...]:
    """A sale was paid elsewhere: the money lies there, and what was sold is earned. `lines` are
    kinds and prices."""
    sums: dict[str, int] = {}
    for kind, price_minor in lines:
        account = _SOLD[kind]
        sums[account] = sums.get(account, 0) - price_minor
    sums[EXTERNAL] = -sum(sums.values())
    return _balanced(sums, currency)


def resale_granted(amount_minor: int, currency: str) -> tuple[Posting, ...]:
    """The reseller of a ticket is owed what its new holder paid."""
    return _move(RESALE_CLEARING, REFUND_PAYABLE, amount_minor, currency)


def settled(
    method: Method,
    amount_minor: int,
    currency: str,
    *,
    provider: str = "",
    payer_id: int | None = None,
    desk: str = "",
) -> tuple[Posting, ...]:
    """A leg reached the customer: less is owed, and the money came from its method's account."""
    to = paying_account(method, provider=provider, payer_id=payer_id, desk=desk)
    return _move(REFUND_PAYABLE, to, amount_minor, currency)


def paying_account(
    method: Method, *, provider: str = "", payer_id: int | None = None, desk: str = ""
) -> str:
    """The account a method pays out of. A requested leg pays nothing and has none."""
    if method in (Method.MATCHED, Method.UNMATCHED):
        if not provider:
            raise ValueError(f"{method} needs a provider")
        return provider_clearing(provider)
    if method is Method.CREDIT:
        if payer_id is None:
            raise ValueError("credit needs a contact")
        return customer_credit(payer_id)
    if method is Method.CASH:
        if not desk:
            raise ValueError("cash needs a desk")
        return cash_desk(desk)
    if method is Method.GIFT_CARD:
        return STORED_VALUE
    if method in (Method.EXTERNAL, Method.TRANSFER):
        return EXTERNAL
    if method is Method.WAITING:
        return WAITING_ACCOUNT
    raise ValueError(f"{method} pays nothing out")


def credit_spent(contact_id: int, amount_minor: int, currency: str) -> tuple[Posting, ...]:
    """Credit was used for a later sale."""
    return _move(customer_credit(contact_id), SALES_CLEARING, amount_minor, currency)


def found_elsewhere(
    amount_minor: int, currency: str, *, provider: str, recorded: bool
) -> tuple[Posting, ...]:
    """A refund made at the provider itself: its money is gone there. `recorded` says that a
    payment made by hand was booked for it here already, which then came from the provider."""
    explained = EXTERNAL if recorded else REFUNDS_ELSEWHERE
    return _move(explained, provider_clearing(provider), amount_minor, currency)


def reversed_postings(postings: Iterable[Posting]) -> tuple[Posting, ...]:
    """What takes earlier postings back: corrections are new postings, never changes."""
    return tuple(
        Posting(posting.account, posting.currency, -posting.amount_minor) for posting in postings
    )


def is_balanced(postings: Iterable[Posting]) -> bool:
    """Do the postings sum to zero in every currency?"""
    sums: dict[str, int] = {}
    for posting in postings:
        sums[posting.currency] = sums.get(posting.currency, 0) + posting.amount_minor
    return not any(sums.values())


def _move(debit: str, credit: str, amount_minor: int, currency: str) -> tuple[Posting, ...]:
    if amount_minor < 0:
        raise ValueError(f"{amount_minor} cannot be moved")
    return _balanced({debit: amount_minor, credit: -amount_minor}, currency)


def _balanced(sums: Mapping[str, int], currency: str) -> tuple[Posting, ...]:
    postings = [
        Posting(account, currency, amount_minor)
        for account, amount_minor in sums.items()
        if amount_minor
    ]
    assert is_balanced(postings), "a transaction of the books does not sum to zero"
    return tuple(postings)
