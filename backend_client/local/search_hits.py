"""One row of a lookup for each booking found: a handful of statements for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy.engine import Connection

from backend_client.answers import Hit
from backend_client.domain.kinds import LineState
from backend_client.domain.refund import RefundStatus
from backend_client.domain.refundability import paid_out
from backend_client.local.bookings import PRIOR_OF_BOOKING
from backend_client.local.connect import ask
from backend_client.local.rows import id_list
from backend_client.local.search_left import Rules, Worth, given_back, worths
from backend_client.local.times import maybe_from_us

_WANTED = "IN (SELECT value FROM json_each(?))"
_BOOKINGS = f"""
SELECT b.id, b.booking_id, b.currency, b.is_paid, b.settled_minor, {PRIOR_OF_BOOKING},
  b.promised_minor, b.unsettled_minor - b.waiting_minor AS owed_minor, c.name
FROM booking b LEFT JOIN contact c ON c.id = b.contact_id WHERE b.id {_WANTED}"""
_LINES = f"""
SELECT l.booking_id, l.state, l.kind = 'fee' AS is_fee, SUM(l.value_minor) AS value_minor,
  COUNT(*) - COUNT(l.value_minor) AS unknown, p.event, p.starts_at_us,
  MAX(l.collected) AS collected
FROM line l LEFT JOIN performance p ON p.id = l.performance_id
WHERE l.booking_id {_WANTED} GROUP BY l.booking_id, l.performance_id, l.state, l.kind = 'fee'"""
_SOLD = LineState.SOLD.value
_LAST = 2**63
"""After every real start: performances that do not say when they begin."""


class _Row(NamedTuple):
    """One row of `_BOOKINGS`."""

    id: int
    booking_id: str
    currency: str
    is_paid: int
    settled_minor: int
    prior_refunded_minor: int
    promised_minor: int
    owed_minor: int
    name: str | None


@dataclass(slots=True)
class _Lines:
    """What the lines of one booking add up to."""

    states: set[str] = field(default_factory=set)
    value_minor: int = 0
    unknown: bool = False
    collected: bool = False
    first_start_us: int = _LAST
    only_fees: bool = True
    performance: tuple[bool, int, str] | None = None
    starts_at_us: int | None = None

    def add(self, row: Sequence[Any]) -> None:
        """Take in one row of `_LINES`."""
        _, state, is_fee, value_minor, unknown, event, starts_at_us, collected = row
        sold = state == _SOLD
        self.states.add(state)
        if sold:
            self.value_minor += value_minor or 0
            self.unknown = self.unknown or unknown > 0
            self.collected = self.collected or bool(collected)
            if starts_at_us is not None:
                self.first_start_us = min(self.first_start_us, starts_at_us)
            self.only_fees = self.only_fees and bool(is_fee)
        if event is not None:
            candidate = (not sold, _LAST if starts_at_us is None else starts_at_us, event)
            if self.performance is None or candidate < self.performance:
                self.performance = candidate
                self.starts_at_us = starts_at_us

    def may_be_held(self, rules: Rules) -> bool:
        """Could a rule hold back some line that is still sold?"""
        return _SOLD in self.states and (
            self.unknown
            or self.collected
            or self.first_start_us <= rules.cut_off_us
            or rules.may_hold_back_any
        )


def hits(
    connection: Connection, booking_ids: Iterable[int], rules: Rules | None = None
) -> tuple[Hit, ...]:
    """The rows for these bookings, in the order asked for; unknown ids are left out.

    With `rules` what can go back is what the booking itself will say.
    """
    wanted = list(dict.fromkeys(booking_ids))
    if not wanted:
        return ()
    asked = id_list(wanted)
    lines: dict[int, _Lines] = {one: _Lines() for one in wanted}
    for row in ask(connection, _LINES, asked):
        lines[row[0]].add(row)
    rows = [_Row(*row) for row in ask(connection, _BOOKINGS, asked)]
    held = [row.id for row in rows if rules and lines[row.id].may_be_held(rules)]
    worth = worths(connection, held, rules) if rules and held else {}
    promised = [row.id for row in rows if row.promised_minor]
    became = given_back(connection, promised) if promised else {}
    found = {
        row.id: _hit(row, lines[row.id], worth.get(row.id), became.get(row.id)) for row in rows
    }
    return tuple(found[one] for one in wanted if one in found)


def _hit(row: _Row, lines: _Lines, worth: Worth | None, became: RefundStatus | None) -> Hit:
    gone = row.prior_refunded_minor + row.promised_minor
    left, owed = max(row.settled_minor - gone, 0), max(row.owed_minor, 0)
    reason = _reason(row, lines, left + owed) or (worth.code if worth else "")
    value_minor = worth.value_minor if worth else lines.value_minor
    still_sold = LineState.SOLD in lines.states and not lines.only_fees
    return Hit(
        booking_id=row.id,
        reference=row.booking_id,
        customer=row.name or "",
        performance=lines.performance[2] if lines.performance else "",
        starts_at=maybe_from_us(lines.starts_at_us),
        paid_minor=row.settled_minor,
        left_minor=0 if reason else paid_out(value_minor, owed, left),
        currency=row.currency,
        partly_refunded=gone > 0 and still_sold,
        reason=reason,
        given_back=became,
    )


def _reason(row: _Row, lines: _Lines, unspent: int) -> str:
    """Why nothing at all can go back, as a code of the catalogue; empty where something can."""
    if not row.is_paid:
        return "not-paid"
    if LineState.SOLD not in lines.states:
        given = row.prior_refunded_minor + row.promised_minor > 0
        return "already-refunded" if given else "line-not-sold"
    if lines.only_fees:
        return "only-fees-left"
    if lines.value_minor == 0 and lines.unknown:
        return "price-ambiguous"
    if unspent == 0 and row.settled_minor > 0 and lines.value_minor > 0:
        return "already-refunded"
    return ""
