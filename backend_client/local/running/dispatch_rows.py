"""What a dispatch looks at, page by page: open payments and the payments they could go back to.

Whole bookings with all their lines would be too heavy for a hundred thousand of them: only what
the rules need is read, as small values.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from backend_client.domain.dispatch import BLOCKED, REFUSED, Claim, Source
from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.problems import Refused
from backend_client.domain.reach import RefundLimits, out_of_reach
from backend_client.domain.room import labels_of
from backend_client.domain.run_parameters import CreditMode, DispatchParameters
from backend_client.domain.settlement import Outcome
from backend_client.local.connect import driver
from backend_client.local.rows import fetch, fetch_whole, id_list
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
  b.version, b.currency, b.channel, b.sold_at_us, {{payer}} AS payer,
  CASE WHEN l.state = 'declined' THEN {_SAID} END AS said
FROM leg l INDEXED BY leg_dispatch JOIN booking b ON b.id = l.booking_id
WHERE {DISPATCHABLE} AND (l.requested_at_us, l.id) > (?, ?) AND l.requested_at_us < ?{{channels}}
ORDER BY l.requested_at_us, l.id LIMIT ?"""
_PAYER = "(SELECT name FROM contact WHERE id = l.payer_id)"
_MEANT = f"""
FROM leg l INDEXED BY leg_dispatch{{bookings}}
WHERE {DISPATCHABLE} AND l.requested_at_us >= ? AND l.requested_at_us < ?{{channels}}"""
_CHANNELS = f" AND b.channel {_IN}"
_BOOKINGS = " JOIN booking b ON b.id = l.booking_id"
_PAYMENTS = f"""
SELECT p.id, p.booking_id, p.payer_id, p.key, p.method AS kind, p.provider, p.provider_reference,
  p.bank_reference, p.reversal_data, p.refund_method, p.masked_number, p.card_type,
  p.settled_minor - p.taken_minor - p.found_minor AS kept_minor, p.found_minor,
  p.prior_refunded_minor AS prior_minor
FROM payment p WHERE p.booking_id {_IN}"""
_ELSEWHERE = f"""
SELECT payment_id, SUM(amount_minor) FROM accepted_refund
WHERE booking_id {_IN} AND leg_id IS NULL AND ended_at_us IS NULL GROUP BY payment_id"""
_REFUSALS = f"""
SELECT l.refund_id, l.payment_id FROM leg l
WHERE l.refund_id {_IN} AND l.method IN {TO_PAYMENT} AND l.payment_id IS NOT NULL
  AND ((l.state IN {in_list(REFUSED)} AND {_SAID} IS NOT '{Outcome.PAYLOAD_CHANGED}')
    OR (l.state = 'replaced' AND l.sent_at_us IS NOT NULL
      AND {_SAID} NOT IN {in_list({Outcome.NOT_EXECUTED, Outcome.NOT_SENT, Outcome.ABOUT_US})}))"""
_MADE = f"""
SELECT payment_id, COUNT(*) AS made FROM leg WHERE booking_id {_IN}
AND method IN {TO_PAYMENT} AND state IN {HOLDING} GROUP BY payment_id"""
_LAST_DAY = date.max - timedelta(days=1)
"""The last one after which there is another."""
_METHODS = {method.value: method for method in PaymentMethod}


class Open(NamedTuple):
    """An open payment; `said` is what its provider's last answer came to, where it was declined."""

    id: int
    requested_at_us: int
    booking_id: int
    refund_id: int
    amount_minor: int
    payer_id: int | None
    state: str
    version: int
    currency: str
    channel: str
    sold_at_us: int | None
    payer: str | None
    said: str | None


class Paid(NamedTuple):
    """A payment as the rules, a provider's directory and a label look at it."""

    id: int
    booking_id: int
    payer_id: int | None
    key: str
    kind: str
    provider: str
    provider_reference: str
    bank_reference: str
    reversal_data: str
    refund_method: str
    masked_number: str
    card_type: str
    kept_minor: int
    found_minor: int
    prior_minor: int

    @property
    def method(self) -> PaymentMethod:
        return _METHODS[self.kind]


@dataclass(frozen=True, slots=True)
class Range:
    """Site days as instants, the last one excluded, and the channels; empty means all."""

    first_us: int
    end_us: int
    channels: tuple[str, ...]
    payer: str
    """The payer's name as a column; where nobody is credited nobody asks for it."""

    @classmethod
    def of(cls, parameters: DispatchParameters, zone: str) -> Range:
        """Raises Refused: run-dates."""
        first, last = parameters.first, parameters.last
        if first > last:
            raise Refused("run-dates", first=first.isoformat(), last=last.isoformat())
        house = ZoneInfo(zone)
        begin = datetime.combine(first, time(), house)
        end = datetime.combine(min(last, _LAST_DAY) + timedelta(days=1), time(), house)
        payer = "''" if parameters.credit is CreditMode.NEVER else _PAYER
        return cls(to_us(begin), to_us(end), parameters.sold_through, payer)

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

    def page(self, connection: Connection, after: tuple[int, int], limit: int) -> Sequence[Open]:
        """The next open payments in the order they were requested."""
        channels = _CHANNELS if self.channels else ""
        claims = _CLAIMS.format(payer=self.payer, channels=channels)
        asked = (*after, self.end_us, *self._channels, limit)
        return fetch_whole(connection, Open, claims, *asked)

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
        self._provider_of = context.directory.provider_of
        self._limits = {
            name: limits for name, limits in context.directory.limits().items() if limits != _NONE
        }
        self._counts = any(one.max_refunds is not None for one in self._limits.values())
        self._through = parameters.through.channel
        self._credit = parameters.credit
        self._now = now

    def of(self, connection: Connection, claims: Sequence[Open]) -> dict[int, list[Source]]:
        """By booking."""
        if self._credit is CreditMode.ALWAYS:
            return self._blocked(connection, claims)
        bookings = {claim.booking_id: claim for claim in claims}
        raw, asked = driver(connection), (id_list(bookings),)
        elsewhere = dict(raw.execute(_ELSEWHERE, asked))
        made = dict(raw.execute(_MADE, asked)) if self._counts else {}
        of_booking = defaultdict[int, list[Paid]](list)
        for paid in fetch_whole(connection, Paid, _PAYMENTS, *asked):
            of_booking[paid.booking_id].append(paid)
        provider_of, limits = self._provider_of, self._limits
        found: dict[int, list[Source]] = {}
        for booking_id, payments in of_booking.items():
            booking = bookings[booking_id]
            channel = self._through or booking.channel
            found[booking_id] = sources = []
            for paid, label in zip(payments, labels_of(payments), strict=True):
                payment_id, _, payer_id, _, kind, *_, kept_minor, found_minor, prior_minor = paid
                provider = provider_of(paid, channel) or ""
                left = kept_minor - prior_minor
                source = Source(payment_id, payer_id, _METHODS[kind], left, provider, label)
                if found_minor or provider in limits or payment_id in elsewhere:
                    prior = prior_minor + elsewhere.get(payment_id, 0)
                    source = self._limited(source, paid, booking, prior, made.get(payment_id, 0))
                sources.append(source)
        return found

    def _limited(
        self, source: Source, paid: Paid, booking: Open, prior_minor: int, made: int
    ) -> Source:
        """A payment with something against it: found at its provider, given back elsewhere, or
        one whose provider goes only so far."""
        left = max(paid.kept_minor - prior_minor, 0)
        if paid.found_minor:
            return source._replace(left_minor=left, obstacle=BLOCKED)
        limits = self._limits.get(source.provider, _NONE)
        earlier = made + (prior_minor > 0)
        obstacle = out_of_reach(limits, maybe_from_us(booking.sold_at_us), earlier, self._now)
        most = None if limits.max_refunds is None else limits.max_refunds - earlier
        return source._replace(left_minor=left, obstacle=obstacle, refunds_left=most)

    def _blocked(self, connection: Connection, claims: Iterable[Open]) -> dict[int, list[Source]]:
        """Where no card is tried, only what stands against a credit matters."""
        found: dict[int, list[Source]] = defaultdict(list)
        for row in fetch(
            connection,
            f"SELECT id, booking_id, payer_id, method FROM payment "
            f"WHERE found_minor > 0 AND booking_id {_IN}",
            id_list({claim.booking_id for claim in claims}),
        ):
            source = Source(row.id, row.payer_id, _METHODS[row.method], 0, obstacle=BLOCKED)
            found[row.booking_id].append(source)
        return found


_NONE = RefundLimits()


def refusals(connection: Connection, refunds: Iterable[int]) -> dict[int, frozenset[int]]:
    """By refund, the payments that refused it, whatever became of that since."""
    found: dict[int, set[int]] = defaultdict(set)
    for row in fetch(connection, _REFUSALS, id_list(refunds)):
        found[row.refund_id].add(row.payment_id)
    return {refund_id: frozenset(payments) for refund_id, payments in found.items()}


def claim_of(row: Open, refused: Mapping[int, frozenset[int]]) -> Claim:
    _, _, _, refund_id, amount_minor, payer_id, _, _, _, _, _, payer, said = row
    by = refused.get(refund_id, _NOTHING) if refused else _NOTHING
    return Claim(amount_minor, payer_id, payer or "", by, said == _ALREADY_REFUNDED)


_NOTHING: frozenset[int] = frozenset()
_ALREADY_REFUNDED = Outcome.ALREADY_REFUNDED.value
