"""A refund call of Vista Connect as a request to the backend."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backend_client.answers import BookingView
from backend_client.domain.card_numbers import holds_card
from backend_client.domain.plan import Part, RefundRequest
from backend_client.domain.problems import Refused
from backend_client.domain.refund import Method
from backend_client.domain.stored_value import StoredValueNumber
from backend_client.server.connect_reading import (
    ExternalDetail,
    RefundCall,
    UnmatchedDetail,
)
from backend_client.server.security_codes import is_stored_value

REASON = "Refund through Vista Connect"
"""Where the client gives none: the document's calls have no reason."""
ACKNOWLEDGED = frozenset({"fee-stranded"})
"""The document's own sample leaves a fee behind that can never go back: whoever sends explicit
lines has decided that."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a call asks of the backend; `number` is the gift card it loads, if it loads one."""

    request: RefundRequest
    number: StoredValueNumber | None


def asked(call: RefundCall, view: BookingView, correlation_id: str) -> Asked:
    """The request a call means. Parts are always named: none would mean whatever we propose.

    Raises Refused: `payment-card-number`, `unmatched-once`, `number-…`.
    """
    parts = (*_matched(call), *_external(call, correlation_id), *_unmatched(call))
    return Asked(
        RefundRequest(
            booking_id=view.booking.id,
            sequences=call.sequences_to_refund or _all_refundable(view),
            reason=call.refund_reason.strip() or REASON,
            parts=parts,
            acknowledged=ACKNOWLEDGED,
        ),
        _number(call),
    )


def _all_refundable(view: BookingView) -> tuple[int, ...]:
    """Every line that can go back; where none can, all of them, so that the reason is said."""
    lines = [line.sequence for line in view.booking.lines]
    sold = [line.sequence for line in view.booking.lines if line.is_sold]
    able = [sequence for sequence in sold if view.verdicts[sequence].refundable]
    return tuple(able or sold or lines)


def _matched(call: RefundCall) -> Iterator[Part]:
    for one in call.matched_payment_details:
        yield Part(Method.MATCHED, one.amount_in_cents, one.payment_id)


def _external(call: RefundCall, correlation_id: str) -> Iterator[Part]:
    for one in call.external_payment_details:
        expiry = f"{one.card_expiry_month.zfill(2)}/{one.card_expiry_year}"
        yield Part(
            Method.EXTERNAL,
            one.amount_in_cents,
            reference=_proof(one, correlation_id),
            masked_number=one.card_number_masked,
            card_type=one.card_type,
            card_expiry=expiry if one.card_expiry_year else "",
        )


def _proof(one: ExternalDetail, correlation_id: str) -> str:
    """What the client can show for a payment it made: the card, else the call itself."""
    card = f"{one.card_type} {one.card_number_masked}".strip()
    return card or f"call {correlation_id}"


def _unmatched(call: RefundCall) -> Iterator[Part]:
    for one in call.unmatched_payment_details:
        _refuse_payment_card(one)
        yield Part(Method.UNMATCHED, one.amount_in_cents)


def _refuse_payment_card(one: UnmatchedDetail) -> None:
    if not is_stored_value(one.card_type) or holds_card(one.card_number):
        raise Refused("payment-card-number")


def _number(call: RefundCall) -> StoredValueNumber | None:
    numbers = [one.card_number for one in call.unmatched_payment_details]
    if len(numbers) > 1:
        raise Refused("unmatched-once")
    return StoredValueNumber(numbers[0]) if numbers else None
