"""The invariants of the outbox: what customers were told is so, and is what was booked."""

from __future__ import annotations

from backend_client.domain.refund import CLOSED, FINAL
from backend_client.local.doctor_checks import SqlCheck
from backend_client.local.triggers import in_list

_OPEN = f"NOT IN {in_list(FINAL | CLOSED)}"
_MAY_ARRIVE = "(o.state IN ('waiting', 'sent') OR o.unclear > 0)"
_LEG = "r.number || '.' || l.ordinal"
_MAIL = "r.number || ', mail ' || o.ordinal"

MAIL_CHECKS: tuple[SqlCheck, ...] = (
    SqlCheck(
        "L22",
        "Who was told refunded has everything, or was told otherwise since",
        f"""
        WITH last AS MATERIALIZED (
          SELECT o.refund_id, MAX(o.ordinal) AS ordinal FROM outbox o
          WHERE {_MAY_ARRIVE} GROUP BY o.refund_id)
        SELECT {_MAIL} || ' says refunded, ' || {_LEG} || ' is ' || l.state
        FROM last JOIN outbox o ON o.refund_id = last.refund_id AND o.ordinal = last.ordinal
        JOIN refund r ON r.id = o.refund_id JOIN leg l ON l.refund_id = r.id
        WHERE o.kind = 'refunded' AND l.state {_OPEN}
        UNION ALL
        SELECT {_MAIL} || ' says refunded, it was taken back'
        FROM last JOIN outbox o ON o.refund_id = last.refund_id AND o.ordinal = last.ordinal
        JOIN refund r ON r.id = o.refund_id
        WHERE o.kind = 'refunded' AND r.voided_at_us IS NOT NULL
        UNION ALL
        SELECT {_MAIL} || ' speaks of ' || (told.value ->> 'leg') || ', which is ' || l.state
        FROM last JOIN outbox o ON o.refund_id = last.refund_id AND o.ordinal = last.ordinal
        JOIN refund r ON r.id = o.refund_id, json_each(o.body, '$.parts') told
        JOIN leg l ON l.refund_id = r.id AND {_LEG} = told.value ->> 'leg'
        WHERE o.kind = 'refunded' AND l.state IN {in_list(CLOSED)}""",
    ),
    SqlCheck(
        "L22b",
        "Mails say the amounts that were booked",
        f"""
        SELECT {_MAIL} || ': ' || (o.body ->> 'amount_minor') || ' ' || (o.body ->> 'currency')
          || ', booked ' || r.amount_minor || ' ' || r.currency
        FROM outbox o JOIN refund r ON r.id = o.refund_id
        WHERE (o.body ->> 'amount_minor', o.body ->> 'value_minor', o.body ->> 'retained_minor',
            o.body ->> 'breach_fee_minor', o.body ->> 'currency', o.body ->> 'refund',
            o.body ->> 'kind')
          IS NOT (r.amount_minor, r.value_minor, r.retained_minor, r.breach_fee_minor, r.currency,
            r.number, o.kind)
        UNION ALL
        SELECT {_MAIL} || ', ' || (told.value ->> 'leg') || ': '
          || (told.value ->> 'amount_minor') || ', booked ' || COALESCE(l.amount_minor, 'nothing')
        FROM outbox o JOIN refund r ON r.id = o.refund_id, json_each(o.body, '$.parts') told
        LEFT JOIN leg l ON l.refund_id = r.id AND {_LEG} = told.value ->> 'leg'
        WHERE (told.value ->> 'amount_minor', told.value ->> 'method')
          IS NOT (l.amount_minor, l.method)
        UNION ALL
        SELECT {_MAIL} || ': its parts do not make its amount'
        FROM outbox o JOIN refund r ON r.id = o.refund_id
        WHERE o.kind = 'refunded' AND r.amount_minor IS NOT (
          SELECT COALESCE(SUM(told.value ->> 'amount_minor'), 0)
          FROM json_each(o.body, '$.parts') told)""",
    ),
    SqlCheck(
        "outbox",
        "Every mail is written once and its attempts explain its state",
        f"""
        SELECT r.number || ': mails ' || MIN(o.ordinal) || ' to ' || MAX(o.ordinal) || ', '
          || COUNT(*) || ' there' FROM outbox o JOIN refund r ON r.id = o.refund_id
        GROUP BY o.refund_id HAVING MIN(o.ordinal) <> 1 OR MAX(o.ordinal) <> COUNT(*)
        UNION ALL
        SELECT {_MAIL} || ' ' || o.state || ': ' || o.attempts || ' attempts, ' || o.unclear
          || ' unclear' FROM outbox o JOIN refund r ON r.id = o.refund_id
        WHERE o.unclear NOT BETWEEN 0 AND o.attempts
          OR (o.state IN ('sent', 'bounced') AND o.unclear >= o.attempts)
          OR (o.state = 'failed' AND o.attempts = 0)
        UNION ALL
        SELECT {_MAIL} || ': no address or name' FROM outbox o JOIN refund r ON r.id = o.refund_id
        WHERE o.to_address NOT LIKE '_%@_%' OR o.message_id NOT LIKE '<_%@_%>'
        UNION ALL
        SELECT {_MAIL} || ' says what mail ' || e.ordinal || ' said'
        FROM outbox o JOIN refund r ON r.id = o.refund_id
        JOIN outbox e ON e.refund_id = o.refund_id AND e.ordinal = o.ordinal - 1
        WHERE e.body = o.body AND (e.state IN ('waiting', 'sent') OR e.unclear > 0)""",
    ),
)
