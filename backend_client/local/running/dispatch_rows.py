"""What a dispatch looks at, page by page: open payments and the payments they could go back to.

Whole bookings with all their lines would be too heavy for a hundred thousand of them: only what
the rules need is read, as small values.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from backend_client.domain.dispatch import BLOCKED, REFUSED, Claim, Source
from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.problems import Refused
from backend_client.domain.reach import RefundLimits, out_of_reach
from backend_client.domain.room import label_among
from backend_client.domain.run_parameters import CreditMode, DispatchParameters
from backend_client.domain.settlement import Outcome
from backend_client.local.bookings import ELSEWHERE
from backend_client.local.rows import fetch, id_list
from backend_client.local.times import maybe_from_us, to_us
from backend_client.local.triggers import HOLDING, TO_PAYMENT, in_list

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Row

    from backend_client.local.context import Context

_IN = "IN (SELECT value FROM json_each(?))"
DISPATCHABLE = "l.state IN ('requested','declined','failed_late') AND l.by_hand = 0"
"""Word for word the condition of the index, so that it is used."""
_SAID = "(SELECT outcome FROM attempt WHERE leg_id = l.id ORDER BY id DESC LIMIT 1)"
_CLAIMS = f"""
SELECT l.id, l.requested_at_us, l.booking_id, l.refund_id, l.amount_minor, l.payer_id, l.state,
  b.version, b.currency, b.channel, b.sold_at_us, c.name AS payer,
  CASE WHEN l.state = 'declined' THEN {_SAID} END AS said
FROM leg l INDEXED BY leg_dispatch JOIN booking b ON b.id = l.booking_id
LEFT JOIN contact c ON c.id = l.payer_id
WHERE {DISPATCHABLE} AND (l.requested_at_us, l.id) > (?, ?) AND l.requested_at_us < ?{{channels}}
ORDER BY l.requested_at_us, l.id LIMIT ?"""
_MEANT = f"""
FROM leg l INDEXED BY leg_dispatch{{bookings}}
WHERE {DISPATCHABLE} AND l.requested_at_us >= ? AND l.requested_at_us < ?{{channels}}"""
_CHANNELS = f" AND b.channel {_IN}"
_BOOKINGS = " JOIN booking b ON b.id = l.booking_id"
_PAYMENTS = f"""
SELECT p.id, p.booking_id, p.payer_id, p.key, p.method, p.provider, p.provider_reference,
  p.bank_reference, p.reversal_data, p.refund_method, p.masked_number, p.card_type,
  p.settled_minor - p.taken_minor - p.found_minor AS kept_minor, p.found_minor,
  p.prior_refunded_minor + {ELSEWHERE.format(link="payment_id", id="p.id")} AS prior_minor
FROM payment p WHERE p.booking_id {_IN} ORDER BY p.booking_id, p.id"""
_REFUSALS = f"""
SELECT l.refund_id, l.payment_id FROM leg l
WHERE l.refund_id {_IN} AND l.method IN {TO_PAYMENT} AND l.payment_id IS NOT NULL
  AND ((l.state IN {in_list(REFUSED)} AND {_SAID} IS NOT '{Outcome.PAYLOAD_CHANGED}')
    OR (l.state = 'replaced' AND l.sent_at_us IS NOT NULL
      AND {_SAID} NOT IN {in_list({Outcome.NOT_EXECUTED, Outcome.NOT_SENT, Outcome.ABOUT_US})}))"""
_MADE = f"""
SELECT payment_id, COUNT(*) AS made FROM leg WHERE booking_id {_IN}
AND method IN {TO_PAYMENT} AND state IN {HOLDING} GROUP BY payment_id"""
_METHODS = {method.value: method for method in PaymentMethod}


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment as a provider's directory and a label look at it."""

    id: int
    key: str
    method: PaymentMethod
    provider: str
    provider_reference: str
    bank_reference: str
    reversal_data: str
    refund_method: str
    masked_number: str
    card_type: str


@dataclass(frozen=True, slots=True)
class Range:
    """Site days as instants, the last one excluded, and the channels; empty means all."""

    first_us: int
    end_us: int
    channels: tuple[str, ...]

    @classmethod
    def of(cls, parameters: DispatchParameters, zone: str) -> Range:
        """Raises Refused: run-dates."""
        first, last = parameters.first, parameters.last
        if first > last:
            raise Refused("run-dates", first=first.isoformat(), last=last.isoformat())
        house = ZoneInfo(zone)
        begin = datetime.combine(first, time(), house)
        end = datetime.combine(last + timedelta(days=1), time(), house)
        return cls(to_us(begin), to_us(end), parameters.sold_through)

    def rows(
        self, connection: Connection, what: str, more: str = "", *values: Any
    ) -> Sequence[Row[Any]]:
        """`what` of every open payment in it."""
        meant = _MEANT.format(
            bookings=_BOOKINGS if self.channels else "",
            channels=_CHANNELS if self.channels else "",
        )
        asked = (self.first_us, self.end_us, *self._channels, *values)
        return fetch(connection, f"SELECT {what} {meant} {more}", *asked)

    def page(
        self, connection: Connection, after: tuple[int, int], limit: int
    ) -> Sequence[Row[Any]]:
        """The next open payments in the order they were requested."""
        claims = _CLAIMS.format(channels=_CHANNELS if self.channels else "")
        return fetch(connection, claims, *after, self.end_us, *self._channels, limit)

    @property
    def before(self) -> tuple[int, int]:
        """Where the first page begins."""
        return (self.first_us, -1)

    @property
    def _channels(self) -> tuple[str, ...]:
        return (json.dumps(self.channels),) if self.channels else ()


class Sources:
    """The payments of some bookings, each with what may still go back to it."""

    def __init__(self, context: Context, parameters: DispatchParameters, now: datetime) -> None:
        self._directory = context.directory
        self._limits = context.directory.limits()
        self._counts = any(one.max_refunds is not None for one in self._limits.values())
        self._through = parameters.through.channel
        self._credit = parameters.credit
        self._now = now

    def of(
        self, connection: Connection, claims: Sequence[Row[Any]]
    ) -> dict[tuple[int, int | None], list[Source]]:
        """By booking and payer, in the order the payments came in."""
        if self._credit is CreditMode.ALWAYS:
            return self._blocked(connection, claims)
        bookings = {row.booking_id: row for row in claims}
        made = self._made(connection, bookings)
        found: dict[tuple[int, int | None], list[Source]] = defaultdict(list)
        of_booking: dict[int, list[tuple[Row[Any], Paid]]] = defaultdict(list)
        for row in fetch(connection, _PAYMENTS, id_list(bookings)):
            of_booking[row.booking_id].append((row, _paid(row)))
        for booking_id, payments in of_booking.items():
            booking = bookings[booking_id]
            channel = self._through or booking.channel
            all_ = [paid for _, paid in payments]
            for row, paid in payments:
                provider = self._directory.provider_of(paid, channel) or ""
                found[booking_id, row.payer_id].append(
                    self._source(row, paid, provider, label_among(paid, all_), booking, made)
                )
        return found

    def _source(
        self,
        row: Row[Any],
        paid: Paid,
        provider: str,
        label: str,
        booking: Row[Any],
        made: Mapping[int, int],
    ) -> Source:
        obstacle, refunds_left = "", None
        limits = self._limits.get(provider)
        earlier = made.get(row.id, 0) + (row.prior_minor > 0)
        if row.found_minor:
            obstacle = BLOCKED
        elif limits is not None and limits != _NONE:
            obstacle = out_of_reach(limits, maybe_from_us(booking.sold_at_us), earlier, self._now)
            refunds_left = None if limits.max_refunds is None else limits.max_refunds - earlier
        left = max(row.kept_minor - row.prior_minor, 0)
        return Source(row.id, paid.method, left, provider, label, obstacle, refunds_left)

    def _made(self, connection: Connection, bookings: Iterable[int]) -> dict[int, int]:
        """How many refunds of ours each payment has; asked where a provider counts them."""
        if not self._counts:
            return {}
        return {row.payment_id: row.made for row in fetch(connection, _MADE, id_list(bookings))}

    def _blocked(
        self, connection: Connection, claims: Iterable[Row[Any]]
    ) -> dict[tuple[int, int | None], list[Source]]:
        """Where no card is tried, only what stands against a credit matters."""
        found: dict[tuple[int, int | None], list[Source]] = defaultdict(list)
        for row in fetch(
            connection,
            f"SELECT id, booking_id, payer_id, method FROM payment "
            f"WHERE found_minor > 0 AND booking_id {_IN}",
            id_list({row.booking_id for row in claims}),
        ):
            source = Source(row.id, _METHODS[row.method], 0, obstacle=BLOCKED)
            found[row.booking_id, row.payer_id].append(source)
        return found


_NONE = RefundLimits()


def _paid(row: Row[Any]) -> Paid:
    return Paid(
        row.id,
        row.key,
        _METHODS[row.method],
        row.provider,
        row.provider_reference,
        row.bank_reference,
        row.reversal_data,
        row.refund_method,
        row.masked_number,
        row.card_type,
    )


def refusals(connection: Connection, refunds: Iterable[int]) -> dict[int, frozenset[int]]:
    """By refund, the payments that refused it, whatever became of that since."""
    found: dict[int, set[int]] = defaultdict(set)
    for row in fetch(connection, _REFUSALS, id_list(refunds)):
        found[row.refund_id].add(row.payment_id)
    return {refund_id: frozenset(payments) for refund_id, payments in found.items()}


def claim_of(row: Row[Any], refused: Mapping[int, frozenset[int]]) -> Claim:
    return Claim(
        row.amount_minor,
        row.payer_id,
        row.payer or "",
        refused.get(row.refund_id, _NOTHING),
        row.said == Outcome.ALREADY_REFUNDED,
    )


_NOTHING: frozenset[int] = frozenset()
