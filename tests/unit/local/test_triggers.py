"""Attacks by raw SQL: what the database itself refuses although the code forgot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from backend_client.domain.legs import Refund
from backend_client.domain.plan import Part
from backend_client.domain.refund import TRANSITIONS, LegState, Method
from backend_client.local.rows import fetch
from backend_client.local.store import Store
from backend_client.local.triggers import BIRTH_STATES
from tests.unit import builders
from tests.unit.local.venue import Desk, opened, put


@pytest.fixture
def store() -> Iterator[Store]:
    """In memory: a trigger does not know where it runs."""
    with opened() as made:
        yield made


@pytest.fixture
def desk(store: Store) -> Desk:
    """The doctor is not asked after an attack."""
    return Desk(store)


@pytest.fixture
def refund(desk: Desk) -> Refund:
    """14.50 by card, the pop corn given back by a leg to the card and 1.00 requested."""
    booking = put(desk.store, builders.sample_booking())
    parts = (Part(Method.REQUESTED, 100), Part(Method.MATCHED))
    request = builders.request(2, parts=parts)
    plan = desk.plan(request)
    assert plan.request.booking_id == booking.id
    return desk.backend.execute_refund(builders.caller(), plan).refund


def run(store: Store, statement: str, *values: Any) -> None:
    def job(connection: Connection) -> None:
        connection.exec_driver_sql(statement, values)

    store.write(job, label="attack")


def attack(store: Store, statement: str, *values: Any, says: str = "") -> None:
    """The statement must be refused, and nothing of it may stay."""
    with pytest.raises(IntegrityError) as caught:
        run(store, statement, *values)
    assert says in str(caught.value)


def insert_leg(state: str = "requested", method: str = "requested", **values: Any) -> str:
    row = {
        "id": 900,
        "refund_id": 1,
        "booking_id": 1,
        "ordinal": 9,
        "amount_minor": 1,
        "requested_at_us": 0,
        "changed_at_us": 0,
        "payment_id": "NULL",
        **values,
    }
    columns = ", ".join(row)
    given = ", ".join(str(value) for value in row.values())
    return f"INSERT INTO leg({columns}, method, state) VALUES ({given}, '{method}', '{state}')"


def leg_of(refund: Refund, method: Method) -> int:
    return next(leg.id for leg in refund.legs if leg.method is method)


@pytest.mark.parametrize("before", LegState)
def test_every_transition_not_in_the_table_is_refused(
    store: Store, refund: Refund, before: LegState
) -> None:
    """All pairs of states; a leg is put into `before` with the guard of births taken away, and
    that of approvals, which knows nothing of states."""

    def allowed(connection: Connection, after: LegState) -> bool:
        connection.exec_driver_sql("SAVEPOINT attempt")
        try:
            connection.exec_driver_sql("UPDATE leg SET state = ? WHERE id = 900", (after.value,))
        except IntegrityError as error:
            return "illegal transition" not in str(error)
        finally:
            connection.exec_driver_sql("ROLLBACK TO attempt")
        return True

    def job(connection: Connection) -> set[LegState]:
        connection.exec_driver_sql("DROP TRIGGER leg_birth")
        connection.exec_driver_sql("DROP TRIGGER leg_approved")
        connection.exec_driver_sql(insert_leg(before.value, provider_refund_id="'x'"))
        return {after for after in LegState if allowed(connection, after)}

    assert store.write(job, label="transitions") == TRANSITIONS[before] | {before}


@pytest.mark.parametrize("state", sorted(set(LegState) - BIRTH_STATES))
def test_no_leg_is_born_in_the_middle_of_its_life(
    store: Store, refund: Refund, state: LegState
) -> None:
    attack(store, insert_leg(state=state.value), says="not born in this state")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("method", "cash"),
        ("amount_minor", 1),
        ("payment_id", None),
        ("payer_id", None),
        ("provider", "other"),
        ("provider_key", "other"),
        ("our_reference", "other"),
        ("payload_digest", "other"),
        ("requested_at_us", 1),
        ("refund_id", 2),
        ("booking_id", 2),
        ("ordinal", 9),
        ("replaces_leg_id", 1),
        ("id", 99),
    ],
)
def test_a_leg_keeps_what_it_was_born_with(
    store: Store, refund: Refund, column: str, value: object
) -> None:
    leg_id = leg_of(refund, Method.MATCHED)
    statement = f"UPDATE leg SET {column} = ? WHERE id = ?"
    attack(store, statement, value, leg_id, says="never changes")
    attack(store, statement.replace("UPDATE", "UPDATE OR REPLACE"), value, leg_id)


def test_a_succeeded_leg_names_the_providers_refund(store: Store, refund: Refund) -> None:
    leg_id = leg_of(refund, Method.MATCHED)
    run(store, "UPDATE leg SET state = 'sending' WHERE id = ?", leg_id)
    attack(
        store,
        "UPDATE leg SET state = 'succeeded' WHERE id = ?",
        leg_id,
        says="leg_succeeded_has_reference",
    )


@pytest.mark.parametrize(
    "table", ["leg", "refund", "refund_line", "posting", "book_entry", "audit"]
)
def test_what_happened_is_never_deleted(store: Store, refund: Refund, table: str) -> None:
    attack(store, f"DELETE FROM {table}")


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("posting", "amount_minor"),
        ("posting", "account"),
        ("book_entry", "at_us"),
        ("audit", "at_us"),
        ("audit", "body"),
    ],
)
def test_books_and_audit_are_append_only(
    store: Store, refund: Refund, table: str, column: str
) -> None:
    attack(store, f"UPDATE {table} SET {column} = 0", says="append-only")


@pytest.mark.parametrize("table", ["posting", "book_entry", "audit", "leg", "refund"])
def test_replacing_a_row_does_not_get_around_it(store: Store, refund: Refund, table: str) -> None:
    attack(store, f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} LIMIT 1")


@pytest.mark.parametrize("changed", ["seq + 5", "seq", "seq + 1"])
def test_audit_records_follow_one_another(store: Store, refund: Refund, changed: str) -> None:
    others = "at_us, operator, role, desk, entrance, correlation_id, action, object, body"
    attack(
        store,
        f"INSERT INTO audit SELECT {changed}, {others}, prev, hash FROM audit "
        "ORDER BY seq DESC LIMIT 1",
    )


def test_a_refund_never_changes_and_is_voided_once(store: Store, refund: Refund) -> None:
    attack(store, "UPDATE refund SET amount_minor = 1, value_minor = 1", says="never changes")
    attack(store, "UPDATE refund SET reason = 'other'", says="never changes")
    run(store, "UPDATE refund SET voided_at_us = 1")
    attack(store, "UPDATE refund SET voided_at_us = 2")
    attack(store, "UPDATE refund SET voided_at_us = NULL")


def test_a_line_is_in_one_live_refund_at_most(store: Store, refund: Refund) -> None:
    second = (
        "INSERT INTO refund SELECT id + 1, 'R-x', booking_id, origin, value_minor, "
        "retained_minor, breach_fee_minor, amount_minor, currency, reason, operator, role, desk, "
        "channel, entrance, correlation_id, created_at_us, 'other', fingerprint, NULL FROM refund"
    )
    run(store, second)
    take = "INSERT INTO refund_line SELECT 2, line_id, value_minor, 1 FROM refund_line"
    attack(store, take)
    run(store, "DROP TRIGGER refund_line_once")
    attack(store, take, says="UNIQUE constraint failed: refund_line.line_id")
    run(store, "UPDATE refund_line SET live = 0")
    run(store, take + " WHERE refund_id = 1")
    attack(store, "UPDATE refund_line SET live = 1 WHERE refund_id = 1")


def test_a_refund_has_the_currency_of_its_booking(store: Store, refund: Refund) -> None:
    attack(
        store,
        "INSERT INTO refund SELECT id + 1, 'R-x', booking_id, origin, value_minor, "
        "retained_minor, breach_fee_minor, amount_minor, 'JPY', reason, operator, role, desk, "
        "channel, entrance, correlation_id, created_at_us, 'other', fingerprint, NULL FROM refund",
        says="currency of its booking",
    )


def test_a_leg_belongs_to_the_booking_of_refund_and_payment(store: Store, refund: Refund) -> None:
    other = put(store, builders.booking([builders.ticket(1, 500)]), named="OTHER")
    attack(store, insert_leg(booking_id=other.id), says="belong to one booking")
    attack(
        store,
        insert_leg("pending", "matched", payment_id=other.payments[0].id),
        says="belong to one booking",
    )


def test_the_booking_cap_holds_by_itself(store: Store, refund: Refund) -> None:
    """14.50 were paid and 3.50 are promised: 11.00 more fit, 11.01 do not."""
    attack(store, insert_leg(amount_minor=1101), says="booking_cap")
    run(store, insert_leg(amount_minor=1100))
    attack(store, insert_leg(id=901, ordinal=10, amount_minor=1), says="booking_cap")


def test_the_payment_cap_holds_by_itself(store: Store, refund: Refund) -> None:
    """The card holds 2.50 of its 14.50; the cap of the booking is lifted for this test."""
    run(store, "UPDATE booking SET settled_minor = 100000")
    card = "(SELECT id FROM payment)"
    leg = {"method": "matched", "payment_id": card}
    attack(store, insert_leg("pending", amount_minor=1201, **leg), says="payment_cap")
    run(store, insert_leg("pending", amount_minor=1200, **leg))


def test_the_waiting_caps_hold_by_themselves(desk: Desk) -> None:
    lines = [builders.ticket(1, 5000), builders.ticket(2, 5000)]
    paid = [builders.payment(1, 10000, settled=6000)]
    put(desk.store, builders.booking(lines, paid))
    backend = desk.backend
    outcome = backend.execute_refund(builders.caller(), desk.plan(builders.request(1)))
    methods = {leg.method: leg.amount_minor for leg in outcome.refund.legs}
    assert methods == {Method.WAITING: 4000, Method.MATCHED: 1000}
    payment = "(SELECT id FROM payment)"
    attack(desk.store, insert_leg("recorded", "waiting", payment_id=payment), says="waiting_cap")
    attack(desk.store, insert_leg("recorded", "waiting"), says="booking_waiting_cap")


def test_counters_follow_a_leg_through_its_life(desk: Desk, refund: Refund) -> None:
    store = desk.store
    leg_id = leg_of(refund, Method.MATCHED)

    def counters() -> tuple[int, int]:
        with store.read() as connection:
            row = fetch(connection, "SELECT taken_minor, promised_minor FROM payment, booking")[0]
            return row.taken_minor, row.promised_minor

    assert counters() == (250, 350)
    run(store, "UPDATE leg SET state = 'sending' WHERE id = ?", leg_id)
    assert counters() == (250, 350)
    run(store, "UPDATE leg SET state = 'declined' WHERE id = ?", leg_id)
    assert counters() == (0, 350), "a declined leg frees the card, the booking still owes it"
    run(store, "UPDATE leg SET state = 'replaced' WHERE id = ?", leg_id)
    assert counters() == (0, 100)
    run(store, "UPDATE leg SET state = 'voided' WHERE id <> ?", leg_id)
    assert counters() == (0, 0)


@pytest.mark.parametrize("amount", [0, -1, "12.5", "'abc'", "NULL", 2**63])
def test_amounts_are_positive_whole_numbers(store: Store, refund: Refund, amount: object) -> None:
    attack(store, insert_leg(amount_minor=amount))


def test_credit_is_never_negative(store: Store, refund: Refund) -> None:
    run(store, "INSERT INTO credit_account SELECT id, 'CHF', 5 FROM contact")
    attack(store, "UPDATE credit_account SET balance_minor = -1", says="credit_never_negative")


def test_foreign_keys_are_watched(store: Store, refund: Refund) -> None:
    attack(store, insert_leg(refund_id=77, booking_id="NULL"))
    attack(store, "DELETE FROM booking", says="FOREIGN KEY")
