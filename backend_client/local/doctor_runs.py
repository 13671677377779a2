"""The invariants about all runs, and about what cancellations did: items are counted once and as
they were frozen, totals are the sums of refunds, and nothing is worked on by two."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.engine import Connection

from backend_client.domain.run_totals import TotalName
from backend_client.domain.runs import TAKEN, UNFINISHED, ItemOutcome
from backend_client.local.doctor_checks import SqlCheck
from backend_client.local.doctor_looks import LookCheck
from backend_client.local.rows import fetch
from backend_client.local.run_triggers import ITEM_FIXED
from backend_client.local.running.items import Fingerprint, came_to
from backend_client.local.store import Store
from backend_client.local.triggers import in_list

_UNFINISHED = f"run.mode = 'live' AND run.state IN {in_list(UNFINISHED)}"
_CANCELLED = f"""
cancelled AS (SELECT live.id AS run_id, i.ordinal, i.amount_minor, i.currency, i.refund_id
  FROM run live JOIN run_item i ON i.run_id = live.simulation_id
  WHERE live.kind = 'cancellation' AND i.outcome = '{ItemOutcome.CANCELLED}')"""
_LEGS = "cancelled c JOIN leg l ON l.refund_id = c.refund_id AND l.replaces_leg_id IS NULL"
_BY_OUTCOME = """run live JOIN run_item i INDEXED BY run_item_by_outcome
  ON i.run_id = live.simulation_id"""
_COMPARED = ("CANCEL", "RETAINED", "REQUESTED", "WAITING_ACCOUNT")
_NAMES = in_list(TotalName[name] for name in _COMPARED)

RUN_CHECKS: tuple[SqlCheck, ...] = (
    SqlCheck(
        "run-items",
        "Items of runs are counted once, by what became of them",
        f"""
        WITH both AS (
          SELECT run_id, outcome, COUNT(*) AS n FROM run_item WHERE outcome <> '' GROUP BY 1, 2
          UNION ALL SELECT run_id, outcome, -items FROM run_count)
        SELECT 'run ' || run_id || ': ' || outcome || ' differs by ' || SUM(n)
        FROM both GROUP BY run_id, outcome HAVING SUM(n) <> 0
        UNION ALL
        SELECT 'run ' || run.id || ': ' || run.taken || ' to be carried out, its items say '
          || COUNT(i.ordinal)
        FROM run LEFT JOIN run_item i ON i.run_id = run.id AND i.plan IN {in_list(TAKEN)}
        WHERE run.state = 'simulated' GROUP BY run.id HAVING run.taken <> COUNT(i.ordinal)""",
    ),
    SqlCheck(
        "run-through",
        "A run that is over leaves no item waiting, and began every one",
        f"""
        SELECT 'run ' || live.id || ', item ' || i.ordinal || ': waits for nobody'
        FROM {_BY_OUTCOME}
        WHERE live.state = 'done' AND {came_to(ItemOutcome.WAITING, "i.outcome")}
        UNION ALL
        SELECT 'run ' || live.id || ': ' || COALESCE(SUM(c.items), 0) || ' of its items were begun'
        FROM run live LEFT JOIN run_count c ON c.run_id = live.simulation_id
        WHERE live.mode = 'live' AND live.state = 'done' GROUP BY live.id
        HAVING COALESCE(SUM(c.items), 0) <>
          (SELECT COUNT(*) FROM run_item WHERE run_id = live.simulation_id)""",
    ),
    SqlCheck(
        "run-once",
        "A cancelled item made one refund of its amount, and every refund of a run is an item's",
        f"""
        WITH {_CANCELLED}
        SELECT 'run ' || c.run_id || ', item ' || c.ordinal || ': '
          || COALESCE(r.number || ' is not its refund', 'no refund')
        FROM cancelled c LEFT JOIN refund r ON r.id = c.refund_id
        WHERE r.id IS NULL OR r.origin <> 'cancellation_run' OR r.amount_minor <> c.amount_minor
          OR r.commit_key <> 'run-' || c.run_id || '.' || c.ordinal
        UNION ALL
        SELECT r.number || ': no item of a run' FROM refund r
        LEFT JOIN cancelled c ON c.refund_id = r.id
        WHERE r.origin = 'cancellation_run' AND c.run_id IS NULL""",
    ),
    SqlCheck(
        "run-totals",
        "Totals of cancellations are the sums of their refunds and payments",
        f"""
        WITH {_CANCELLED},
        both AS (
          SELECT run_id, '{TotalName.CANCEL}' AS name, currency, COUNT(*) AS n,
            SUM(amount_minor) AS minor FROM cancelled GROUP BY 1, 2, 3
          UNION ALL
          SELECT c.run_id, '{TotalName.RETAINED}', c.currency, COUNT(*), SUM(r.retained_minor)
          FROM cancelled c JOIN refund r ON r.id = c.refund_id WHERE r.retained_minor > 0
          GROUP BY 1, 2, 3
          UNION ALL
          SELECT c.run_id, CASE l.method WHEN 'waiting' THEN '{TotalName.WAITING_ACCOUNT}'
            ELSE '{TotalName.REQUESTED}' END, c.currency, COUNT(*), SUM(l.amount_minor)
          FROM {_LEGS} GROUP BY 1, 2, 3
          UNION ALL
          SELECT t.run_id, t.name, t.currency, -t.count, -t.amount_minor
          FROM run_total t JOIN run ON run.id = t.run_id
          WHERE run.kind = 'cancellation' AND run.mode = 'live' AND t.name IN {_NAMES})
        SELECT 'run ' || run_id || ': ' || name || ' ' || currency || ' differs by ' || SUM(n)
          || ' and ' || SUM(minor)
        FROM both GROUP BY run_id, name, currency HAVING SUM(n) <> 0 OR SUM(minor) <> 0""",
    ),
    SqlCheck(
        "run-scopes",
        "Every live run that may go on has what it works on for itself, and no other run has",
        f"""
        WITH wanted AS (
          SELECT run.id AS run_id, 'dispatch' AS scope FROM run
          WHERE {_UNFINISHED} AND run.kind = 'dispatch'
          UNION ALL
          SELECT run.id, 'performance:' || one.value
          FROM run, json_each(run.parameters, '$.performances') AS one
          WHERE {_UNFINISHED} AND run.kind = 'cancellation'),
        both AS (
          SELECT run_id, scope, 1 AS n FROM wanted
          UNION ALL SELECT run_id, scope, -1 FROM run_scope)
        SELECT 'run ' || run_id || ': ' || scope
          || CASE WHEN SUM(n) > 0 THEN ' is not its own' ELSE ' is kept for nothing' END
        FROM both GROUP BY run_id, scope HAVING SUM(n) <> 0""",
    ),
)


def _fingerprints(connection: Connection, _store: Store) -> Iterator[str]:
    """What was simulated is what was frozen, to the letter, and what its live run names."""
    rows = fetch(
        connection, "SELECT id, parameters, fingerprint FROM run WHERE state = 'simulated'"
    )
    frozen = f"SELECT {', '.join(ITEM_FIXED[1:])} FROM run_item WHERE run_id = ? ORDER BY ordinal"
    for row in rows:
        fingerprint = Fingerprint(row.parameters)
        fingerprint.add(connection.exec_driver_sql(frozen, (row.id,)))
        if fingerprint.text != row.fingerprint:
            yield f"run {row.id}: its items are not those it was simulated with"
    for row in fetch(
        connection,
        "SELECT live.id FROM run live JOIN run s ON s.id = live.simulation_id WHERE "
        "(live.kind, live.parameters, live.fingerprint) <> (s.kind, s.parameters, s.fingerprint)",
    ):
        yield f"run {row.id}: it is not the simulation it names"


RUN_LOOKS = (LookCheck("run-frozen", "Simulations are as they were frozen", _fingerprints),)
