"""The invariants about providers: what contradicts our books, and what settling keeps in mind."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.engine import Connection

from backend_client.domain.refund import WAITS_FOR_PROVIDER
from backend_client.domain.settlement import Mismatch
from backend_client.local.doctor_checks import SqlCheck
from backend_client.local.open_refunds import Serves, is_left_alone
from backend_client.local.rows import fetch
from backend_client.local.triggers import TO_PAYMENT, in_list

_LEG = "r.number || '.' || l.ordinal"
_WAITING = f"""
SELECT {_LEG} AS number, l.method, l.state, l.provider
FROM leg l JOIN refund r ON r.id = l.refund_id
WHERE l.state IN {in_list(WAITS_FOR_PROVIDER)}
  AND l.state NOT IN ('succeeded','credited','recorded','replaced','voided') ORDER BY l.id"""

PROVIDER_CHECKS: tuple[SqlCheck, ...] = (
    SqlCheck(
        "reconciled",
        "Providers list what we say they do",
        f"""
        SELECT {_LEG} || ': ' || d.kind || ' at ' || d.provider || CASE
          WHEN d.text = '' THEN '' ELSE ', ' || d.text END
        FROM discrepancy d JOIN leg l ON l.id = d.leg_id JOIN refund r ON r.id = l.refund_id
        WHERE d.cleared_at_us IS NULL AND d.kind <> '{Mismatch.PROVIDER_ONLY}'""",
    ),
    SqlCheck(
        "C4",
        "What blocks a payment is what was found only at its provider",
        f"""
        WITH found AS (
          SELECT payment_id AS id, SUM(amount_minor) AS minor FROM discrepancy
          WHERE kind = '{Mismatch.PROVIDER_ONLY}' AND cleared_at_us IS NULL GROUP BY payment_id)
        SELECT 'payment ' || p.id || ': ' || p.found_minor || ', found '
          || COALESCE(found.minor, 0)
        FROM payment p LEFT JOIN found ON found.id = p.id
        WHERE p.found_minor <> COALESCE(found.minor, 0)""",
    ),
    SqlCheck(
        "accepted",
        "Refunds accepted as made elsewhere are in the books, and only those",
        """
        WITH booked AS (
          SELECT p.currency, SUM(p.amount_minor) AS minor FROM book_entry e
          JOIN posting p ON p.entry_id = e.id
          WHERE e.kind IN ('found', 'found_ended')
            AND p.account IN ('refunds_elsewhere', 'external')
          GROUP BY p.currency),
        accepted AS (
          SELECT d.currency, SUM(a.amount_minor) AS minor FROM accepted_refund a
          JOIN discrepancy d ON d.id = a.discrepancy_id WHERE a.ended_at_us IS NULL
          GROUP BY d.currency)
        SELECT currency || ': the books say ' || COALESCE(SUM(booked), 0) || ', accepted '
          || COALESCE(SUM(accepted), 0) FROM (
          SELECT currency, minor AS booked, 0 AS accepted FROM booked
          UNION ALL SELECT currency, 0, minor FROM accepted)
        GROUP BY currency HAVING SUM(booked) <> SUM(accepted)
        UNION ALL
        SELECT 'refund ' || a.id || ': accepted, not cleared' FROM accepted_refund a
        JOIN discrepancy d ON d.id = a.discrepancy_id WHERE d.cleared_at_us IS NULL""",
    ),
    SqlCheck(
        "watched",
        "Everything that succeeded at a provider is in the list of what is checked again",
        f"""
        SELECT {_LEG} FROM leg l JOIN refund r ON r.id = l.refund_id
        LEFT JOIN leg_watch w ON w.leg_id = l.id
        WHERE l.state = 'succeeded' AND l.method IN {TO_PAYMENT} AND w.leg_id IS NULL""",
    ),
)


def unserved(connection: Connection, serves: Serves) -> Iterator[str]:
    """Payments nothing will become of by itself, and what a person can do."""
    for row in fetch(connection, _WAITING):
        if is_left_alone(row, serves):
            yield (
                f"{row.number} is {row.state} at {row.provider}, which the settings name no more: "
                f"name it again, or look there and resolve {row.number}"
            )
