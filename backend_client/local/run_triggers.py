"""What the database itself holds about runs: frozen is frozen, and counters are always true."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from backend_client.local.triggers import refusal

RUN_FIXED = (
    "id",
    "kind",
    "mode",
    "simulation_id",
    "parameters",
    "operator",
    "role",
    "correlation_id",
    "email",
    "started_at_us",
)
ITEM_FIXED = (
    "run_id",
    "ordinal",
    "booking_id",
    "leg_id",
    "version",
    "state_seen",
    "plan",
    "reason",
    "amount_minor",
    "currency",
    "body",
)


def statements() -> Iterator[str]:
    """Every trigger of runs, as DDL."""
    yield from _frozen()
    yield from _counted()


def _changed(columns: Iterable[str]) -> str:
    return " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in columns)


def _frozen() -> Iterator[str]:
    yield refusal("run_fixed", "UPDATE ON run", _changed(RUN_FIXED), "what a run was told stays")
    yield refusal("run_kept", "DELETE ON run", "1", "runs are never deleted")
    yield refusal(
        "run_item_born",
        "INSERT ON run_item",
        "(SELECT state FROM run WHERE id = NEW.run_id) IS NOT 'simulating' OR NEW.outcome <> ''",
        "items are written by the simulation that freezes them",
    )
    yield refusal(
        "run_item_fixed",
        "UPDATE ON run_item",
        _changed(ITEM_FIXED),
        "a frozen item never changes",
    )
    yield refusal("run_item_kept", "DELETE ON run_item", "1", "items are never deleted")
    yield refusal("run_leg_kept", "DELETE ON run_leg", "1", "what a run made is never deleted")


def _counted() -> Iterator[str]:
    """How many items came to which outcome."""
    yield (
        "CREATE TRIGGER run_item_counted AFTER UPDATE OF outcome ON run_item "
        "WHEN NEW.outcome IS NOT OLD.outcome BEGIN "
        "INSERT INTO run_count(run_id, outcome, items) VALUES (NEW.run_id, NEW.outcome, 1) "
        "ON CONFLICT(run_id, outcome) DO UPDATE SET items = items + 1; "
        "UPDATE run_count SET items = items - 1 "
        "WHERE run_id = OLD.run_id AND outcome = OLD.outcome AND OLD.outcome <> ''; END"
    )
