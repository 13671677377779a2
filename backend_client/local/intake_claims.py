"""Claims of resellers: each becomes a requested refund of origin resale, with its books."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from backend_client.domain.books import resale_granted
from backend_client.domain.caller import Caller
from backend_client.domain.incoming import IncomingClaim
from backend_client.domain.plan import PlannedLeg
from backend_client.domain.refund import BORN_AS, Method, Origin
from backend_client.local import bookings, ids
from backend_client.local.audit import AuditLog, Record
from backend_client.local.books import Entry, EntryKind, post
from backend_client.local.intake_people import People
from backend_client.local.intake_rows import Prepared
from backend_client.local.legs import Birth, give_birth
from backend_client.local.refunds import number_of
from backend_client.local.rows import fetch, insert_rows
from backend_client.local.schema import refund, refund_line
from backend_client.local.times import to_us
from backend_client.ports import TokenSource

REASON = "resale"
_REFUND = (
    "id",
    "number",
    "booking_id",
    "origin",
    "value_minor",
    "amount_minor",
    "currency",
    "reason",
    "operator",
    "role",
    "desk",
    "channel",
    "entrance",
    "correlation_id",
    "created_at_us",
    "commit_key",
)
_KNOWN = "SELECT commit_key FROM refund WHERE commit_key IN (SELECT value FROM json_each(?))"
_LINE_IDS = """
SELECT booking_id, sequence, id FROM line WHERE booking_id IN (SELECT value FROM json_each(?))"""


@dataclass(frozen=True, slots=True)
class _Claim:
    booking_id: int
    booking: Prepared
    claim: IncomingClaim

    @property
    def commit_key(self) -> str:
        """The same claim imported again makes no second refund."""
        named = json.dumps([*self.booking.key, self.claim.sequence])
        return "resale-" + hashlib.sha256(named.encode()).hexdigest()[:32]


def store_claims(
    connection: Connection,
    caller: Caller,
    at: datetime,
    tokens: TokenSource,
    audit: AuditLog,
    incoming: Iterable[tuple[int, Prepared]],
    people: People,
) -> None:
    """Refunds for the claims of stored bookings that have none yet."""
    claims = [
        _Claim(booking_id, one, claim) for booking_id, one in incoming for claim in one.claims
    ]
    if not claims:
        return
    keys = json.dumps([claim.commit_key for claim in claims])
    known = {row[0] for row in fetch(connection, _KNOWN, keys)}
    new = [claim for claim in claims if claim.commit_key not in known]
    if not new:
        return
    first = ids.take(connection, "refund", len(new))
    numbered = dict(enumerate(new, first))
    _insert(connection, caller, at, numbered)
    _give_birth(connection, caller, at, tokens, numbered, people)
    entries = (
        Entry(
            EntryKind.GRANTED,
            resale_granted(one.claim.amount_minor, one.booking.said.currency),
            refund_id=refund_id,
            reference=number_of(refund_id),
        )
        for refund_id, one in numbered.items()
    )
    post(connection, caller, at, entries)
    audit.append(connection, caller, at, *_records(numbered))


def _insert(
    connection: Connection, caller: Caller, at: datetime, numbered: Mapping[int, _Claim]
) -> None:
    rows = [
        (
            refund_id,
            number_of(refund_id),
            one.booking_id,
            Origin.RESALE.value,
            one.claim.amount_minor,
            one.claim.amount_minor,
            one.booking.said.currency,
            REASON,
            caller.operator,
            caller.role.value,
            caller.desk,
            caller.channel,
            caller.entrance.value,
            caller.correlation_id,
            to_us(at),
            one.commit_key,
        )
        for refund_id, one in numbered.items()
    ]
    insert_rows(connection, refund, _REFUND, rows)
    asked = json.dumps(sorted({one.booking_id for one in numbered.values()}))
    line_ids = {(row[0], row[1]): row[2] for row in fetch(connection, _LINE_IDS, asked)}
    lines = [
        (refund_id, line_ids[(one.booking_id, one.claim.sequence)], one.claim.amount_minor)
        for refund_id, one in numbered.items()
    ]
    insert_rows(connection, refund_line, ("refund_id", "line_id", "value_minor"), lines)


def _give_birth(
    connection: Connection,
    caller: Caller,
    at: datetime,
    tokens: TokenSource,
    numbered: Mapping[int, _Claim],
    people: People,
) -> None:
    loaded = bookings.load(connection, {one.booking_id for one in numbered.values()})
    by_id = {booking.id: booking for booking in loaded}
    births = [
        Birth(
            PlannedLeg(
                Method.REQUESTED,
                one.claim.amount_minor,
                BORN_AS[Method.REQUESTED],
                payer_id=people.id_of(one.claim.payer),
            ),
            by_id[one.booking_id],
            refund_id,
            ordinal=1,
            requested_at=one.claim.claimed_at,
        )
        for refund_id, one in numbered.items()
    ]
    give_birth(connection, caller, at, births, tokens)


def _records(numbered: Mapping[int, _Claim]) -> Sequence[Record]:
    return [
        Record(
            "resale-claim",
            number_of(refund_id),
            {
                "booking": ":".join(one.booking.key),
                "line": one.claim.sequence,
                "amount_minor": one.claim.amount_minor,
                "currency": one.booking.said.currency,
            },
        )
        for refund_id, one in numbered.items()
    ]
