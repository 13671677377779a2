"""What a run never began before it was ended no longer says that it waits."""

from __future__ import annotations

from sqlalchemy.engine import Connection

_LEAVE = """
UPDATE run_item SET outcome = 'left' WHERE outcome = 'waiting' AND run_id IN
  (SELECT simulation_id FROM run WHERE mode = 'live' AND state = 'done')"""


def upgrade(connection: Connection) -> None:
    connection.exec_driver_sql(_LEAVE)
