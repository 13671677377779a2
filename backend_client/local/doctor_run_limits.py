"""Whether every live run was allowed: by another supervisor above the threshold of its day, and
below the ceilings where nobody looked."""

from __future__ import annotations

from backend_client.domain.caller import Entrance
from backend_client.domain.run_limits import MOVED
from backend_client.local.doctor_checks import SqlCheck
from backend_client.local.triggers import in_list

_LIVE = f"""
live AS (SELECT run.id, run.simulation_id, run.fingerprint, run.taken, s.operator AS maker,
    run.entrance = '{Entrance.UNATTENDED}' AS alone, l.*
  FROM run_limit l JOIN run ON run.id = l.run_id JOIN run s ON s.id = run.simulation_id),
moved AS (SELECT live.run_id, t.currency, SUM(t.amount_minor) AS minor
  FROM live JOIN run_total t ON t.run_id = live.simulation_id AND t.name IN {in_list(MOVED)}
  GROUP BY 1, 2 HAVING SUM(t.amount_minor) <> 0)"""
_ABOVE = """EXISTS (SELECT 1 FROM moved WHERE moved.run_id = live.run_id
  AND (moved.currency <> live.currency OR moved.minor > live.{limit}))"""

RUN_LIMIT_CHECKS: tuple[SqlCheck, ...] = (
    SqlCheck(
        "run-approved",
        "A live run above the threshold was approved by another supervisor as it was simulated",
        f"""
        WITH {_LIVE}
        SELECT 'run ' || live.id || ': nobody but ' || live.maker || ' allowed it' FROM live
        WHERE NOT live.alone AND live.four_eyes_minor IS NOT NULL
          AND (live.four_eyes_minor = 0 OR {_ABOVE.format(limit="four_eyes_minor")})
          AND NOT EXISTS (SELECT 1 FROM run_approval a WHERE a.run_id = live.simulation_id
            AND a.fingerprint = live.fingerprint AND a.operator <> live.maker)""",
    ),
    SqlCheck(
        "run-ceilings",
        "What went live while nobody looked was below the ceilings",
        f"""
        WITH {_LIVE}
        SELECT 'run ' || live.id || ': above what may go live unattended' FROM live
        WHERE live.alone AND (live.taken > live.unattended_items
          OR {_ABOVE.format(limit="unattended_minor")})""",
    ),
)
