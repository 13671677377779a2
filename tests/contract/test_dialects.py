"""Both dialects of the practice provider's program against our adapters, trouble by trouble."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from backend_client.domain.refund import LegState
from backend_client.domain.settlement import Outcome
from backend_client.ports import SystemClock
from backend_client.providers.credentials import Secret
from backend_client.providers.http_client import HttpClient, Timeouts
from backend_client.providers.port import (
    AnswerClass,
    FoundState,
    judge,
    judge_found,
)
from backend_client.providers.practice_program.counter import Manners
from backend_client.providers.practice_program.faults import Fault
from backend_client.providers.stripe import StripeProvider
from backend_client.providers.worldline import WorldlineProvider
from tests import programs
from tests.contract.practice import Practice, found_state, order
from tests.programs import Dialect

A = AnswerClass
F = FoundState
FOR_EVER_S = 3600.0
IMPATIENT = Timeouts(read=0.3)


@pytest.fixture(params=programs.DIALECTS)
def practice(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Practice]:
    with ExitStack() as stack:
        yield Practice(tmp_path, request.param, stack)


@pytest.mark.parametrize(
    ("fault", "kind", "moves", "listed"),
    [
        (Fault.TOO_MANY, A.NOT_EXECUTED, False, None),
        (Fault.STORM, A.NOT_EXECUTED, False, None),
        (Fault.CUT_BEFORE, A.UNKNOWN, False, None),
        (Fault.ERROR_BEFORE, A.UNKNOWN, False, None),
        (Fault.CONFLICT, A.UNKNOWN, False, None),
        (Fault.EMPTY_BALANCE, A.ABOUT_US, False, None),
        (Fault.SLOW, A.UNKNOWN, False, None),
        (Fault.LATE_ANSWER, A.UNKNOWN, True, F.FINAL),
        (Fault.LOST, A.UNKNOWN, True, F.FINAL),
        (Fault.ERROR_AFTER, A.UNKNOWN, True, F.FINAL),
        (Fault.HTML, A.UNKNOWN, True, F.FINAL),
        (Fault.BAD_JSON, A.UNKNOWN, True, F.FINAL),
        (Fault.EMPTY, A.UNKNOWN, True, F.FINAL),
        (Fault.WRONG_AMOUNT, A.FINAL, True, F.FINAL),
        (Fault.WRONG_CURRENCY, A.FINAL, True, F.FINAL),
        (Fault.WRONG_REFERENCE, A.FINAL, True, F.FINAL),
        (Fault.UNKNOWN_WORD, A.UNKNOWN, True, F.FINAL),
        (Fault.ACCEPTED, A.ACCEPTED, True, F.FINAL),
        (Fault.UNCERTAIN, None, True, F.FINAL),
        (Fault.LATE_FAILURE, A.FINAL, True, F.DECLINED),
        (Fault.DEAD, A.DECLINED, False, F.DECLINED),
        (Fault.LIST_ERROR, A.FINAL, True, F.FINAL),
    ],
)
def test_every_trouble_has_its_class_and_a_look_up_tells_the_truth(
    practice: Practice,
    fault: Fault,
    kind: AnswerClass | None,
    moves: bool,
    listed: FoundState | None,
) -> None:
    slow = fault in (Fault.SLOW, Fault.LATE_ANSWER)
    provider = practice.start(
        fault.value,
        manners=Manners(slow_s=FOR_EVER_S),
        timeouts=IMPATIENT if slow else None,
    )
    answer = provider.refund(order())
    if kind is not None:
        assert answer.kind is kind
    assert practice.moved() == ([("ref-1", 500)] if moves else [])
    if fault is Fault.LIST_ERROR:
        assert not provider.find(order()).answered
    practice.calm()
    patient = programs.adapter(practice.dialect, practice.url)
    try:
        assert found_state(patient, order()) is listed
    finally:
        patient.close()


@pytest.mark.parametrize("fault", [Fault.WRONG_AMOUNT, Fault.WRONG_CURRENCY, Fault.WRONG_REFERENCE])
def test_a_lying_answer_is_no_success(practice: Practice, fault: Fault) -> None:
    provider = practice.start(fault.value)
    verdict = judge(order(), provider.refund(order()))
    assert (verdict.state, verdict.outcome) == (LegState.UNKNOWN, Outcome.MISMATCH)


def test_a_provider_that_is_not_certain_never_says_refunded(practice: Practice) -> None:
    provider = practice.start("uncertain")
    assert judge(order(), provider.refund(order())).state in (LegState.UNKNOWN, LegState.ACCEPTED)


def test_an_error_after_the_money_moved_is_replayed_and_a_look_up_knows(
    practice: Practice,
) -> None:
    provider = practice.start("error-after")
    assert provider.refund(order()).kind is A.UNKNOWN
    practice.calm()
    assert provider.refund(order()).kind is A.UNKNOWN, "the key replays the error"
    verdict = judge_found(order(), provider.find(order()))
    assert verdict is not None
    assert verdict.state is LegState.SUCCEEDED
    assert practice.moved() == [("ref-1", 500)]


def test_an_error_before_the_money_moved_can_be_sent_again(practice: Practice) -> None:
    provider = practice.start("error-before")
    assert provider.refund(order()).kind is A.UNKNOWN
    practice.calm()
    assert provider.refund(order()).kind is A.FINAL
    assert practice.moved() == [("ref-1", 500)]


@pytest.mark.parametrize("fault", ["", "lost", "html", "wrong-amount"])
def test_a_key_that_is_honoured_moves_money_once(practice: Practice, fault: str) -> None:
    provider = practice.start(fault)
    provider.refund(order())
    practice.calm()
    assert judge(order(), provider.refund(order())).state is LegState.SUCCEEDED
    assert practice.moved() == [("ref-1", 500)]


def test_a_key_that_is_ignored_moves_money_twice_and_the_cap_holds(practice: Practice) -> None:
    provider = practice.start(manners=Manners(honours_keys=False))
    practice.captured("pay-1", amount_minor=1_200)
    assert [provider.refund(order()).kind for _ in range(3)] == [
        A.FINAL,
        A.FINAL,
        A.ALREADY_REFUNDED,
    ]
    assert practice.moved() == [("ref-1", 500)] * 2
    verdict = judge_found(order(), provider.find(order()))
    assert verdict is not None
    assert verdict.state is LegState.REVIEW


def test_a_key_with_another_payload_is_never_a_success(practice: Practice) -> None:
    provider = practice.start()
    provider.refund(order())
    changed = replace(order(), amount_minor=700)
    assert judge(changed, provider.refund(changed)).state is LegState.UNKNOWN
    assert practice.moved() == [("ref-1", 500)]


def test_a_key_at_work_is_a_conflict(practice: Practice) -> None:
    impatient = practice.start("slow", manners=Manners(slow_s=FOR_EVER_S), timeouts=IMPATIENT)
    assert impatient.refund(order()).code == "timeout"
    practice.calm()
    patient = programs.adapter(practice.dialect, practice.url)
    assert patient.refund(order()).code == "409"
    patient.close()
    assert practice.moved() == []


def test_its_books_outlive_it(practice: Practice) -> None:
    first = practice.start().refund(order())
    practice.stop()
    again = practice.start()
    assert again.refund(order()) == first
    assert practice.moved() == [("ref-1", 500)]


def test_all_that_is_left_is_already_refunded_and_more_exceeds(practice: Practice) -> None:
    provider = practice.start()
    practice.captured("pay-1", amount_minor=1_000)
    assert provider.refund(order(1, amount_minor=900)).kind is A.FINAL
    assert provider.refund(order(2, amount_minor=101)).kind is A.ALREADY_REFUNDED
    assert provider.refund(order(3, amount_minor=100)).kind is A.FINAL
    assert provider.refund(order(4, amount_minor=1)).kind is A.ALREADY_REFUNDED
    assert [amount for _, amount in practice.moved()] == [900, 100]


def test_a_payment_the_back_office_gave_back_is_already_refunded(practice: Practice) -> None:
    provider = practice.start()
    practice.captured("pay-1")
    practice.control("back-office", {"payment": "pay-1", "amount_minor": 5_000})
    assert provider.refund(order()).kind is A.ALREADY_REFUNDED
    assert provider.find(order()).found == ()
    listed = provider.refunds_of(order()).found
    assert [(one.our_reference, one.amount_minor) for one in listed] == [("", 5_000)]


def test_the_back_office_may_have_been_there_by_itself(practice: Practice) -> None:
    provider = practice.start("back-office")
    assert provider.refund(order()).kind is A.ALREADY_REFUNDED
    assert practice.moved() == [("", 500)]


def test_payments_may_say_themselves_what_becomes_of_them(practice: Practice) -> None:
    """As the bookings of the practice venue do, in any dialect."""
    provider = practice.start()
    late, office = order(1, payment="late-1"), order(2, payment="office-1")
    assert provider.refund(late).kind is A.FINAL
    assert found_state(provider, late) is F.DECLINED
    assert provider.refund(office).kind is A.ALREADY_REFUNDED
    assert practice.moved() == [("", 500)]


def test_a_refund_can_fail_weeks_later(practice: Practice) -> None:
    provider = practice.start()
    assert provider.refund(order()).kind is A.FINAL
    assert found_state(provider, order()) is F.FINAL
    practice.control("late-failure", {"our_reference": "ref-1"})
    assert found_state(provider, order()) is F.DECLINED
    assert practice.moved() == []


def test_an_empty_balance_is_about_us_until_it_is_filled(practice: Practice) -> None:
    provider = practice.start(balance_minor=700)
    assert provider.refund(order(1)).kind is A.FINAL
    assert provider.refund(order(2)).kind is A.ABOUT_US
    practice.control("balance", {"left_minor": 500})
    assert provider.refund(order(2)).kind is A.FINAL
    assert provider.refund(order(3)).kind is A.ABOUT_US


def test_a_payment_nobody_told_of_is_refused_when_strict(practice: Practice) -> None:
    provider = practice.start(manners=Manners(strict=True))
    assert provider.refund(order()).kind is A.DECLINED
    practice.captured("pay-1")
    assert provider.refund(order(2)).kind is A.FINAL


def test_without_a_look_up_nothing_is_answered(practice: Practice) -> None:
    provider = practice.start(manners=Manners(look_up=False))
    assert provider.refund(order()).kind is A.FINAL
    assert not provider.find(order()).answered


def test_a_stranger_is_not_let_in(practice: Practice) -> None:
    known = practice.start()
    assert known.probe().answered
    client = HttpClient(practice.url, hosts=programs.LOOPBACK, pace=None)
    wrong = Secret("sk_test_of-somebody-else")
    stranger: Dialect
    if practice.dialect == "stripe":
        stranger = StripeProvider(client, name="x", environment="practice", key=wrong)
    else:
        stranger = WorldlineProvider(
            client,
            SystemClock(),
            name="x",
            environment="practice",
            merchant="practice",
            key_id=wrong,
            secret=wrong,
        )
    assert not stranger.probe().answered
    assert stranger.refund(order()).kind is A.ABOUT_US
    stranger.close()
    assert practice.moved() == []


@pytest.mark.parametrize("reference", ["a/b", "ä ö?x=1&y#z", "%2F..%2f", "漢字", "x" * 200, "-"])
def test_a_payment_of_any_name_reaches_the_provider_as_it_is(
    practice: Practice, reference: str
) -> None:
    provider = practice.start()
    odd = order(payment=reference)
    assert judge(odd, provider.refund(odd)).state is LegState.SUCCEEDED
    assert practice.read("SELECT payment_reference FROM refund") == [(reference,)]
    assert found_state(provider, odd) is F.FINAL


def test_sixteen_at_once_and_each_once(practice: Practice) -> None:
    provider = practice.start("lost=0.2,error-after=0.1,too-many=0.1,conflict=0.1", seed=7)
    orders = [order(number, payment=f"pay-{number}") for number in range(120)]
    with ThreadPoolExecutor(16) as pool:
        kinds = list(pool.map(lambda one: provider.refund(one).kind, orders))
    assert set(kinds) == {A.FINAL, A.UNKNOWN, A.NOT_EXECUTED}
    moved = practice.moved()
    assert len(moved) == len(set(moved))


def _faults(practice: Practice) -> set[tuple[str, str, str]]:
    return set(practice.read("SELECT kind, identity, fault FROM request"))


@pytest.mark.parametrize("reverse", [False, True])
def test_the_same_seed_brings_the_same_faults_in_any_order(
    practice: Practice, reverse: bool
) -> None:
    mix = "lost=0.2,error-before=0.2,html=0.1,accepted=0.2"
    orders = [order(number, payment=f"pay-{number}") for number in range(60)]
    seen = []
    for path, turned in (("first", False), ("second", reverse)):
        practice._ledger = practice._ledger.with_name(f"{path}.db")
        provider = practice.start(mix, seed=3)
        for one in reversed(orders) if turned else orders:
            provider.refund(one)
        seen.append(_faults(practice))
        practice.stop()
    assert seen[0] == seen[1]
    assert {fault for _, _, fault in seen[0]} == {"", "lost", "error-before", "html", "accepted"}


def test_another_seed_brings_other_faults(practice: Practice) -> None:
    seen = []
    for seed in (1, 2):
        practice._ledger = practice._ledger.with_name(f"{seed}.db")
        provider = practice.start("lost=0.5", seed=seed)
        for number in range(30):
            provider.refund(order(number))
        seen.append(_faults(practice))
        practice.stop()
    assert seen[0] != seen[1]


@pytest.mark.parametrize(
    ("what", "value"),
    [
        ("payments", [{"reference": "x"}]),
        ("payments", 5),
        ("faults", {"faults": "nonsense"}),
        ("back-office", {"payment": "x", "amount_minor": -1}),
        ("no-such-control", {}),
    ],
)
def test_a_wrong_control_changes_nothing(practice: Practice, what: str, value: object) -> None:
    import httpx

    provider = practice.start()
    with pytest.raises(httpx.HTTPStatusError):
        practice.control(what, value)
    assert practice.moved() == []
    assert provider.refund(order()).kind is A.FINAL


def test_it_listens_on_loopback_alone(practice: Practice) -> None:
    practice.start()
    assert practice.url.startswith("http://127.0.0.1:")
