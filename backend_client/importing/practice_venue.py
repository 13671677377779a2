"""The practice venue: a believable house full of bookings, the same for the same seed and time."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from random import Random

from backend_client.domain.incoming import (
    IncomingBooking,
    IncomingContact,
    IncomingLine,
    IncomingPayment,
    IncomingPerformance,
)
from backend_client.domain.kinds import FeeKind, LineKind, LineState, PaymentMethod
from backend_client.importing.practice_awkward import awkward_bookings, awkward_cases
from backend_client.importing.practice_names import (
    CATEGORIES,
    EVENTS,
    HALLS,
    SNACKS,
    TARIFFS,
    somebody,
)
from backend_client.importing.practice_parts import (
    BOX_OFFICE,
    CURRENCY,
    INTERNET,
    PHONE,
    RESALE,
    SITE,
    card,
    concession,
    fee,
    gift_card,
    payment,
)

__all__ = ["awkward_bookings", "awkward_cases", "practice_bookings"]

DAYS_BACK, DAYS_AHEAD = 60, 45
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Nothing that could be misread: no O and 0, no I and 1."""
_ID_BITS, _STEP = 25, 20_357_513
_ROWS, _SEATS_A_ROW = "ABCDEFGHJKLMNPQRSTUV", 30
_HOUSE_FULL = len(_ROWS) * _SEATS_A_ROW
_TICKETS_A_BOOKING = 2.5


def practice_bookings(count: int, seed: int, now: datetime) -> Iterator[IncomingBooking]:
    """`count` bookings, the awkward ones first, then others in the order they were sold."""
    awkward = [booking for _, booking in awkward_bookings(now)]
    yield from islice(awkward, count)
    taken = {booking.booking_id for booking in awkward}
    others = count - len(awkward)
    if others > 0:
        yield from _Season(others, seed, now.replace(microsecond=0), taken).bookings()


class _Season:
    """Sells a season of performances, booking by booking."""

    def __init__(self, count: int, seed: int, now: datetime, taken: set[str]) -> None:
        self._count = count
        self._rng = Random(f"ticket-window {seed}")
        self._now = now
        self._taken = taken
        self._shows = self._programme()
        self._starts = [show.starts_at for show in self._shows if show.starts_at]
        self._sold_seats = [0] * len(self._shows)
        self._customers = max(count * 2 // 3, 1)
        self._seed = self._rng.getrandbits(32)

    def bookings(self) -> Iterator[IncomingBooking]:
        ids = self._ids()
        span = timedelta(days=DAYS_BACK)
        for index in range(self._count):
            sold_at = self._now - span * (1 - (index + 1) / (self._count + 1))
            yield self._booking(next(ids), index, sold_at.replace(microsecond=0))

    def _programme(self) -> list[IncomingPerformance]:
        """Enough evenings for everybody, by their start."""
        wanted = max(math.ceil(self._count * _TICKETS_A_BOOKING / _HOUSE_FULL * 2), 90)
        first = self._now.replace(hour=18, minute=30, second=0) - timedelta(days=DAYS_BACK)
        minutes = (DAYS_BACK + DAYS_AHEAD) * 24 * 60
        shows = []
        for place in range(wanted):
            day = timedelta(days=minutes * place // wanted // (24 * 60))
            late = timedelta(minutes=self._rng.choice((0, 0, 30, 60, 90, -240)))
            event = self._rng.randrange(len(EVENTS))
            hall = HALLS[place % len(HALLS)]
            name = f"{EVENTS[event]} · {hall}" if hall != HALLS[0] else EVENTS[event]
            shows.append((first + day + late, name, event))
        shows.sort(key=lambda show: show[0])
        return [
            IncomingPerformance(f"P{place:05d}", name, starts_at, f"E{event:03d}")
            for place, (starts_at, name, event) in enumerate(shows, 1)
        ]

    def _ids(self) -> Iterator[str]:
        """Ids that look random and never repeat."""
        mask = (1 << _ID_BITS) - 1
        for index in range(mask):
            value = (index * _STEP + self._seed) & mask
            letters = (_LETTERS[(value >> shift) & 31] for shift in range(0, _ID_BITS, 5))
            booking_id = "WP" + "".join(letters)
            if booking_id not in self._taken:
                yield booking_id

    def _booking(self, booking_id: str, index: int, sold_at: datetime) -> IncomingBooking:
        rng = self._rng
        place = self._show_for(sold_at)
        show = self._shows[place]
        contact: IncomingContact | None = self._customer()
        roll = rng.random()
        channel = _channel(roll)
        lines = self._lines(place, show, channel, sold_at)
        total = sum(line.price_minor for line in lines)
        is_paid = rng.random() > 0.01
        if channel == BOX_OFFICE and rng.random() < 0.25:
            contact = None
        payments = self._payments(index, total, channel, contact) if is_paid else ()
        return IncomingBooking(
            site=SITE,
            booking_id=booking_id,
            transaction_id=str(1_000_000 + index) if is_paid else "0",
            number=str(50_000 + index),
            currency=CURRENCY,
            channel=channel,
            sold_at=sold_at,
            is_paid=is_paid,
            contact=contact,
            performances=(show,),
            lines=lines,
            payments=payments,
        )

    def _show_for(self, sold_at: datetime) -> int:
        """A performance still to come when it was sold, the sooner the likelier."""
        first = bisect_right(self._starts, sold_at)
        ahead = len(self._starts) - first
        while True:
            place = (
                first + int(ahead * self._rng.random() ** 2) if ahead > 0 else len(self._starts) - 1
            )
            if self._sold_seats[place] + 8 < _HOUSE_FULL or self._rng.random() < 0.02:
                return place

    def _customer(self) -> IncomingContact:
        """One of the house's customers; some come often."""
        number = int(self._customers * self._rng.random() ** 1.5)
        return somebody(Random(self._seed * 1_000_003 + number), number)

    def _lines(
        self, place: int, show: IncomingPerformance, channel: str, sold_at: datetime
    ) -> tuple[IncomingLine, ...]:
        rng = self._rng
        tickets = self._tickets(place, show, sold_at)
        lines = list(tickets)
        if channel == INTERNET:
            for one in tickets:
                lines.append(fee(len(lines) + 1, 100, parent=one.sequence))
        elif channel == PHONE:
            lines.append(fee(len(lines) + 1, 500, FeeKind.OVERHEAD))
        if rng.random() < 0.12:
            code, name, price = rng.choice(SNACKS)
            lines.append(concession(len(lines) + 1, price, name, tariff=code))
        if channel in (INTERNET, PHONE) and rng.random() < 0.05:
            lines.append(fee(len(lines) + 1, 600, FeeKind.SHIPMENT))
        return tuple(lines)

    def _tickets(
        self, place: int, show: IncomingPerformance, sold_at: datetime
    ) -> tuple[IncomingLine, ...]:
        rng = self._rng
        count = rng.choice((1, 1, 2, 2, 2, 2, 3, 4, 4, 5))
        category, price = rng.choice(CATEGORIES)
        over = show.starts_at is not None and show.starts_at <= self._now
        groups: tuple[str, ...] = ()
        if count >= 3 and rng.random() < 0.12:
            groups = (rng.choice(("family", "3for2")),)
        tickets = []
        for sequence in range(1, count + 1):
            tariff, described, percent = TARIFFS[0 if rng.random() < 0.6 else rng.randrange(4)]
            free = groups == ("3for2",) and sequence == 3
            cost = 0 if free else price * percent // 100
            collected = over and rng.random() < 0.9
            tickets.append(
                IncomingLine(
                    sequence=sequence,
                    kind=LineKind.TICKET,
                    description=described,
                    price_minor=cost,
                    value_minor=cost,
                    state=LineState.SOLD,
                    performance=show.key,
                    seat=self._seat(place),
                    contingent="SALE",
                    category=category,
                    tariff=tariff,
                    groups=groups,
                    collected=collected,
                    collected_at=max(show.starts_at - timedelta(minutes=20), sold_at)
                    if collected and show.starts_at
                    else None,
                )
            )
        return tuple(tickets)

    def _seat(self, place: int) -> str:
        seat = self._sold_seats[place]
        self._sold_seats[place] = seat + 1
        block, rest = divmod(seat, _HOUSE_FULL)
        row, number = divmod(rest, _SEATS_A_ROW)
        return f"{_ROWS[row] * (block + 1)} {number + 1}"

    def _payments(
        self, index: int, total: int, channel: str, contact: IncomingContact | None
    ) -> tuple[IncomingPayment, ...]:
        if total == 0:
            return ()
        rng = self._rng
        payer = contact.key if contact else ""
        one = self._payment(index, total, channel)
        if total > 2000 and rng.random() < 0.03:
            part = total // 4
            gift = gift_card("P1", part, f"GC-{700_000 + index}", f"{rng.randrange(10_000):04d}")
            rest = replace(one, key="P2", amount_minor=total - part, settled_minor=total - part)
            return (replace(gift, payer=payer), replace(rest, payer=payer))
        return (replace(one, payer=payer),)

    def _payment(self, index: int, total: int, channel: str) -> IncomingPayment:
        rng = self._rng
        roll = rng.random()
        last_four = f"{rng.randrange(10_000):04d}"
        brand, mask = rng.choice((("VISA", "455673"), ("MC", "540123"), ("AMEX", "374500")))
        expiry = f"{self._now.year + rng.randrange(-1, 5)}-{rng.randrange(1, 13):02d}"
        paid_card = card(
            "P1",
            total,
            str(3_300_000_000 + index),
            masked_number=f"{mask}••••••{last_four}",
            card_type=brand,
            card_expiry=expiry,
        )
        if channel == BOX_OFFICE:
            if roll < 0.4:
                return payment("P1", PaymentMethod.CASH, total)
            if roll < 0.93:
                return replace(paid_card, provider="terminal", provider_reference=f"T-{index:06d}")
            return payment("P1", PaymentMethod.VOUCHER, total)
        if roll < 0.02:
            settled = total * rng.randrange(5) // 4
            return payment(
                "P1", PaymentMethod.WAITING_ACCOUNT, total, settled_minor=min(settled, total)
            )
        if channel == RESALE and roll < 0.3:
            return payment("P1", PaymentMethod.EXTERNAL, total)
        return paid_card


def _channel(roll: float) -> str:
    if roll < 0.62:
        return INTERNET
    if roll < 0.88:
        return BOX_OFFICE
    return PHONE if roll < 0.96 else RESALE
