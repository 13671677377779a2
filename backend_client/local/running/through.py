"""A paused dispatch of which nothing is left to be sent: whoever settles may have sent the rest."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from backend_client.local.rows import fetch

_THROUGH = """
SELECT run.id FROM run_scope s JOIN run ON run.id = s.run_id
WHERE s.scope = 'dispatch' AND run.state = 'paused'
  AND NOT EXISTS (SELECT 1 FROM run_item i INDEXED BY run_item_by_outcome
    WHERE i.run_id = run.simulation_id AND i.outcome = 'waiting' AND i.outcome <> '')
  AND NOT EXISTS (SELECT 1 FROM leg l INDEXED BY leg_open JOIN run_leg m ON m.leg_id = l.id
    WHERE m.run_id = run.id AND l.state IN ('pending','sending')
      AND l.state NOT IN ('succeeded','credited','recorded','replaced','voided'))"""


def paused_through(connection: Connection) -> int | None:
    """The run that waits for nobody any more, if there is one; there is one dispatch at a time."""
    rows = fetch(connection, _THROUGH)
    return rows[0].id if rows else None
