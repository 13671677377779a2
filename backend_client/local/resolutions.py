"""What supervisors said about payments in review, as rows: one a word, and never changed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from backend_client.domain.findings import Finding, Proposal, Resolution
from backend_client.domain.names import person_key
from backend_client.domain.resolution import Step
from backend_client.local import ids
from backend_client.local.rows import fetch
from backend_client.local.times import from_us, to_us

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from backend_client.domain.caller import Caller

_LAST = "SELECT MAX(id) AS id FROM resolution WHERE leg_number = {}"
_PROPOSED = f"""
SELECT r.* FROM json_each(?) asked JOIN resolution r ON r.id = ({_LAST.format("asked.value")})
WHERE r.needs_second = 1 AND r.confirms_id IS NULL AND r.finding <> '{Finding.OTHER}'"""
_KEEP = """
INSERT INTO resolution(id, leg_number, finding, reference, evidence, fingerprint, operator,
  operator_key, desk, at_us, needs_second, confirms_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""


def proposed(connection: Connection, leg_numbers: Iterable[str]) -> dict[str, Proposal]:
    """What was said last of these legs and waits for another person, by the leg's number."""
    asked = json.dumps(list(leg_numbers))
    return {
        row.leg_number: Proposal(
            Resolution(row.leg_number, Finding(row.finding), row.reference, row.evidence),
            row.operator,
            from_us(row.at_us),
        )
        for row in fetch(connection, _PROPOSED, asked)
    }


def keep(
    connection: Connection,
    caller: Caller,
    found: Resolution,
    step: Step,
    now: datetime,
    fingerprint: str = "",
) -> None:
    """This person's word, with the one it confirms where it does."""
    confirms = None
    if step is Step.CONFIRMS:
        confirms = fetch(connection, _LAST.format("?"), found.leg_number)[0].id
    row = (
        ids.take(connection, "resolution"),
        found.leg_number,
        found.finding.value,
        found.reference,
        found.evidence,
        fingerprint,
        caller.operator,
        person_key(caller.operator),
        caller.desk,
        to_us(now),
        int(step is not Step.DECIDES),
        confirms,
    )
    connection.exec_driver_sql(_KEEP, row)
