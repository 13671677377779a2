"""The invariants about providers: what contradicts our books, and what settling keeps in mind."""

from __future__ import annotations

from backend_client.domain.settlement import Mismatch
from backend_client.local.doctor_checks import SqlCheck
from backend_client.local.triggers import TO_PAYMENT

_LEG = "r.number || '.' || l.ordinal"

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
        "watched",
        "Everything that succeeded at a provider is in the list of what is checked again",
        f"""
        SELECT {_LEG} FROM leg l JOIN refund r ON r.id = l.refund_id
        LEFT JOIN leg_watch w ON w.leg_id = l.id
        WHERE l.state = 'succeeded' AND l.method IN {TO_PAYMENT} AND w.leg_id IS NULL""",
    ),
)
