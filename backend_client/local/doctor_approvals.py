"""Whether a second person said yes where one was needed, and really was another person."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.engine import Connection

from backend_client.domain.names import person_key
from backend_client.local.doctor_checks import SqlCheck
from backend_client.local.doctor_looks import LookCheck
from backend_client.local.rows import fetch
from backend_client.local.store import Store
from backend_client.local.timeline import APPROVED, RESOLVED

_APPROVALS = """
SELECT r.number AS what, r.operator AS one, a.operator AS other, a.maker_key AS one_key,
  a.operator_key AS other_key FROM refund_approval a JOIN refund r ON r.id = a.refund_id"""
_AT_CONNECT = """
SELECT i.number AS what, i.operator AS one, a.operator AS other, a.maker_key AS one_key,
  a.operator_key AS other_key
FROM connect_approval a JOIN connect_intent i ON i.id = a.intent_id"""
_CONFIRMATIONS = """
SELECT said.leg_number AS what, said.operator AS one, yes.operator AS other,
  said.operator_key AS one_key, yes.operator_key AS other_key
FROM resolution yes JOIN resolution said ON said.id = yes.confirms_id"""


def _one_person(connection: Connection, _store: Store) -> Iterator[str]:
    """The keys kept are those of the names beside them, and of two people."""
    said = " UNION ALL ".join((_APPROVALS, _AT_CONNECT, _CONFIRMATIONS))
    for row in fetch(connection, said):
        keys = person_key(row.one), person_key(row.other)
        if keys[0] == keys[1]:
            yield f"{row.what}: {row.other} said yes to what is their own"
        elif keys != (row.one_key, row.other_key):
            yield f"{row.what}: the key of {row.one} or {row.other} is another's"


APPROVAL_LOOKS = (
    LookCheck("second-person", "Who said yes is another person than who made it", _one_person),
)
APPROVAL_CHECKS = (
    SqlCheck(
        "refund-approved",
        "What waited for approval left with the yes it is written down with",
        f"""
        SELECT e.details ->> 'refund' || ': approved by nobody on record' FROM booking_event e
        WHERE e.what = '{APPROVED}' AND NOT EXISTS (
          SELECT 1 FROM refund_approval a JOIN refund r ON r.id = a.refund_id
          WHERE r.number = e.details ->> 'refund' AND a.operator = e.operator
            AND a.fingerprint = e.details ->> 'fingerprint')""",
    ),
    SqlCheck(
        "resolution-confirmed",
        "A payment in review was decided by as many people as were needed",
        f"""
        SELECT s.leg_number || ': nobody but ' || s.operator || ' said so' FROM resolution s
        WHERE s.needs_second = 1 AND s.confirms_id IS NULL AND EXISTS (
          SELECT 1 FROM booking_event e WHERE e.what = '{RESOLVED}'
            AND e.details ->> 'leg' = s.leg_number
            AND e.details ->> 'fingerprint' = s.fingerprint)""",
    ),
)
