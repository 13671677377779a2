"""Building blocks of practice bookings: lines, payments and people with few words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from backend_client.domain.incoming import (
    IncomingBooking,
    IncomingContact,
    IncomingLine,
    IncomingPayment,
    IncomingPerformance,
)
from backend_client.domain.kinds import FeeKind, LineKind, PaymentMethod

SITE = "0001"
CURRENCY = "CHF"
INTERNET, BOX_OFFICE, PHONE, RESALE, PARTNER = (
    "internet",
    "box-office",
    "phone",
    "resale",
    "partner",
)
_FIRST_CARD = 3_254_561_000
"""References of card payments count from here."""

Case = tuple[str, IncomingBooking]
"""What a booking shows, and the booking."""


def ticket(sequence: int, price: int, show: str = "", seat: str = "", **more: Any) -> IncomingLine:
    """A ticket worth its price, unless `more` says otherwise."""
    plain = IncomingLine(
        sequence=sequence,
        kind=LineKind.TICKET,
        description="Adult",
        price_minor=price,
        value_minor=price,
        performance=show,
        seat=seat,
        contingent="SALE",
        category="A",
        tariff="0001",
    )
    return replace(plain, **more)


def concession(sequence: int, price: int, description: str, **more: Any) -> IncomingLine:
    plain = IncomingLine(
        sequence=sequence,
        kind=LineKind.CONCESSION,
        description=description,
        price_minor=price,
        value_minor=price,
        tariff="75",
    )
    return replace(plain, **more)


def fee(
    sequence: int, price: int, kind: FeeKind = FeeKind.BOOKING_FEE, parent: int | None = None
) -> IncomingLine:
    return IncomingLine(
        sequence=sequence,
        kind=LineKind.FEE,
        fee_kind=kind,
        description="",
        price_minor=price,
        value_minor=price,
        parent_sequence=parent,
    )


def payment(key: str, method: PaymentMethod, amount: int, **more: Any) -> IncomingPayment:
    """A payment, wholly settled unless `more` says otherwise."""
    return replace(IncomingPayment(key, method, amount, settled_minor=amount), **more)


def card(key: str, amount: int, reference: str, **more: Any) -> IncomingPayment:
    plain = payment(
        key,
        PaymentMethod.CARD,
        amount,
        provider="worldline",
        provider_reference=reference,
        masked_number="455673••••••0042",
        card_type="VISA",
        card_expiry="2031-08",
    )
    return replace(plain, **more)


def gift_card(key: str, amount: int, reference: str, last_four: str) -> IncomingPayment:
    return payment(
        key,
        PaymentMethod.GIFT_CARD,
        amount,
        provider="giftworld",
        provider_reference=reference,
        masked_number=f"••••••••{last_four}",
        card_type="SVS",
    )


@dataclass(frozen=True, slots=True)
class House:
    """What is on: performances by a short name, at times around `now`."""

    now: datetime
    shows: dict[str, IncomingPerformance]

    def sold(self, days_ago: float) -> datetime:
        return (self.now - timedelta(days=days_ago)).replace(microsecond=0)

    def booking(
        self,
        booking_id: str,
        contact: IncomingContact | None,
        lines: tuple[IncomingLine, ...],
        payments: tuple[IncomingPayment, ...],
        place: int,
        **more: Any,
    ) -> IncomingBooking:
        """A booking whose payments are by its contact, unless they name somebody else.

        `place` makes the number and the transaction, where `more` does not.
        """
        named = dict.fromkeys(line.performance for line in lines if line.performance)
        own = contact.key if contact else ""
        plain = IncomingBooking(
            site=SITE,
            booking_id=booking_id,
            transaction_id=str(900_000 + place),
            number=str(40_000 + place),
            currency=CURRENCY,
            channel=INTERNET,
            sold_at=self.sold(6.2),
            contact=contact,
            performances=tuple(self.shows[name] for name in named),
            lines=tuple(self._on_stage(one) for one in lines),
            payments=tuple(replace(one, payer=one.payer or own) for one in payments),
            prior_refunded_minor=sum(one.prior_refunded_minor for one in payments),
        )
        return replace(plain, **more)

    def case(
        self,
        note: str,
        booking_id: str,
        contact: IncomingContact | None,
        lines: tuple[IncomingLine, ...],
        payments: tuple[IncomingPayment, ...],
        place: int,
        **more: Any,
    ) -> Case:
        """An awkward booking, with what it shows."""
        return note, self.booking(booking_id, contact, lines, payments, place, **more)

    def by_card(
        self,
        note: str,
        booking_id: str,
        contact: IncomingContact | None,
        lines: tuple[IncomingLine, ...],
        place: int,
        **more: Any,
    ) -> Case:
        """An awkward booking whose awkwardness is not how it was paid: all of it on one card."""
        paid = card("P1", sum(line.price_minor for line in lines), str(_FIRST_CARD + place))
        return self.case(note, booking_id, contact, lines, (paid,), place, **more)

    def _on_stage(self, line: IncomingLine) -> IncomingLine:
        if not line.performance:
            return line
        return replace(line, performance=self.shows[line.performance].key)


def house(now: datetime) -> House:
    """The programme the awkward bookings are for."""
    evening = now.replace(hour=19, minute=0, second=0, microsecond=0)
    days = {
        "hamlet": ("Hamlet", 8),
        "hamlet late": ("Hamlet", 18),
        "figaro": ("Le nozze di Figaro", 11),
        "lac": ("Le lac des cygnes", 15),
        "quartet": ("Quatuor Ébène · Beethoven", 22),
        "godot": ("En attendant Godot", 29),
        "yesterday": ("Die Physiker", -1),
    }
    shows = {
        name: IncomingPerformance(
            f"A{place:03d}", event, evening + timedelta(days=away), f"E{place:03d}"
        )
        for place, (name, (event, away)) in enumerate(days.items(), 1)
    }
    shows["running"] = IncomingPerformance("A090", "Der Besuch der alten Dame", now, "E090")
    night = evening.replace(hour=23, minute=30) + timedelta(days=9)
    shows["night"] = IncomingPerformance("A091", "Nuit blanche (after midnight)", night, "E091")
    return House(now, shows)
