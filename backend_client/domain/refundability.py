"""May a line go back at all, and if not, why: one verdict a line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from backend_client.domain.booking import Booking, Line
from backend_client.domain.kinds import FeeKind, LineState
from backend_client.domain.money import described
from backend_client.domain.policy import Policy
from backend_client.domain.selection import components, only_fees_left


@dataclass(frozen=True, slots=True)
class LineVerdict:
    """May this line go back now; `code` is the problem in the way, or empty."""

    sequence: int
    code: str = ""
    details: Mapping[str, object] = field(default_factory=dict)

    @property
    def refundable(self) -> bool:
        return not self.code


def line_verdicts(booking: Booking, policy: Policy, now: datetime) -> dict[int, LineVerdict]:
    """One verdict for every line of the booking, by sequence.

    A verdict is about the line and its group alone; what a whole selection breaks (half a group,
    a stranded fee) is decided when something is chosen. Where nothing of the money is left, no line
    that costs anything can go back, whatever the rules say of it.
    """
    return _verdicts(booking, policy, now, spent=_is_spent(booking))


def rule_verdicts(booking: Booking, policy: Policy, now: datetime) -> dict[int, LineVerdict]:
    """As `line_verdicts`, for a booking whose payments are not known here: by the rules alone."""
    return _verdicts(booking, policy, now, spent=False)


def can_go_back(booking: Booking, verdicts: Mapping[int, LineVerdict]) -> int:
    """What giving back every line that may go pays out: debt is reduced first, and never more
    than came in and is left."""
    worth = sum(
        line.value_minor or 0
        for line in booking.lines
        if line.sequence in verdicts and verdicts[line.sequence].refundable
    )
    return paid_out(worth, max(booking.unsettled_minor, 0), booking.left_minor)


def paid_out(worth_minor: int, owed_minor: int, left_minor: int) -> int:
    """What goes out for lines of this worth, where so much is owed and so much of what came in is
    left."""
    return min(max(worth_minor - owed_minor, 0), left_minor)


def _is_spent(booking: Booking) -> bool:
    return booking.left_minor + max(booking.unsettled_minor, 0) == 0


def _verdicts(
    booking: Booking, policy: Policy, now: datetime, *, spent: bool
) -> dict[int, LineVerdict]:
    for_all = _booking_code(booking, policy)
    verdicts = {
        line.sequence: _own_verdict(line, booking, policy, now, for_all) for line in booking.lines
    }
    if spent:
        _block_spent(booking, verdicts)
    _block_groups(booking, verdicts)
    _block_shipment(booking, verdicts)
    return verdicts


def _booking_code(booking: Booking, policy: Policy) -> str:
    """What stands against the booking as a whole."""
    if not booking.is_paid:
        return "not-paid"
    if booking.channel in policy.closed_channels:
        return "channel-not-refundable"
    if only_fees_left(booking):
        return "only-fees-left"
    return ""


def _own_verdict(
    line: Line, booking: Booking, policy: Policy, now: datetime, for_all: str
) -> LineVerdict:
    code = _not_sold_code(line) or for_all or _line_code(line, policy, now)
    if not code:
        return LineVerdict(line.sequence)
    details: dict[str, object] = {"sequences": [line.sequence]}
    if code == "line-not-sold":
        details["state"] = line.state.value
    elif code == "channel-not-refundable":
        details["channel"] = booking.channel
    elif code == "cut-off":
        details["cut_off_minutes"] = policy.cut_off_minutes
    return LineVerdict(line.sequence, code, details)


def _not_sold_code(line: Line) -> str:
    if line.is_sold:
        return ""
    return "already-refunded" if line.state is LineState.CANCELLED else "line-not-sold"


def _line_code(line: Line, policy: Policy, now: datetime) -> str:
    if line.value_minor is None:
        return "price-ambiguous"
    if line.collected and not policy.collected_refundable:
        return "collected"
    if _past_cut_off(line, policy, now):
        return "cut-off"
    if line.fee_kind in policy.kept_fee_kinds:
        return "fee-kept-by-policy"
    return ""


def _past_cut_off(line: Line, policy: Policy, now: datetime) -> bool:
    """A performance whose start the source does not name is not held against the customer."""
    if line.performance is None or line.performance.starts_at is None:
        return False
    return line.performance.starts_at <= now + timedelta(minutes=policy.cut_off_minutes)


def _block_spent(booking: Booking, verdicts: dict[int, LineVerdict]) -> None:
    """All of it went back already, here or at another desk, though the lines count as sold."""
    for line in booking.lines:
        if line.value_minor and verdicts[line.sequence].refundable:
            amounts = described(booking.currency, left=0, amount=line.value_minor)
            details = {"sequences": [line.sequence], **amounts}
            verdicts[line.sequence] = LineVerdict(line.sequence, "booking-cap-exceeded", details)


def _block_groups(booking: Booking, verdicts: dict[int, LineVerdict]) -> None:
    """A group goes whole or not at all: one sold line that cannot go blocks the others."""
    groups = components(booking)
    sold = [line.sequence for line in booking.lines if line.is_sold]
    blocked = {sequence for sequence in sold if not verdicts[sequence].refundable}
    for sequence in sold:
        blocking = groups[sequence] & blocked
        if blocking and sequence not in blocked:
            details = {"sequences": [sequence], "blocked": sorted(blocking)}
            verdicts[sequence] = LineVerdict(sequence, "group-blocked", details)


def _block_shipment(booking: Booking, verdicts: dict[int, LineVerdict]) -> None:
    """Shipment cannot go while a ticket or concession has to stay."""
    some_stay = any(
        line.is_sold and not line.is_fee and not verdicts[line.sequence].refundable
        for line in booking.lines
    )
    for line in booking.lines:
        if some_stay and line.fee_kind is FeeKind.SHIPMENT and verdicts[line.sequence].refundable:
            details = {"sequences": [line.sequence]}
            verdicts[line.sequence] = LineVerdict(line.sequence, "shipment-kept", details)
