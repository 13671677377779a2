"""The practice provider keeps its promises, one rule a test."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from backend_client.providers.port import AnswerClass, FoundState, RefundOrder
from backend_client.providers.practice import GONE_TIMES, PracticeProvider

ORDER = RefundOrder("key-1", "ref-1", "pay-1", 1450, "EUR", 5000, 1)


def named(payment: str, number: int = 1) -> RefundOrder:
    return replace(
        ORDER,
        payment_reference=payment,
        provider_key=f"key-{number}",
        our_reference=f"ref-{number}",
    )


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[PracticeProvider]:
    made = PracticeProvider(str(tmp_path / "provider"))
    yield made
    made.close()


def ledger(path: Path) -> list[tuple[str, int, str]]:
    """What the provider's own books say, read behind its back."""
    with sqlite3.connect(path) as connection:
        rows = connection.execute(
            "SELECT our_reference, amount_minor, state FROM refund ORDER BY id"
        )
        found = rows.fetchall()
    connection.close()
    return found


def test_most_payments_are_given_back_at_once(provider: PracticeProvider) -> None:
    answer = provider.refund(ORDER)
    assert answer.kind is AnswerClass.FINAL
    assert answer.provider_refund_id == "practice-000001"
    assert (answer.our_reference, answer.amount_minor, answer.currency) == ("ref-1", 1450, "EUR")


def test_a_used_key_gets_the_first_answer_and_moves_nothing(
    provider: PracticeProvider, tmp_path: Path
) -> None:
    first = provider.refund(ORDER)
    assert provider.refund(replace(ORDER, amount_minor=1)) == first
    assert ledger(tmp_path / "provider") == [("ref-1", 1450, "final")]


def test_it_remembers_keys_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "provider"
    before = PracticeProvider(str(path))
    first = before.refund(ORDER)
    before.close()
    after = PracticeProvider(str(path))
    assert after.refund(ORDER) == first
    assert after.find(ORDER).found[0].provider_refund_id == first.provider_refund_id
    after.close()


def test_never_more_than_was_captured(provider: PracticeProvider) -> None:
    assert provider.refund(replace(named("pay-1", 1), amount_minor=4999)).kind is AnswerClass.FINAL
    over = provider.refund(replace(named("pay-1", 2), amount_minor=2))
    assert over.kind is AnswerClass.ALREADY_REFUNDED
    assert provider.refund(replace(named("pay-1", 3), amount_minor=1)).kind is AnswerClass.FINAL


def test_payments_named_alike_have_a_cap_each(provider: PracticeProvider) -> None:
    full = replace(named("000000", 1), amount_minor=5000)
    assert provider.refund(full).kind is AnswerClass.FINAL
    other = replace(named("000000", 2), amount_minor=5000, payment_id=2)
    assert provider.refund(other).kind is AnswerClass.FINAL


def test_a_dead_card_is_declined_and_stays_so(provider: PracticeProvider) -> None:
    answer = provider.refund(named("dead-1"))
    assert (answer.kind, answer.code) == (AnswerClass.DECLINED, "43")
    assert answer.text == "card closed by issuer"
    assert provider.refund(named("dead-1")).kind is AnswerClass.DECLINED
    assert provider.find(named("dead-1")).found[0].state is FoundState.DECLINED


def test_a_slow_one_is_accepted_and_final_when_looked_up(provider: PracticeProvider) -> None:
    assert provider.refund(named("slow-1")).kind is AnswerClass.ACCEPTED
    assert provider.find(named("slow-1")).found[0].state is FoundState.FINAL


def test_a_lost_answer_moved_money_and_is_found(provider: PracticeProvider) -> None:
    assert provider.refund(named("lost-1")).kind is AnswerClass.UNKNOWN
    found = provider.find(named("lost-1")).found
    assert [(one.state, one.amount_minor) for one in found] == [(FoundState.FINAL, 1450)]


def test_what_is_gone_vanishes_three_times_and_then_arrives(tmp_path: Path) -> None:
    for _ in range(GONE_TIMES):
        provider = PracticeProvider(str(tmp_path / "provider"))
        assert provider.refund(named("gone-1")).kind is AnswerClass.UNKNOWN
        assert provider.find(named("gone-1")).found == ()
        provider.close()
    provider = PracticeProvider(str(tmp_path / "provider"))
    assert provider.refund(named("gone-1")).kind is AnswerClass.FINAL
    assert provider.refund(named("gone-1", 2)).kind is AnswerClass.UNKNOWN
    provider.close()


def test_a_late_one_succeeds_and_is_taken_back(provider: PracticeProvider) -> None:
    assert provider.refund(named("late-1")).kind is AnswerClass.FINAL
    found = provider.find(named("late-1")).found
    assert [(one.state, one.code) for one in found] == [(FoundState.DECLINED, "94")]
    again = provider.refund(named("late-1", 2))
    assert again.kind is AnswerClass.FINAL


def test_what_the_back_office_gave_back_is_there_once(provider: PracticeProvider) -> None:
    for attempt in (1, 2):
        answer = provider.refund(named("office-1", attempt))
        assert answer.kind is AnswerClass.ALREADY_REFUNDED
        assert provider.find(named("office-1", attempt)).found == ()
    listed = provider.refunds_of(named("office-1")).found
    assert [(one.our_reference, one.amount_minor) for one in listed] == [("", 5000)]


@pytest.mark.parametrize(
    ("payment", "kind"),
    [("outage-1", AnswerClass.NOT_EXECUTED), ("broke-1", AnswerClass.ABOUT_US)],
)
def test_nothing_moves_in_an_outage_or_when_it_is_about_us(
    payment: str, kind: AnswerClass, provider: PracticeProvider, tmp_path: Path
) -> None:
    assert provider.refund(named(payment)).kind is kind
    look_up = provider.find(named(payment))
    assert (look_up.answered, look_up.found) == (True, ())
    assert ledger(tmp_path / "provider") == []


def test_a_provider_that_is_gone_has_surely_done_nothing(provider: PracticeProvider) -> None:
    provider.close()
    assert provider.refund(ORDER).kind is AnswerClass.NOT_EXECUTED
    assert not provider.find(ORDER).answered


def test_a_ledger_that_cannot_be_opened_is_an_answer(tmp_path: Path) -> None:
    provider = PracticeProvider(str(tmp_path / "nowhere" / "provider"))
    assert provider.refund(ORDER).kind is AnswerClass.NOT_EXECUTED
    assert not provider.find(ORDER).answered
    provider.close()


def test_trouble_in_the_middle_leaves_the_outcome_unknown(
    provider: PracticeProvider, tmp_path: Path
) -> None:
    provider.refund(ORDER)
    with sqlite3.connect(tmp_path / "provider") as connection:
        connection.execute("DROP TABLE refund")
    connection.close()
    assert provider.refund(named("pay-1", 2)).kind is AnswerClass.UNKNOWN
    assert not provider.find(ORDER).answered


def test_one_key_from_many_threads_moves_money_once(
    provider: PracticeProvider, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(provider.refund, [ORDER] * 40))
    assert len({answer.provider_refund_id for answer in answers}) == 1
    assert len(ledger(tmp_path / "provider")) == 1


def test_arrival_is_what_a_cashier_can_say(provider: PracticeProvider) -> None:
    able = provider.capabilities
    assert (able.arrival_days_from, able.arrival_days_to) == (3, 5)
