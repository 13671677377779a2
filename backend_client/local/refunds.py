"""Refunds and their legs out of the store, in sets, and the numbers people call them by."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy.engine import Connection, Row

from backend_client.domain.findings import Proposal
from backend_client.domain.legs import Attempt, Leg, Refund, RefundedLine
from backend_client.domain.problems import Refused
from backend_client.domain.refund import WAITS_FOR_PROVIDER, LegState, Method, Origin
from backend_client.local import resolutions
from backend_client.local.desks import desk_of
from backend_client.local.rows import fetch, id_list
from backend_client.local.times import from_us, maybe_from_us, to_us

FIRST_NUMBER = 10_000
_NUMBER = re.compile(r"R-(\d{1,18})(?:\.(\d{1,6}))?", re.IGNORECASE | re.ASCII)
_WANTED = "IN (SELECT value FROM json_each(?))"
_LINES = f"""
SELECT rl.refund_id, rl.value_minor, l.sequence, l.description
FROM refund_line rl JOIN line l ON l.id = rl.line_id
WHERE rl.refund_id {_WANTED} ORDER BY rl.refund_id, l.sequence"""
_DECIDABLE = frozenset({LegState.REVIEW, *WAITS_FOR_PROVIDER})
"""What a person may say something about; what waits, where its provider is configured no more."""
_LATER = """
SELECT l.sequence FROM refund r
JOIN refund_line rl ON rl.refund_id = r.id AND rl.live = 1 JOIN line l ON l.id = rl.line_id
WHERE r.booking_id = ? AND r.id > ? AND r.origin <> ?"""
_LEGS = f"SELECT * FROM leg WHERE refund_id {_WANTED} ORDER BY refund_id, ordinal"
_ATTEMPTS = f"SELECT * FROM attempt WHERE leg_id {_WANTED} ORDER BY leg_id, id"
_REFUNDS = f"""
SELECT refund.*, (
  SELECT run.id FROM run_item i JOIN run ON run.simulation_id = i.run_id
  WHERE i.refund_id = refund.id AND run.kind = 'cancellation') AS run_id,
  (SELECT operator FROM refund_approval WHERE refund_id = refund.id) AS approved_by
FROM refund WHERE id {_WANTED}"""


def number_of(refund_id: int) -> str:
    """What people call a refund: never reused, never starting at one."""
    return f"R-{FIRST_NUMBER + refund_id}"


def leg_number_of(refund_number: str, ordinal: int) -> str:
    return f"{refund_number}.{ordinal}"


def load(connection: Connection, ids: Iterable[int]) -> list[Refund]:
    """The refunds with these ids, in the order asked for, with legs and attempts."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return []
    asked = id_list(wanted)
    lines: dict[int, list[RefundedLine]] = defaultdict(list)
    for row in fetch(connection, _LINES, asked):
        lines[row.refund_id].append(RefundedLine(row.sequence, row.description, row.value_minor))
    legs = _legs(connection, asked)
    found = {
        row.id: _refund(row, tuple(lines[row.id]), tuple(legs[row.id]))
        for row in fetch(connection, _REFUNDS, asked)
    }
    return [found[one] for one in wanted if one in found]


def load_one(connection: Connection, refund_id: int) -> Refund:
    """One refund that must exist; its live legs must make its amount, here as at its birth."""
    found = load(connection, (refund_id,))
    if not found:
        raise Refused("refund-not-found", text=number_of(refund_id))
    refund = found[0]
    live = sum(leg.amount_minor for leg in refund.legs if leg.is_live)
    assert refund.voided_at or live == refund.amount_minor, f"{refund.number} does not add up"
    return refund


def of_booking(connection: Connection, booking_id: int) -> tuple[Refund, ...]:
    """All refunds of a booking, oldest first."""
    rows = fetch(connection, "SELECT id FROM refund WHERE booking_id = ? ORDER BY id", booking_id)
    return tuple(load(connection, [row.id for row in rows]))


def given_back_later(connection: Connection, refund: Refund) -> frozenset[int]:
    """Lines of its booking that were still sold after this refund and went with a later one."""
    rows = fetch(connection, _LATER, refund.booking_id, refund.id, Origin.RESALE.value)
    return frozenset(row.sequence for row in rows)


def find_refund(connection: Connection, number: str) -> int:
    """The id behind a refund's number, as typed."""
    parsed = _NUMBER.fullmatch(number.strip())
    refund_id = int(parsed[1]) - FIRST_NUMBER if parsed and not parsed[2] else 0
    if not fetch(connection, "SELECT 1 FROM refund WHERE id = ?", refund_id):
        raise Refused("refund-not-found", text=number.strip()[:80])
    return refund_id


def find_leg(connection: Connection, number: str) -> tuple[int, int]:
    """Refund id and leg id behind a leg's number ("R-10001.1"), as typed."""
    parsed = _NUMBER.fullmatch(number.strip())
    if parsed and parsed[2]:
        rows = fetch(
            connection,
            "SELECT refund_id, id FROM leg WHERE refund_id = ? AND ordinal = ?",
            int(parsed[1]) - FIRST_NUMBER,
            int(parsed[2]),
        )
        if rows:
            return rows[0].refund_id, rows[0].id
    raise Refused("leg-not-found", text=number.strip()[:80])


def _legs(connection: Connection, refunds: str) -> dict[int, list[Leg]]:
    rows = fetch(connection, _LEGS, refunds)
    attempts: dict[int, list[Attempt]] = defaultdict(list)
    for row in fetch(connection, _ATTEMPTS, id_list(row.id for row in rows)):
        attempts[row.leg_id].append(Attempt(from_us(row.at_us), row.outcome, row.code, row.text))
    legs: dict[int, list[Leg]] = defaultdict(list)
    waiting = [_number(row) for row in rows if row.state in _DECIDABLE]
    said = resolutions.proposed(connection, waiting) if waiting else {}
    for row in rows:
        leg = _leg(row, tuple(attempts[row.id]), _standing(row, said.get(_number(row))))
        legs[row.refund_id].append(leg)
    return legs


def _number(row: Row[Any]) -> str:
    return leg_number_of(number_of(row.refund_id), row.ordinal)


def _standing(row: Row[Any], proposal: Proposal | None) -> Proposal | None:
    """A word from before it was sent or looked up again says nothing of what it is now."""
    stands = proposal is not None and to_us(proposal.at) >= row.changed_at_us
    return proposal if stands else None


def _leg(row: Row[Any], attempts: tuple[Attempt, ...], proposal: Proposal | None) -> Leg:
    return Leg(
        id=row.id,
        refund_id=row.refund_id,
        number=_number(row),
        ordinal=row.ordinal,
        method=Method(row.method),
        amount_minor=row.amount_minor,
        state=LegState(row.state),
        requested_at=from_us(row.requested_at_us),
        payment_id=row.payment_id,
        payer_id=row.payer_id,
        provider=row.provider,
        provider_key=row.provider_key or "",
        our_reference=row.our_reference or "",
        payload_digest=row.payload_digest,
        provider_refund_id=row.provider_refund_id,
        reference=row.reference,
        by_hand=bool(row.by_hand),
        replaces_leg_id=row.replaces_leg_id,
        label=row.label,
        attempts=attempts,
        proposal=proposal,
    )


def _refund(row: Row[Any], lines: tuple[RefundedLine, ...], legs: tuple[Leg, ...]) -> Refund:
    return Refund(
        id=row.id,
        number=row.number,
        booking_id=row.booking_id,
        origin=Origin(row.origin),
        lines=lines,
        legs=legs,
        value_minor=row.value_minor,
        retained_minor=row.retained_minor,
        breach_fee_minor=row.breach_fee_minor,
        amount_minor=row.amount_minor,
        currency=row.currency,
        reason=row.reason,
        operator=row.operator,
        desk=desk_of(row),
        created_at=from_us(row.created_at_us),
        commit_key=row.commit_key,
        voided_at=maybe_from_us(row.voided_at_us),
        run_id=row.run_id,
        approved_by=row.approved_by or "",
        correlation_id=row.correlation_id,
    )
