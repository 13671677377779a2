"""What a dispatch looks at, page by page: open payments and the payments they could go back to.

Whole bookings with all their lines would be too heavy for a hundred thousand of them: only what
the rules need is read, as small values.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from backend_client.domain.dispatch import BLOCKED, REFUSED
from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.problems import Refused
from backend_client.domain.reach import RefundLimits, out_of_reach
from backend_client.domain.run_parameters import CreditMode, DispatchParameters
from backend_client.domain.run_totals import ELSEWHERE, RUN
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
_DECLINED_IN = f"""CASE WHEN l.state = 'requested' THEN ''
  WHEN EXISTS (SELECT 1 FROM run_leg WHERE leg_id = l.id) THEN '{RUN}' ELSE '{ELSEWHERE}' END"""
_CLAIMS = f"""
SELECT l.id, l.requested_at_us, l.booking_id, l.refund_id, l.amount_minor, l.payer_id, l.state,
  b.version, b.currency, b.channel, b.sold_at_us, {{payer}} AS payer,
  CASE WHEN l.state = 'declined' THEN {_SAID} END AS said, {_DECLINED_IN} AS declined_in
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
FROM payment p WHERE p.booking_id {_IN}{{which}}"""
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
    """An open payment; `said` is what its provider's last answer came to, where it was declined,
    and `declined_in` whether that was in a run."""

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
    declined_in: str


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


Look = tuple[PaymentMethod, int, str, str, int | None, bool, bool]
"""The values of a `Source`: of the hundreds of thousands a simulation looks at the rule sees only
those that look new."""


class Page(NamedTuple):
    """Open payments looked at together, with what there is to know of the payments of their
    bookings: these by booking; by payment what was given back elsewhere, and how often anything
    was; by refund the payments that refused it, whatever became of that since."""

    rows: Sequence[Open]
    paid: Mapping[int, Sequence[Paid]]
    elsewhere: Mapping[int, int]
    made: Mapping[int, int]
    refused: Mapping[int, Set[int]]


class Sources:
    """What the rule is told about the payments of a booking: what may still go back to each."""

    def __init__(self, context: Context, parameters: DispatchParameters, now: datetime) -> None:
        self._provider_of = context.directory.provider_of
        self._limits = {
            name: limits for name, limits in context.directory.limits().items() if limits != _NONE
        }
        self._counts = any(one.max_refunds is not None for one in self._limits.values())
        self._through = parameters.through.channel
        self._credit = parameters.credit
        self._now = now

    def read(self, connection: Connection, rows: Sequence[Open]) -> Page:
        """Where no card is tried, only payments matter that stand against a credit; refusals only
        where what was refused is not tried again."""
        which = " AND p.found_minor > 0" if self._credit is CreditMode.ALWAYS else ""
        tells_refusals = self._credit is CreditMode.WHEN_NOT_POSSIBLE
        raw, asked = driver(connection), (id_list({row.booking_id for row in rows}),)
        paid = defaultdict[int, list[Paid]](list)
        for one in fetch_whole(connection, Paid, _PAYMENTS.format(which=which), *asked):
            paid[one.booking_id].append(one)
        for several in paid.values():
            several.sort()
        return Page(
            rows,
            paid,
            elsewhere=dict(raw.execute(_ELSEWHERE, asked)),
            made=dict(raw.execute(_MADE, asked)) if self._counts else {},
            refused=refusals(connection, rows) if tells_refusals else {},
        )

    def of(self, row: Open, page: Page) -> tuple[Look, ...]:
        """The payments of its booking as the rule sees them, in the order of the page."""
        _, _, booking_id, refund_id, _, payer_id, _, _, _, channel, *_ = row
        provider_of, limits, elsewhere = self._provider_of, self._limits, page.elsewhere
        through, refused = self._through or channel, page.refused.get(refund_id, _NOTHING)
        looks: list[Look] = []
        for one in page.paid.get(booking_id, ()):
            payment_id, _, whose, _, kind, *_, kept_minor, found_minor, prior_minor = one
            provider = provider_of(one, through) or ""
            left, obstacle, most = kept_minor - prior_minor, "", None
            if found_minor or provider in limits or payment_id in elsewhere:
                left, obstacle, most = self._limited(one, provider, row, page)
            is_payers, is_refused = whose == payer_id, payment_id in refused
            looks.append((_METHODS[kind], left, provider, obstacle, most, is_payers, is_refused))
        return tuple(looks)

    def _limited(
        self, paid: Paid, provider: str, row: Open, page: Page
    ) -> tuple[int, str, int | None]:
        """What is left of a payment with something against it, what that is, and for how many
        refunds: found at its provider, given back elsewhere, or one whose provider goes only so
        far."""
        prior_minor = paid.prior_minor + page.elsewhere.get(paid.id, 0)
        left = max(paid.kept_minor - prior_minor, 0)
        if paid.found_minor:
            return left, BLOCKED, None
        limits = self._limits.get(provider, _NONE)
        earlier = page.made.get(paid.id, 0) + (prior_minor > 0)
        obstacle = out_of_reach(limits, maybe_from_us(row.sold_at_us), earlier, self._now)
        most = None if limits.max_refunds is None else limits.max_refunds - earlier
        return left, obstacle, most


def refusals(connection: Connection, rows: Sequence[Open]) -> Mapping[int, Set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for row in fetch(connection, _REFUSALS, id_list({row.refund_id for row in rows})):
        found[row.refund_id].add(row.payment_id)
    return found


_NONE = RefundLimits()
_NOTHING: frozenset[int] = frozenset()
