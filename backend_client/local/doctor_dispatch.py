"""The invariants about live dispatch runs: every payment and every item counted once, and what was
planned is what became of it."""

from __future__ import annotations

from backend_client.domain.dispatch import REFUSED, TAKEN_BACK
from backend_client.domain.runs import ItemOutcome, PartRole
from backend_client.local.doctor_checks import SqlCheck
from backend_client.local.run_triggers import OUTCOME, RANK
from backend_client.local.triggers import in_list

_LEG = "'run ' || m.run_id || ', item ' || m.ordinal || ', leg ' || m.leg_id"
_MADE = """
made AS (SELECT m.run_id, m.ordinal, m.role, m.state, m.over, l.amount_minor AS minor
  FROM run_leg m JOIN leg l ON l.id = m.leg_id)"""
_BEGUN = f"""
begun AS (SELECT live.id AS run_id, i.ordinal, i.body FROM run live
  JOIN run_item i ON i.run_id = live.simulation_id
  WHERE live.kind = 'dispatch' AND i.refund_id IS NOT NULL
    AND i.outcome NOT IN {in_list({ItemOutcome.WAITING, ItemOutcome.CHANGED})})"""

DISPATCH_CHECKS: tuple[SqlCheck, ...] = (
    SqlCheck(
        "dispatch-legs",
        "Payments of dispatch runs are counted as what they are",
        f"""
        SELECT {_LEG} || ': counted as ' || m.state || ', is ' || l.state
        FROM run_leg m JOIN leg l ON l.id = m.leg_id
        WHERE m.state <> l.state
          AND NOT (m.state IN {in_list(REFUSED)} AND l.state IN {in_list(TAKEN_BACK)})
        UNION ALL
        SELECT {_LEG} || ': over is ' || m.over FROM run_leg m
        LEFT JOIN (SELECT l.replaces_leg_id AS leg_id, r.run_id FROM run_leg r
          JOIN leg l ON l.id = r.leg_id) AS later
          ON later.leg_id = m.leg_id AND later.run_id = m.run_id
        WHERE m.over <> (later.leg_id IS NOT NULL)""",
    ),
    SqlCheck(
        "dispatch-totals",
        "Totals of dispatch runs are the sums of their payments",
        """
        WITH made AS (
          SELECT m.run_id, m.role AS name, m.state AS detail, r.currency, COUNT(*) AS count,
            SUM(l.amount_minor) AS minor
          FROM run_leg m JOIN leg l ON l.id = m.leg_id JOIN refund r ON r.id = l.refund_id
          GROUP BY 1, 2, 3, 4),
        both AS (
          SELECT run_id, name, detail, currency, count, minor FROM made
          UNION ALL
          SELECT t.run_id, t.name, t.detail, t.currency, -t.count, -t.amount_minor
          FROM run_total t JOIN run ON run.id = t.run_id
          WHERE run.kind = 'dispatch' AND run.mode = 'live')
        SELECT 'run ' || run_id || ': ' || name || ' ' || detail || ' ' || currency
          || ' differs by '
          || SUM(count) || ' and ' || SUM(minor)
        FROM both GROUP BY run_id, name, detail, currency
        HAVING SUM(count) <> 0 OR SUM(minor) <> 0""",
    ),
    SqlCheck(
        "dispatch-outcomes",
        "Items of dispatch runs are what their payments are",
        f"""
        WITH ranked AS (SELECT run_id, ordinal, {RANK} AS rank FROM run_leg WHERE over = 0),
        due AS (SELECT run_id, ordinal, {OUTCOME} AS outcome FROM ranked GROUP BY run_id, ordinal)
        SELECT 'run ' || due.run_id || ', item ' || due.ordinal || ': ' || i.outcome
          || ', its payments make ' || due.outcome
        FROM due JOIN run live ON live.id = due.run_id
        JOIN run_item i ON i.run_id = live.simulation_id AND i.ordinal = due.ordinal
        WHERE i.outcome <> due.outcome""",
    ),
    SqlCheck(
        "dispatch-planned",
        "What a simulation planned for cards, credit and later is what its run made of it",
        f"""
        WITH {_MADE}, {_BEGUN},
        planned AS (
          SELECT b.run_id, b.ordinal, json_extract(part.value, '$[0]') AS role,
            SUM(json_extract(part.value, '$[1]')) AS minor
          FROM begun b, json_each(b.body, '$.parts') AS part GROUP BY 1, 2, 3),
        done AS (
          SELECT run_id, ordinal, role, SUM(minor) AS minor FROM made
          WHERE role <> '{PartRole.CREDIT_AFTER_REFUSAL}' GROUP BY 1, 2, 3
          UNION ALL
          SELECT run_id, ordinal, '{PartRole.STAYS}', -minor FROM made
          WHERE over = 1 AND state IN {in_list(TAKEN_BACK)}),
        both AS (SELECT run_id, ordinal, role, minor FROM planned
          UNION ALL SELECT run_id, ordinal, role, -minor FROM done)
        SELECT 'run ' || run_id || ', item ' || ordinal || ': ' || role || ' differs by '
          || SUM(minor)
        FROM both GROUP BY run_id, ordinal, role HAVING SUM(minor) <> 0""",
    ),
    SqlCheck(
        "dispatch-refused",
        "What cards declined in a run is what it credited afterwards, and what is left",
        f"""
        WITH {_MADE}
        SELECT 'run ' || run_id || ': differs by ' || SUM(minor) FROM (
          SELECT run_id, CASE WHEN role = '{PartRole.CARD}' THEN -minor ELSE minor END AS minor
          FROM made
          WHERE role = '{PartRole.CREDIT_AFTER_REFUSAL}'
            OR (role = '{PartRole.CARD}' AND over = 1 AND state IN {in_list(REFUSED)}))
        GROUP BY run_id HAVING SUM(minor) <> 0""",
    ),
)
