"""Legs on their way to providers, on the real store: conditional, booked, audited."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend_client.domain.refund import LegState
from backend_client.domain.settlement import LegResult, LegToSend, Outcome
from backend_client.local.books import balance
from backend_client.local.leg_store import _UNFINISHED, LocalLegStore
from backend_client.local.rows import fetch
from backend_client.local.store import Store
from tests.clocks import START, SteppingClock
from tests.shop import PRICE, SUPERVISOR, Shop, opened_shop, sale


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """Three bookings, nobody sends at commit."""
    with opened_shop(tmp_path, settles=False) as made:
        made.sell(sale(number) for number in (1, 2, 3))
        yield made


@pytest.fixture
def legs(shop: Shop) -> LocalLegStore:
    return LocalLegStore(shop.store)


def committed(shop: Shop, number: int) -> int:
    return shop.refund(number).refund.legs[0].id


def result(
    leg: LegToSend,
    state: LegState,
    outcome: str = "final",
    code: str = "",
    text: str = "",
    provider_refund_id: str = "",
) -> LegResult:
    return LegResult(
        leg.leg_id,
        leg.state,
        leg.attempts,
        state,
        Outcome(outcome),
        code,
        text,
        provider_refund_id,
    )


def state_of(shop: Shop, leg_id: int) -> str:
    with shop.store.read() as connection:
        return str(fetch(connection, "SELECT state FROM leg WHERE id = ?", leg_id)[0].state)


def test_a_claimed_leg_brings_all_its_provider_must_be_told(
    shop: Shop, legs: LocalLegStore
) -> None:
    leg_id = committed(shop, 1)
    (leg,) = legs.claim([leg_id], "me", START)
    assert (leg.state, leg.attempts, leg.owner) == (LegState.SENDING, 1, "me")
    assert (leg.changed_at, leg.first_sent_at) == (START, START)
    assert (leg.amount_minor, leg.currency, leg.captured_minor) == (2 * PRICE, "EUR", 2 * PRICE)
    assert (leg.provider, leg.payment_reference) == ("practice", "pay-1")
    assert leg.digest_now == leg.payload_digest
    assert 0 < len(leg.provider_key) <= 40
    assert leg.provider_key.isascii()
    assert leg.provider_key != leg.our_reference


def test_a_leg_is_claimed_once(shop: Shop, legs: LocalLegStore) -> None:
    ids = [committed(shop, 1), committed(shop, 2)]
    assert [leg.leg_id for leg in legs.claim(ids, "me", START)] == ids
    assert legs.claim(ids, "you", START) == []


def test_two_programs_never_claim_the_same_leg(shop: Shop, legs: LocalLegStore) -> None:
    assert shop.store.path is not None
    ids = [committed(shop, number) for number in (1, 2, 3)]
    other = Store.open(f"sqlite:///{shop.store.path}", create=False, clock=SteppingClock())
    won: dict[str, list[int]] = {}
    ready = threading.Barrier(2)

    def claim(name: str, store: LocalLegStore) -> None:
        ready.wait()
        won[name] = [leg.leg_id for leg_id in ids for leg in store.claim([leg_id], name, START)]

    threads = [
        threading.Thread(target=claim, args=("one", legs)),
        threading.Thread(target=claim, args=("other", LocalLegStore(other))),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert sorted(won["one"] + won["other"]) == ids


def test_success_is_booked_told_and_counted(shop: Shop, legs: LocalLegStore) -> None:
    leg_id = committed(shop, 1)
    before = shop.backend.booking(SUPERVISOR, "B-1").booking.version
    (leg,) = legs.claim([leg_id], "me", START)
    done = result(leg, LegState.SUCCEEDED, provider_refund_id="re-1", text="thanks")
    assert legs.record([done], START) == {leg_id}
    with shop.store.read() as connection:
        assert balance(connection, "provider_clearing:practice") == {"EUR": -2 * PRICE}
        assert balance(connection, "refund_payable") == {"EUR": 0}
        told = fetch(connection, "SELECT * FROM audit WHERE action = 'leg' ORDER BY seq")
    assert [row.object for row in told] == ["R-10001.1", "R-10001.1"]
    assert '"before":"pending"' in told[0].body
    assert '"after":"succeeded"' in told[1].body
    assert (told[1].operator, told[1].correlation_id) == ("settling", "corr-1")
    refund = shop.backend.refund(SUPERVISOR, "R-10001").refund
    assert refund.legs[0].provider_refund_id == "re-1"
    assert [(one.outcome, one.text) for one in refund.legs[0].attempts] == [("final", "thanks")]
    assert shop.backend.booking(SUPERVISOR, "B-1").booking.version == before + 2


def test_a_result_applies_once(shop: Shop, legs: LocalLegStore) -> None:
    leg_id = committed(shop, 1)
    (leg,) = legs.claim([leg_id], "me", START)
    done = result(leg, LegState.SUCCEEDED, provider_refund_id="re-1")
    legs.record([done], START)
    assert legs.record([done], START) == frozenset()
    with shop.store.read() as connection:
        assert balance(connection, "provider_clearing:practice") == {"EUR": -2 * PRICE}


def test_a_result_of_an_earlier_sending_no_longer_applies(shop: Shop, legs: LocalLegStore) -> None:
    leg_id = committed(shop, 1)
    (first,) = legs.claim([leg_id], "me", START)
    legs.record([result(first, LegState.UNKNOWN, outcome="unknown")], START)
    (unknown,) = legs.unfinished(0, 10)
    (second,) = legs.claim_again([unknown], "you", START)
    assert (second.attempts, second.first_sent_at) == (2, START)
    assert legs.claim_again([unknown], "third", START) == []
    late = result(first, LegState.SUCCEEDED, provider_refund_id="re-1")
    assert legs.record([late], START) == frozenset()
    assert state_of(shop, leg_id) == "sending"


def test_unfinished_legs_know_their_history(shop: Shop, legs: LocalLegStore) -> None:
    leg_id = committed(shop, 1)
    (leg,) = legs.claim([leg_id], "me", START)
    legs.record(
        [result(leg, LegState.UNKNOWN, outcome="already_refunded", code="exceeds", text="no")],
        START,
    )
    (open_,) = legs.unfinished(0, 10)
    assert (open_.unclear, open_.last_outcome, open_.last_code) == (
        1,
        "already_refunded",
        "exceeds",
    )
    assert open_.owner == ""


def test_only_legs_on_their_way_are_unfinished_and_come_in_pages(
    shop: Shop, legs: LocalLegStore
) -> None:
    ids = [committed(shop, number) for number in (1, 2, 3)]
    (leg,) = legs.claim(ids[:1], "me", START)
    legs.record([result(leg, LegState.SUCCEEDED, provider_refund_id="re-1")], START)
    first = legs.unfinished(0, 1)
    assert [one.leg_id for one in first] == [ids[1]]
    assert [one.leg_id for one in legs.unfinished(ids[1], 10)] == [ids[2]]
    assert legs.unfinished(ids[2], 10) == []


def test_a_provider_s_words_are_made_harmless(shop: Shop, legs: LocalLegStore) -> None:
    (leg,) = legs.claim([committed(shop, 1)], "me", START)
    text = "\x1b[31mcard 4111 1111 1111 1111 refused\n" + "x" * 1000
    legs.record([result(leg, LegState.DECLINED, outcome="declined", text=text)], START)
    kept = shop.backend.refund(SUPERVISOR, "R-10001").refund.legs[0].attempts[0].text
    assert "4111 1111 1111 1111" not in kept
    assert "\x1b" not in kept
    assert "\n" not in kept
    assert len(kept) <= 200


def test_a_changed_payment_is_noticed(shop: Shop, legs: LocalLegStore) -> None:
    leg_id = committed(shop, 1)
    shop.store.write(
        lambda connection: (
            connection.exec_driver_sql("UPDATE payment SET provider_reference = 'other'").rowcount
        ),
        label="source changed",
    )
    (leg,) = legs.claim([leg_id], "me", START)
    assert leg.payment_reference == "other"
    assert leg.digest_now != leg.payload_digest


def test_open_legs_are_found_through_their_index(shop: Shop) -> None:
    with shop.store.read() as connection:
        plan = fetch(connection, f"EXPLAIN QUERY PLAN {_UNFINISHED}", 0, 10)
    assert any("leg_open" in row.detail for row in plan), [row.detail for row in plan]
