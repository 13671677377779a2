"""What lines, fees and payments there are: the words every other table is made of."""

from __future__ import annotations

from enum import StrEnum


class LineKind(StrEnum):
    TICKET = "ticket"
    CONCESSION = "concession"
    FEE = "fee"


class FeeKind(StrEnum):
    BOOKING_FEE = "booking_fee"
    CHARGE = "charge"
    SHIPMENT = "shipment"
    OVERHEAD = "overhead"
    INSURANCE = "insurance"


class LineState(StrEnum):
    SOLD = "sold"
    RESERVED = "reserved"
    CANCELLED = "cancelled"
    EXCHANGED = "exchanged"
    RESOLD = "resold"


class PaymentMethod(StrEnum):
    """How a booking was paid."""

    CARD = "card"
    CASH = "cash"
    GIFT_CARD = "gift_card"
    CREDIT_ACCOUNT = "credit_account"
    WAITING_ACCOUNT = "waiting_account"
    VOUCHER = "voucher"
    TRANSFER = "transfer"
    EXTERNAL = "external"


STORED_VALUE_METHODS = frozenset({PaymentMethod.GIFT_CARD, PaymentMethod.CREDIT_ACCOUNT})
