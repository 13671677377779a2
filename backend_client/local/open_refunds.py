"""Legs that are not final, page by page, with totals per state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.engine import Connection, Row

from backend_client.answers import OpenLeg, OpenPage, StateTotal
from backend_client.domain.refund import OPEN, LegState, Method, needs_number, waits_for_provider
from backend_client.local.refunds import leg_number_of
from backend_client.local.rows import fetch
from backend_client.local.times import from_us
from backend_client.local.triggers import in_list

MOST_ROWS = 200
_FINAL = "g.state NOT IN ('succeeded','credited','recorded','replaced','voided')"
"""As in the partial index, word for word, or the index is not used."""

_LEGS = """
SELECT g.id, g.ordinal, g.method, g.state, g.amount_minor, g.requested_at_us, g.label, g.provider,
  r.number, r.currency, b.booking_id, COALESCE(p.name, c.name, '') AS customer
FROM leg g JOIN refund r ON r.id = g.refund_id JOIN booking b ON b.id = g.booking_id
LEFT JOIN contact p ON p.id = g.payer_id LEFT JOIN contact c ON c.id = b.contact_id
WHERE {final} AND g.state IN {states} AND g.id > ? ORDER BY g.id LIMIT ?"""
_TOTALS = f"""
SELECT g.state, g.method, g.provider, r.currency, COUNT(*) AS legs,
  SUM(g.amount_minor) AS amount_minor
FROM leg g JOIN refund r ON r.id = g.refund_id WHERE {_FINAL}
GROUP BY g.state, g.method, g.provider, r.currency ORDER BY g.state, r.currency"""

Serves = Callable[[str], bool]


def page(
    connection: Connection,
    states: frozenset[LegState],
    after: int | None,
    limit: int,
    serves: Serves,
) -> OpenPage:
    """Open legs by id after `after`, oldest first; totals are always those of all open legs.
    `serves` knows which providers are configured."""
    wanted = (states & OPEN) if states else OPEN
    size = max(1, min(limit, MOST_ROWS))
    statement = _LEGS.format(final=_FINAL, states=in_list(wanted))
    rows = fetch(connection, statement, after or 0, size + 1)
    legs = tuple(_leg(row, serves) for row in rows[:size])
    return OpenPage(
        legs, _totals(connection, serves), legs[-1].leg_id if len(rows) > size else None
    )


def is_left_alone(row: Row[Any], serves: Serves) -> bool:
    """Does it wait for a provider that nobody can ask any more?"""
    return waits_for_provider(Method(row.method), LegState(row.state)) and not serves(row.provider)


def _totals(connection: Connection, serves: Serves) -> tuple[StateTotal, ...]:
    """One for each state and currency; what waits for a number, or for a provider that is not
    configured, apart from what is just sent."""
    sums: dict[tuple[LegState, bool, bool, str], tuple[int, int]] = {}
    for row in fetch(connection, _TOTALS):
        state = LegState(row.state)
        lacking = needs_number(Method(row.method), state)
        key = (state, lacking, is_left_alone(row, serves), row.currency)
        count, amount_minor = sums.get(key, (0, 0))
        sums[key] = (count + row.legs, amount_minor + row.amount_minor)
    return tuple(
        StateTotal(state, currency, count, amount_minor, lacking, alone)
        for (state, lacking, alone, currency), (count, amount_minor) in sums.items()
    )


def _leg(row: Row[Any], serves: Serves) -> OpenLeg:
    return OpenLeg(
        leg_id=row.id,
        leg_number=leg_number_of(row.number, row.ordinal),
        refund_number=row.number,
        booking_reference=row.booking_id,
        customer=row.customer,
        method=Method(row.method),
        state=LegState(row.state),
        amount_minor=row.amount_minor,
        currency=row.currency,
        requested_at=from_us(row.requested_at_us),
        label=row.label,
        no_provider=row.provider if is_left_alone(row, serves) else "",
    )
