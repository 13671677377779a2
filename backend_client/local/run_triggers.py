"""What the database itself holds about runs: frozen is frozen, and counters are always true."""

from __future__ import annotations

from collections.abc import Iterator

from backend_client.domain.dispatch import REFUSED, TAKEN_BACK, WORST_FIRST
from backend_client.domain.refund import LegState
from backend_client.domain.runs import RUN_TRANSITIONS, ItemOutcome, PartRole, RunState
from backend_client.local.triggers import changed, followed, in_list, refusal

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
RUN_FIGURES = ("fingerprint", "expires_at_us", "candidates", "items", "taken")
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
"""An item as it is frozen, in the order it is kept in."""
LEG_OF_RUN_FIXED = ("leg_id", "run_id", "ordinal", "role")


def statements() -> Iterator[str]:
    """Every trigger of runs, as DDL."""
    yield from _frozen()
    yield from _counted()
    yield from _followed()


def _frozen() -> Iterator[str]:
    yield refusal(
        "run_fixed",
        f"UPDATE OF {', '.join(RUN_FIXED)} ON run",
        changed(RUN_FIXED),
        "what a run was told stays",
    )
    yield refusal(
        "run_figures_fixed",
        f"UPDATE OF {', '.join(RUN_FIGURES)} ON run",
        f"OLD.state <> 'simulating' AND ({changed(RUN_FIGURES)})",
        "what was simulated stays",
    )
    yield refusal(
        "run_transition",
        "UPDATE OF state ON run",
        f"NEW.state IS NOT OLD.state AND NOT ({_legal()})",
        "illegal transition of a run",
    )
    yield refusal("run_kept", "DELETE ON run", "1", "runs are never deleted")
    yield refusal(
        "run_item_born",
        "INSERT ON run_item",
        "(SELECT state FROM run WHERE id = NEW.run_id) IS NOT 'simulating' OR NEW.outcome <> ''",
        "items are written by the simulation that freezes them",
    )
    yield refusal(
        "run_item_fixed",
        f"UPDATE OF {', '.join(ITEM_FIXED)} ON run_item",
        changed(ITEM_FIXED),
        "a frozen item never changes",
    )
    yield refusal(
        "run_item_settled",
        "UPDATE OF outcome, refund_id ON run_item",
        "(OLD.refund_id IS NOT NULL AND NEW.refund_id IS NOT OLD.refund_id) OR "
        "(OLD.outcome = 'cancelled' AND NEW.outcome IS NOT OLD.outcome)",
        "what was cancelled stays cancelled, by one refund",
    )
    yield refusal("run_item_kept", "DELETE ON run_item", "1", "items are never deleted")
    for event, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD")):
        yield refusal(
            f"run_total_no_{event.lower()}",
            f"{event} ON run_total",
            f"(SELECT mode = 'simulation' AND state <> 'simulating' FROM run "
            f"WHERE id = {row}.run_id)",
            "totals of a simulation stay",
        )
    yield refusal("run_leg_kept", "DELETE ON run_leg", "1", "what a run made is never deleted")


def _legal() -> str:
    """Which states may follow one another; a stopped simulation is over."""
    stopped = f"OLD.mode = 'simulation' AND OLD.state = '{RunState.STOPPED}'"
    return f"({followed(RUN_TRANSITIONS)}) AND NOT ({stopped})"


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


def _followed() -> Iterator[str]:
    """Figures of a dispatch follow its payments, whoever moves them, for as long as they move."""
    yield refusal(
        "run_leg_born",
        "INSERT ON run_leg",
        "NEW.state IS NOT (SELECT state FROM leg WHERE id = NEW.leg_id) OR NEW.over <> 0",
        "what a run made is counted as it is",
    )
    yield refusal(
        "run_leg_fixed",
        f"UPDATE OF {', '.join(LEG_OF_RUN_FIXED)} ON run_leg",
        changed(LEG_OF_RUN_FIXED),
        "what a run made is made for one item",
    )
    yield (
        "CREATE TRIGGER run_leg_follows AFTER UPDATE OF state ON leg "
        f"WHEN NEW.state IS NOT OLD.state AND NOT (OLD.state IN {in_list(REFUSED)} "
        f"AND NEW.state IN {in_list(TAKEN_BACK)}) "
        "BEGIN UPDATE run_leg SET state = NEW.state WHERE leg_id = NEW.id; END"
    )
    yield (
        "CREATE TRIGGER run_leg_counted AFTER INSERT ON run_leg "
        f"BEGIN {_ADD_TO_TOTAL}; {_OUTCOME}; END"
    )
    yield (
        "CREATE TRIGGER run_leg_moved AFTER UPDATE OF state, over ON run_leg "
        "WHEN NEW.state IS NOT OLD.state OR NEW.over IS NOT OLD.over "
        f"BEGIN {_TAKE_FROM_TOTAL}; {_ADD_TO_TOTAL}; {_OUTCOME}; END"
    )


_ADD_TO_TOTAL = (
    "INSERT INTO run_total(run_id, name, detail, currency, count, amount_minor) "
    "SELECT NEW.run_id, NEW.role, NEW.state, refund.currency, 1, leg.amount_minor "
    "FROM leg JOIN refund ON refund.id = leg.refund_id WHERE leg.id = NEW.leg_id "
    "ON CONFLICT(run_id, name, detail, currency) DO UPDATE "
    "SET count = count + 1, amount_minor = amount_minor + excluded.amount_minor"
)
_TAKE_FROM_TOTAL = (
    "UPDATE run_total SET count = count - 1, "
    "amount_minor = amount_minor - (SELECT amount_minor FROM leg WHERE id = OLD.leg_id) "
    "WHERE run_id = OLD.run_id AND name = OLD.role AND detail = OLD.state "
    "AND currency = (SELECT refund.currency FROM leg JOIN refund ON refund.id = leg.refund_id "
    "WHERE leg.id = OLD.leg_id)"
)


def _is(role: PartRole, states: frozenset[LegState] | None) -> str:
    return f"role = '{role}'" + ("" if states is None else f" AND state IN {in_list(states)}")


_RANK = " ".join(
    f"WHEN {_is(role, states)} THEN {rank}"
    for rank, (_, rows) in enumerate(WORST_FIRST)
    for role, states in rows
)
_WORDS = " ".join(f"WHEN {rank} THEN '{word}'" for rank, (word, _) in enumerate(WORST_FIRST))
_STAYS = [outcome for outcome, _ in WORST_FIRST].index(ItemOutcome.STAYS)
RANK = f"CASE {_RANK} END"
"""Where a payment of a run stands in the domain's table of outcomes."""
OUTCOME = (
    f"CASE WHEN MIN(rank) = {_STAYS} AND MAX(rank) > {_STAYS} THEN '{ItemOutcome.PARTLY}' "
    f"ELSE CASE MIN(rank) {_WORDS} END END"
)
"""What an item came to by the ranks of its payments: `outcome_of` of the domain."""
_OUTCOME = (
    f"UPDATE run_item SET outcome = (SELECT {OUTCOME} FROM (SELECT {RANK} AS rank FROM run_leg "
    "WHERE run_id = NEW.run_id AND ordinal = NEW.ordinal AND over = 0)) "
    "WHERE run_id = (SELECT simulation_id FROM run WHERE id = NEW.run_id) "
    "AND ordinal = NEW.ordinal"
)
