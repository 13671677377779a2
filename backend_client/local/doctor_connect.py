"""The invariants of the journal of Connect calls: they add up, and their lives are whole."""

from __future__ import annotations

from backend_client.domain.connect_intent import (
    APPROVED,
    BORN,
    UNFINISHED,
    VOIDED,
    IntentState,
)
from backend_client.local.doctor_checks import SqlCheck
from backend_client.local.triggers import ANOTHER, in_list

_WAITS, _PLANNED, _SENDING, _NOT_DONE = (
    IntentState.AWAITING_APPROVAL.value,
    IntentState.PLANNED.value,
    IntentState.SENDING.value,
    IntentState.NOT_DONE.value,
)

CONNECT_CHECKS: tuple[SqlCheck, ...] = (
    SqlCheck(
        "connect-sums",
        "Calls to Connect give back exactly what their lines are worth",
        """
        WITH added AS (SELECT i.number, i.amount_minor,
          (SELECT COALESCE(SUM(amount_minor), 0) FROM connect_leg WHERE intent_id = i.id) AS legs,
          (SELECT COALESCE(SUM(value_minor), 0) FROM connect_line WHERE intent_id = i.id) AS lines
          FROM connect_intent i)
        SELECT number || ': its payments make ' || legs || ', its lines ' || lines || ', it says '
          || amount_minor FROM added WHERE legs <> amount_minor OR lines <> amount_minor""",
    ),
    SqlCheck(
        "connect-lines",
        "A call to Connect names lines, each held by one call at most",
        f"""
        SELECT i.number || ': it names no line' FROM connect_intent i
        WHERE NOT EXISTS (SELECT 1 FROM connect_line l WHERE l.intent_id = i.id)
        UNION ALL
        SELECT i.number || ', line ' || l.sequence || ': '
          || IIF(l.live, 'held by a call that was not done', 'free, but given back')
        FROM connect_line l JOIN connect_intent i ON i.id = l.intent_id
        WHERE l.live = (i.state = '{_NOT_DONE}')
        UNION ALL
        SELECT site || ':' || booking_id || ':' || transaction_id || ', line ' || sequence
          || ': in ' || COUNT(*) || ' calls'
        FROM connect_line WHERE live = 1
        GROUP BY site, booking_id, transaction_id, sequence HAVING COUNT(*) > 1""",
    ),
    SqlCheck(
        "connect-life",
        "Calls to Connect were sent before anything became of them, one a booking at a time",
        f"""
        SELECT number || ': ' || state || ', but never sent' FROM connect_intent
        WHERE sent_at_us IS NULL AND state NOT IN ('{_WAITS}', '{_PLANNED}', '{_NOT_DONE}')
        UNION ALL
        SELECT number || ': ' || replace(state, '_', ' ') || ', but sent' FROM connect_intent
        WHERE sent_at_us IS NOT NULL AND state IN {in_list(BORN)}
        UNION ALL
        SELECT number || ': ' || state || ', but nobody wrote down why' FROM connect_intent i
        WHERE state NOT IN ('{_WAITS}', '{_PLANNED}', '{_SENDING}')
          AND NOT EXISTS (SELECT 1 FROM connect_note n WHERE n.intent_id = i.id)
        UNION ALL
        SELECT site || ':' || booking_id || ':' || transaction_id || ': ' || COUNT(*)
          || ' calls are not finished'
        FROM connect_intent WHERE state IN {in_list(UNFINISHED)}
        GROUP BY site, booking_id, transaction_id HAVING COUNT(*) > 1""",
    ),
    SqlCheck(
        "connect-approval",
        "A refund at Connect that waited was decided once, never by whoever made it",
        f"""
        SELECT i.number || ': approved by ' || n.operator || ', who made it'
        FROM connect_note n JOIN connect_intent i ON i.id = n.intent_id
        WHERE n.what = '{APPROVED}' AND NOT ({ANOTHER.format(one="n.operator", other="i.operator")})
        UNION ALL
        SELECT i.number || ': decided ' || COUNT(*) || ' times, and it is '
          || replace(i.state, '_', ' ')
        FROM connect_note n JOIN connect_intent i ON i.id = n.intent_id
        WHERE n.what IN ('{APPROVED}', '{VOIDED}')
        GROUP BY i.id HAVING COUNT(*) > 1 OR i.state IN {in_list(BORN)}""",
    ),
    SqlCheck(
        "connect-approved",
        "What waited for approval at Connect left with the yes it is written down with",
        f"""
        SELECT i.number || ': approved by nobody on record'
        FROM connect_note n JOIN connect_intent i ON i.id = n.intent_id
        WHERE n.what = '{APPROVED}' AND NOT EXISTS (
          SELECT 1 FROM connect_approval a WHERE a.intent_id = i.id
            AND a.operator = n.operator AND a.fingerprint = n.code)""",
    ),
    SqlCheck(
        "connect-proof",
        "Every external payment recorded at Connect has its reference",
        f"""
        SELECT i.number || '.' || l.ordinal || ': no reference'
        FROM connect_leg l JOIN connect_intent i ON i.id = l.intent_id
        WHERE l.method = 'external' AND l.reference = '' AND i.state <> '{_NOT_DONE}'""",
    ),
)
