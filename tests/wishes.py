"""Refund calls to Connect as tests write them into a journal."""

from __future__ import annotations

from dataclasses import replace

from backend_client.domain.booking import BookingKey
from backend_client.domain.connect_intent import IntentLeg, Wish
from backend_client.domain.connect_outcome import SeenRefund, Snapshot
from backend_client.domain.legs import RefundedLine
from backend_client.domain.refund import Method

KEY = BookingKey("0001", "WPM8TS9", "3679")
VISA = IntentLeg(0, 1, Method.MATCHED, 1000, "OPH-1", "VISA •••• 1111")
TILL = IntentLeg(
    0, 2, Method.EXTERNAL, 450, reference="slip 7", masked_number="412403....5226", card_type="VISA"
)
EARLIER = (SeenRefund(10, "OPH-1", "1111", "VISA", "call-0"),)
BEFORE = Snapshot({1: False, 2: None, 3: False}, EARLIER)


def wish(
    number: int = 1,
    *,
    lines: tuple[int, ...] = (1, 2),
    legs: tuple[IntentLeg, ...] = (VISA, TILL),
    key: BookingKey = KEY,
) -> Wish:
    """Two lines for the legs' sum; `number` tells commits apart."""
    total = sum(leg.amount_minor for leg in legs)
    values = [total, *[0] * (len(lines) - 1)]
    return Wish(
        key=key,
        booking_number="3638",
        customer="Bette Davis",
        currency="CHF",
        lines=tuple(
            RefundedLine(line, "Adult", value) for line, value in zip(lines, values, strict=True)
        ),
        legs=tuple(replace(leg, ordinal=place) for place, leg in enumerate(legs, 1)),
        reason="Customer request",
        commit_key=f"commit-{number}",
        fingerprint=f"fingerprint-{number}",
        environment="test",
        before=BEFORE,
        correlation_id=f"call-{number}",
    )
