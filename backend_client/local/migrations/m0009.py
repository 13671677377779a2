"""Runs of earlier versions may keep a card number somebody typed as a channel, a desk or a filter:
its middle is masked, and the run says so.

What a run was told is under its fingerprint, which is made anew over exactly the same items.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy.engine import Connection

from backend_client.domain.card_numbers import mask_card_numbers
from backend_client.local import run_triggers
from backend_client.local.rows import fetch
from backend_client.local.run_triggers import ITEM_FIXED
from backend_client.local.running.items import Fingerprint

_GUARDS = ("run_fixed", "run_figures_fixed")
_NOTE = "a card number in what it was told was masked by an upgrade"
_MASK = """
UPDATE run SET parameters = ?, note = CASE WHEN note = '' THEN ? ELSE note || '; ' || ? END
WHERE id = ?"""
_ITEMS = f"SELECT {', '.join(ITEM_FIXED[1:])} FROM run_item WHERE run_id = ? ORDER BY ordinal"
_FINGERPRINT = "UPDATE run SET fingerprint = ? WHERE fingerprint <> '' AND ? IN (id, simulation_id)"


def upgrade(connection: Connection) -> None:
    masked = {
        row.id: told
        for row in fetch(connection, "SELECT id, parameters FROM run ORDER BY id")
        if (told := _masked(row.parameters)) != row.parameters
    }
    if not masked:
        return
    for guard in _GUARDS:
        connection.exec_driver_sql(f"DROP TRIGGER {guard}")
    for run_id, told in masked.items():
        connection.exec_driver_sql(_MASK, (told, _NOTE, _NOTE, run_id))
    for row in fetch(connection, "SELECT id, parameters FROM run WHERE mode = 'simulation'"):
        if row.id in masked:
            fingerprint = Fingerprint(row.parameters)
            fingerprint.add(connection.exec_driver_sql(_ITEMS, (row.id,)))
            connection.exec_driver_sql(_FINGERPRINT, (fingerprint.text, row.id))
    for statement in run_triggers.statements():
        if statement.startswith(tuple(f"CREATE TRIGGER {guard} " for guard in _GUARDS)):
            connection.exec_driver_sql(statement)


def _masked(told: str) -> str:
    """The parameters without card numbers, letter for letter as they are if they hold none: ids in
    a row pass the check sum now and then, so only words are looked at."""
    parameters = json.loads(told)
    masked = _without_cards(parameters)
    if masked == parameters:
        return told
    return json.dumps(masked, ensure_ascii=False, sort_keys=True)


def _without_cards(value: Any) -> Any:
    if isinstance(value, str):
        return mask_card_numbers(value)
    if isinstance(value, list):
        return [_without_cards(part) for part in value]
    if isinstance(value, dict):
        return {name: _without_cards(part) for name, part in value.items()}
    return value
