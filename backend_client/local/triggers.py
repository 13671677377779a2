"""What the database itself refuses, so that it stands even if the code forgot.

`INSERT OR REPLACE` removes the old row without firing delete triggers, hence the refusals of an
insert under an id that exists already. The tables of states come from the domain.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import TypeVar

from backend_client.domain.refund import (
    BORN_AS,
    CLOSED,
    HOLDS_PAYMENT,
    TRANSITIONS,
    LegState,
    Method,
)

_StateT = TypeVar("_StateT", bound=StrEnum)

BIRTH_STATES = frozenset(BORN_AS.values()) | {LegState.AWAITING_APPROVAL, LegState.DUE}
LEG_FIXED = (
    "id",
    "refund_id",
    "booking_id",
    "ordinal",
    "method",
    "amount_minor",
    "requested_at_us",
    "payment_id",
    "payer_id",
    "provider",
    "provider_key",
    "our_reference",
    "payload_digest",
    "replaces_leg_id",
)
REFUND_FIXED = (
    "id",
    "number",
    "booking_id",
    "origin",
    "value_minor",
    "retained_minor",
    "breach_fee_minor",
    "amount_minor",
    "currency",
    "reason",
    "operator",
    "role",
    "desk",
    "channel",
    "entrance",
    "correlation_id",
    "created_at_us",
    "commit_key",
    "fingerprint",
)


ANOTHER = "lower(trim({one})) <> lower(trim({other}))"
"""Another person, as far as SQLite tells letters apart; keys made by `person_key` do the rest."""


def in_list(values: Iterable[str]) -> str:
    """`('a','b')` for a statement; only for words of our own enums."""
    return "(" + ",".join(f"'{value}'" for value in sorted(values)) + ")"


TO_PAYMENT = in_list({Method.MATCHED, Method.UNMATCHED})
HOLDING = in_list(HOLDS_PAYMENT)
OVER = in_list(CLOSED)


def statements() -> Iterator[str]:
    """Every trigger of the store, as DDL."""
    yield from _leg_life()
    yield from _counters()
    yield from _refunds()
    for table, key in (
        ("posting", "entry_id = NEW.entry_id AND ordinal = NEW.ordinal"),
        ("book_entry", "id = NEW.id"),
        ("booking_event", "id = NEW.id"),
        ("attempt", "id = NEW.id"),
    ):
        yield from _append_only(table)
        yield _refuse_second(table, key)
    yield from _append_only("audit")
    yield refusal(
        "audit_in_order",
        "INSERT ON audit",
        "NEW.seq IS NOT (SELECT COALESCE(MAX(seq), 0) + 1 FROM audit) OR NEW.prev IS NOT "
        "COALESCE((SELECT hash FROM audit ORDER BY seq DESC LIMIT 1), '')",
        "audit records follow one another",
    )


def refusal(name: str, event: str, when: str, message: str) -> str:
    """A trigger that refuses what `when` says with this message."""
    return (
        f"CREATE TRIGGER {name} BEFORE {event} WHEN {when} "
        f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
    )


def _refuse_second(table: str, *keys: str) -> str:
    """Each key is looked up by itself: SQLite would gather the rows of an `OR` in a table first."""
    found = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {key})" for key in keys)
    return refusal(f"{table}_once", f"INSERT ON {table}", found, f"{table} is append-only")


def _append_only(table: str) -> Iterator[str]:
    for event in ("UPDATE", "DELETE"):
        yield refusal(
            f"{table}_no_{event.lower()}", f"{event} ON {table}", "1", f"{table} is append-only"
        )


def written_once(table: str, key: str) -> Iterator[str]:
    """The three refusals of a table whose rows are what one person said once, one row a `key`."""
    there = f"EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})"
    for name, event, when in (
        ("once", f"INSERT ON {table}", there),
        ("fixed", f"UPDATE ON {table}", "1"),
        ("kept", f"DELETE ON {table}", "1"),
    ):
        yield refusal(f"{table}_{name}", event, when, f"{table} is append-only")


def changed(columns: Iterable[str]) -> str:
    """That any of these columns would become another."""
    return " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in columns)


def followed(transitions: Mapping[_StateT, Iterable[str]]) -> str:
    """That the new state may come after the old one, by the domain's table."""
    return " OR ".join(
        f"(OLD.state = '{before}' AND NEW.state IN {in_list(after)})"
        for before, after in transitions.items()
        if after
    )


def leg_transition() -> str:
    """The trigger that knows the domain's table of states; a version that changes it makes it
    anew."""
    return refusal(
        "leg_transition",
        "UPDATE OF state ON leg",
        f"NEW.state IS NOT OLD.state AND NOT ({followed(TRANSITIONS)})",
        "illegal transition of a leg",
    )


BORN_IN_MASSES = ("leg_once", "leg_birth", "refund_once", "refund_line_once")


def births_in_masses() -> Iterator[str]:
    """What is asked of every row a run makes, in the form that costs least."""
    yield _refuse_second(
        "leg", "id = NEW.id", "refund_id = NEW.refund_id AND ordinal = NEW.ordinal"
    )
    yield refusal(
        "leg_birth",
        "INSERT ON leg",
        " AND ".join(f"NEW.state <> '{state}'" for state in sorted(BIRTH_STATES)),
        "a leg is not born in this state",
    )
    yield _refuse_second(
        "refund", "id = NEW.id", "number = NEW.number", "commit_key = NEW.commit_key"
    )
    yield _refuse_second(
        "refund_line",
        "refund_id = NEW.refund_id AND line_id = NEW.line_id",
        "NEW.live = 1 AND line_id = NEW.line_id AND live = 1",
    )


def _leg_life() -> Iterator[str]:
    yield from births_in_masses()
    yield refusal(
        "leg_belongs",
        "INSERT ON leg",
        "NEW.booking_id IS NOT (SELECT booking_id FROM refund WHERE id = NEW.refund_id) OR "
        "(NEW.payment_id IS NOT NULL AND NEW.booking_id IS NOT "
        "(SELECT booking_id FROM payment WHERE id = NEW.payment_id))",
        "leg, refund and payment belong to one booking",
    )
    yield leg_transition()
    yield refusal(
        "leg_fixed",
        f"UPDATE OF {', '.join(LEG_FIXED)} ON leg",
        changed(LEG_FIXED),
        "a leg never changes method, amount, payment, payer, key or reference",
    )
    yield refusal("leg_kept", "DELETE ON leg", "1", "legs are never deleted")


def _counters() -> Iterator[str]:
    """Counters whose CHECKs are the caps: what is held of each payment and of the booking."""
    yield from _counter(
        "payment", "taken_minor", "payment_id", f"method IN {TO_PAYMENT}", f"IN {HOLDING}"
    )
    yield from _counter(
        "payment", "waiting_taken_minor", "payment_id", "method = 'waiting'", f"NOT IN {OVER}"
    )
    yield from _counter(
        "booking", "waiting_minor", "booking_id", "method = 'waiting'", f"NOT IN {OVER}"
    )
    yield from _counter(
        "booking", "promised_minor", "booking_id", "method <> 'waiting'", f"NOT IN {OVER}"
    )


def _counter(table: str, column: str, link: str, legs: str, counts: str) -> Iterator[str]:
    name = f"leg_{table}_{column}"
    yield (
        f"CREATE TRIGGER {name}_born AFTER INSERT ON leg WHEN NEW.{legs} AND NEW.state {counts} "
        f"BEGIN UPDATE {table} SET {column} = {column} + NEW.amount_minor "
        f"WHERE id = NEW.{link}; END"
    )
    yield (
        f"CREATE TRIGGER {name}_moved AFTER UPDATE OF state ON leg "
        f"WHEN NEW.{legs} AND (NEW.state {counts}) <> (OLD.state {counts}) "
        f"BEGIN UPDATE {table} SET {column} = {column} + "
        f"CASE WHEN NEW.state {counts} THEN NEW.amount_minor ELSE -NEW.amount_minor END "
        f"WHERE id = NEW.{link}; END"
    )


def _refunds() -> Iterator[str]:
    yield refusal(
        "refund_currency",
        "INSERT ON refund",
        "NEW.currency IS NOT (SELECT currency FROM booking WHERE id = NEW.booking_id)",
        "a refund has the currency of its booking",
    )
    yield refusal(
        "refund_fixed",
        "UPDATE ON refund",
        f"OLD.voided_at_us IS NOT NULL OR {changed(REFUND_FIXED)}",
        "a refund never changes; it can be voided once",
    )
    yield refusal("refund_kept", "DELETE ON refund", "1", "refunds are never deleted")
    yield refusal(
        "refund_line_fixed",
        "UPDATE ON refund_line",
        "OLD.live = 0 OR NEW.live NOT IN (0, 1) OR "
        + changed(("refund_id", "line_id", "value_minor")),
        "a refunded line never changes; voiding ends it once",
    )
    yield refusal("refund_line_kept", "DELETE ON refund_line", "1", "refunds are never deleted")
    yield refusal(
        "refund_line_belongs",
        "INSERT ON refund_line",
        "(SELECT booking_id FROM refund WHERE id = NEW.refund_id) IS NOT "
        "(SELECT booking_id FROM line WHERE id = NEW.line_id)",
        "a refund and its lines belong to one booking",
    )
