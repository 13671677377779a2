"""What the rules let go back of the bookings in a list: the figure the booking itself will show.

Only bookings with a line the rules may hold back are looked at line by line: a list is made again
with every letter typed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy.engine import Connection

from backend_client.domain.booking import Booking, BookingKey, Line, Performance
from backend_client.domain.kinds import FeeKind, LineKind, LineState
from backend_client.domain.policy import Policy
from backend_client.domain.refund import (
    LegState,
    Method,
    RefundStatus,
    needs_number,
    refund_status,
)
from backend_client.domain.refundability import rule_verdicts
from backend_client.local.connect import ask
from backend_client.local.groups import unpack_groups
from backend_client.local.rows import id_list
from backend_client.local.search_text import REPEATED
from backend_client.local.times import maybe_from_us, to_us
from backend_client.local.triggers import OVER

_LINES = """
SELECT l.booking_id, b.channel, b.is_paid, l.sequence, l.kind, l.value_minor, l.state, l.fee_kind,
  l.groups, l.collected, p.starts_at_us
FROM booking b JOIN line l ON l.booking_id = b.id LEFT JOIN performance p ON p.id = l.performance_id
WHERE b.id IN (SELECT value FROM json_each(?)) ORDER BY l.booking_id, l.sequence"""
_LEGS = f"""
SELECT DISTINCT booking_id, method, state FROM leg
WHERE booking_id IN (SELECT value FROM json_each(?)) AND method <> 'waiting'
  AND state NOT IN {OVER}"""


@dataclass(frozen=True, slots=True)
class Rules:
    """The house's policy at one moment."""

    policy: Policy
    now: datetime

    @property
    def cut_off_us(self) -> int:
        """What starts until then cannot go back any more."""
        return to_us(self.now + timedelta(minutes=self.policy.cut_off_minutes))

    @property
    def may_hold_back_any(self) -> bool:
        """Does the policy know fees or channels that never go back?"""
        return bool(self.policy.kept_fee_kinds or self.policy.closed_channels)


@dataclass(frozen=True, slots=True)
class Worth:
    """What the lines that may go back are worth; `code` is why none of them may."""

    value_minor: int
    code: str = ""


def worths(connection: Connection, booking_ids: Iterable[int], rules: Rules) -> dict[int, Worth]:
    """What of these bookings may go back, by their id."""
    lines: dict[int, list[Line]] = defaultdict(list)
    heads: dict[int, tuple[str, bool]] = {}
    for id_, channel, is_paid, *line in ask(connection, _LINES, id_list(booking_ids)):
        heads[id_] = (channel, bool(is_paid))
        lines[id_].append(_line(*line))
    return {
        id_: _worth(
            Booking(
                id_,
                BookingKey("", "", ""),
                "",
                "",
                tuple(lines[id_]),
                (),
                channel=channel,
                is_paid=is_paid,
            ),
            rules,
        )
        for id_, (channel, is_paid) in heads.items()
    }


@lru_cache(maxsize=REPEATED)
def _line(
    sequence: int,
    kind: str,
    value_minor: int | None,
    state: str,
    fee_kind: str | None,
    groups: str,
    collected: int,
    starts_at_us: int | None,
) -> Line:
    """What the rules look at of a line. Kept, since lines are alike, and those of a list are looked
    at again with the next letter."""
    starts_at = maybe_from_us(starts_at_us)
    return Line(
        sequence,
        LineKind(kind),
        "",
        price_minor=0,
        value_minor=value_minor,
        state=LineState(state),
        fee_kind=FeeKind(fee_kind) if fee_kind else None,
        performance=Performance(0, "", "", starts_at) if starts_at else None,
        groups=unpack_groups(groups),
        collected=bool(collected),
    )


def _worth(booking: Booking, rules: Rules) -> Worth:
    verdicts = rule_verdicts(booking, rules.policy, rules.now)
    able = [line for line in booking.lines if verdicts[line.sequence].refundable]
    if able:
        return Worth(sum(line.value_minor or 0 for line in able))
    blocked = [verdicts[line.sequence].code for line in booking.lines if line.is_sold]
    return Worth(0, blocked[0] if blocked else "")


def given_back(connection: Connection, booking_ids: Iterable[int]) -> dict[int, RefundStatus]:
    """What became of the money of bookings that gave some back here, worst news first."""
    states: dict[int, set[LegState]] = defaultdict(set)
    lacking: set[int] = set()
    for booking_id, method, name in ask(connection, _LEGS, id_list(booking_ids)):
        state = LegState(name)
        states[booking_id].add(state)
        if needs_number(Method(method), state):
            lacking.add(booking_id)
    return {
        booking_id: refund_status(seen, lacks_number=booking_id in lacking)
        for booking_id, seen in states.items()
    }
