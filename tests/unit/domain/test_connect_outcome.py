"""What became of a call to Connect: every signal, every row of the table, and who was paid."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_client.domain.connect_outcome import (
    EXPLICIT,
    Became,
    Intended,
    IntendedPayment,
    SeenRefund,
    Signal,
    Snapshot,
    Verdict,
    classify,
    most_careful,
    signal_of_code,
    signal_of_status,
)

VISA = IntendedPayment(1000, "OPH-1", "1111")
TILL = IntendedPayment(450, last_four="5226")
BOTH = Intended(frozenset({1, 2}), (VISA, TILL))
LIVE = Snapshot({1: False, 2: False, 3: False})
PAID_VISA = SeenRefund(1000, "OPH-1", "1111", "VISA")
PAID_TILL = SeenRefund(450, last_four="5226", card_type="VISA")
OTHER = SeenRefund(77, "OPH-7", "7777")


def after(*gone: int, seen: tuple[SeenRefund, ...] = ()) -> Snapshot:
    return Snapshot({sequence: sequence in gone for sequence in (1, 2, 3)}, seen)


ROWS = [
    ("all, expected", after(1, 2, seen=(PAID_VISA, PAID_TILL)), Signal.UNSURE, Became.SUCCEEDED),
    ("none, nothing, a no", after(), Signal.DECLINED, Became.NOT_DONE),
    ("none, nothing, unclear", after(), Signal.UNSURE, Became.UNKNOWN),
    ("none, part", after(seen=(PAID_VISA,)), Signal.DECLINED, Became.SECOND_FAILED),
    ("none, all", after(seen=(PAID_VISA, PAID_TILL)), Signal.AFTER_PAYMENT, Became.AFTER_PAYMENT),
    ("all, less", after(1, 2, seen=(PAID_VISA,)), Signal.CLEAN, Became.UNDERPAID),
    ("some, any", after(1, seen=(PAID_VISA,)), Signal.UNSURE, Became.INCONSISTENT),
    ("not read again", None, Signal.CLEAN, Became.UNREAD),
]


@pytest.mark.parametrize(("row", "read", "signal", "became"), ROWS, ids=[row[0] for row in ROWS])
def test_each_row_of_the_table(
    row: str, read: Snapshot | None, signal: Signal, became: Became
) -> None:
    assert classify(BOTH, LIVE, read, signal).became is became


@pytest.mark.parametrize("signal", Signal)
def test_nothing_seen_is_not_done_only_after_a_clear_no(signal: Signal) -> None:
    became = classify(BOTH, LIVE, after(), signal).became
    clear = signal in EXPLICIT or signal is Signal.WAITS_THERE
    assert became is (Became.NOT_DONE if clear else Became.UNKNOWN)


A_NO = (EXPLICIT | {Signal.ALREADY}) - {Signal.NOT_SENT}


@pytest.mark.parametrize("signal", sorted(set(Signal) - {Signal.NOT_SENT}))
def test_what_the_booking_shows_whole_is_done_whatever_was_answered(signal: Signal) -> None:
    one = Intended(frozenset({1, 2}), (VISA,))
    read = after(1, 2, seen=(PAID_VISA,))
    assert classify(one, LIVE, read, signal) == Verdict(Became.SUCCEEDED, (True,), True)


@pytest.mark.parametrize("signal", sorted(set(Signal) - A_NO - {Signal.NOT_SENT}))
def test_what_was_paid_outside_is_done_where_nobody_said_no(signal: Signal) -> None:
    read = after(1, 2, seen=(PAID_VISA, PAID_TILL))
    assert classify(BOTH, LIVE, read, signal) == Verdict(Became.SUCCEEDED, (True, True), True)


@pytest.mark.parametrize("signal", sorted(A_NO))
def test_what_was_paid_outside_and_refused_may_have_been_paid_by_another(signal: Signal) -> None:
    read = after(1, 2, seen=(PAID_VISA, PAID_TILL))
    verdict = classify(BOTH, LIVE, read, signal)
    assert verdict == Verdict(Became.INCONSISTENT, (True, False), True)


@pytest.mark.parametrize("read", [row[1] for row in ROWS])
def test_what_was_not_sent_is_not_done(read: Snapshot | None) -> None:
    assert classify(BOTH, LIVE, read, Signal.NOT_SENT).became is Became.NOT_DONE


def test_the_payment_that_went_through_is_named() -> None:
    verdict = classify(BOTH, LIVE, after(seen=(PAID_TILL,)), Signal.DECLINED)
    assert verdict == Verdict(Became.SECOND_FAILED, (False, True), False)


def test_earlier_refunds_are_not_taken_for_ours() -> None:
    before = Snapshot(LIVE.gone, (PAID_VISA,))
    read = after(seen=(PAID_VISA,))
    assert classify(BOTH, before, read, Signal.UNSURE) == Verdict(
        Became.UNKNOWN, (False, False), False
    )


def test_two_payments_of_one_amount_need_two_entries() -> None:
    twice = Intended(frozenset({1}), (IntendedPayment(500, "A"), IntendedPayment(500, "B")))
    read = after(seen=(SeenRefund(500, "B"),))
    assert classify(twice, LIVE, read, Signal.DECLINED).paid == (False, True)


def test_an_entry_without_any_name_counts_by_its_amount() -> None:
    read = after(seen=(SeenRefund(450),))
    assert classify(BOTH, LIVE, read, Signal.DECLINED).paid == (False, True)


def test_lines_given_back_by_somebody_else_meanwhile_need_a_person() -> None:
    read = after(1, 2, 3, seen=(PAID_VISA, PAID_TILL))
    assert classify(BOTH, LIVE, read, Signal.CLEAN).became is Became.INCONSISTENT


def test_more_than_was_meant_needs_a_person() -> None:
    read = after(1, 2, seen=(PAID_VISA, PAID_TILL, OTHER))
    assert classify(BOTH, LIVE, read, Signal.CLEAN).became is Became.INCONSISTENT


def test_already_refunded_is_ours_only_if_every_payment_is_found() -> None:
    theirs = after(1, 2, seen=(SeenRefund(1450, "OPH-9", "9999"),))
    assert classify(BOTH, LIVE, theirs, Signal.ALREADY).became is Became.INCONSISTENT
    assert classify(BOTH, LIVE, theirs, Signal.CLEAN).became is Became.SUCCEEDED


CALL = "call-1"
DRAWER = IntendedPayment(1450)
SLIP = IntendedPayment(1450, last_four="5226")
STRANGERS = [
    ("the card was reversed", SLIP, SeenRefund(1450, "OPH-1", "5226")),
    ("the card was reversed, cash was given", DRAWER, SeenRefund(1450, "OPH-1", "1111")),
    ("another payment was reversed", IntendedPayment(1450, "OPH-1"), SeenRefund(1450, "OPH-2")),
    ("another card", SLIP, SeenRefund(1450, last_four="9999")),
    ("another call", SLIP, SeenRefund(1450, last_four="5226", called="call-2")),
    ("another call, no card", DRAWER, SeenRefund(1450, called="call-2")),
]
UNANSWERED = sorted(Signal(signal) for signal in (Signal.UNSURE, Signal.ALREADY))


@pytest.mark.parametrize("signal", UNANSWERED)
@pytest.mark.parametrize(("what", "payment", "entry"), STRANGERS, ids=[row[0] for row in STRANGERS])
def test_the_same_lines_for_the_same_sum_may_be_another_s(
    what: str, payment: IntendedPayment, entry: SeenRefund, signal: Signal
) -> None:
    """Nobody answered, and somebody was faster: the cashier may have paid a second time."""
    one = Intended(frozenset({1, 2}), (payment,), CALL)
    verdict = classify(one, LIVE, after(1, 2, seen=(entry,)), signal)
    assert verdict == Verdict(Became.INCONSISTENT, (False,), True)
    assert classify(one, LIVE, after(1, 2, seen=(entry,)), Signal.CLEAN).became is Became.SUCCEEDED


@pytest.mark.parametrize("payment", [DRAWER, SLIP, IntendedPayment(1450, "OPH-1")])
def test_what_waited_there_and_another_call_paid_needs_a_person(payment: IntendedPayment) -> None:
    """Refused there and given back again by somebody else: our own face says whose it is."""
    one = Intended(frozenset({1, 2}), (payment,), CALL)
    entry = SeenRefund(1450, payment.payment_key, payment.last_four, called="call-2")
    verdict = classify(one, LIVE, after(1, 2, seen=(entry,)), Signal.WAITS_THERE)
    assert verdict == Verdict(Became.INCONSISTENT, (False,), True)


@pytest.mark.parametrize("signal", sorted(set(Signal) - {Signal.NOT_SENT}))
@pytest.mark.parametrize("payment", [DRAWER, SLIP])
def test_what_says_that_it_is_of_our_call_is_ours(payment: IntendedPayment, signal: Signal) -> None:
    one = Intended(frozenset({1, 2}), (payment,), CALL)
    read = after(1, 2, seen=(SeenRefund(1450, last_four=payment.last_four, called=CALL),))
    assert classify(one, LIVE, read, signal) == Verdict(Became.SUCCEEDED, (True,), True)


@pytest.mark.parametrize("entry", [SeenRefund(1450), SeenRefund(1450, last_four="5226")])
def test_what_does_not_say_whose_it_is_is_ours_where_nobody_answered(entry: SeenRefund) -> None:
    one = Intended(frozenset({1, 2}), (SLIP,), CALL)
    read = after(1, 2, seen=(entry,))
    assert classify(one, LIVE, read, Signal.UNSURE).became is Became.SUCCEEDED


def test_lines_without_a_status_are_judged_with_the_others() -> None:
    """A concession says nothing of itself; the ticket beside it does."""
    read = Snapshot({1: True, 2: None, 3: False}, (PAID_VISA, PAID_TILL))
    assert classify(BOTH, LIVE, read, Signal.CLEAN).became is Became.SUCCEEDED


@pytest.mark.parametrize(
    ("seen", "signal", "became"),
    [
        ((SeenRefund(350),), Signal.UNSURE, Became.SUCCEEDED),
        ((SeenRefund(100),), Signal.UNSURE, Became.SECOND_FAILED),
        ((), Signal.UNSURE, Became.UNKNOWN),
        ((), Signal.DECLINED, Became.NOT_DONE),
    ],
)
def test_where_no_line_says_anything_the_money_tells(
    seen: tuple[SeenRefund, ...], signal: Signal, became: Became
) -> None:
    popcorn = Intended(frozenset({2}), (IntendedPayment(350),))
    before = Snapshot({1: False, 2: None})
    assert classify(popcorn, before, Snapshot({1: False, 2: None}, seen), signal).became is became


def test_a_free_line_goes_back_for_nothing() -> None:
    free = Intended(frozenset({1}), ())
    assert classify(free, LIVE, after(1), Signal.CLEAN).became is Became.SUCCEEDED
    assert classify(free, LIVE, after(), Signal.UNSURE).became is Became.UNKNOWN


@pytest.mark.parametrize(
    ("signal", "codes"),
    [
        (Signal.CLEAN, (0,)),
        (Signal.DECLINED, (12, 13, 57)),
        (Signal.AFTER_PAYMENT, (14, 24)),
        (Signal.ALREADY, (49, 63)),
        (Signal.FORBIDDEN, (45, 71, 72, 79)),
        (Signal.WRONG_BOOKING, (61, 62, 73, 78)),
        (Signal.INVALID, (4,)),
        (Signal.UNSURE, (1, 2, 5, 6, 25, 26, 27, 39, 82, 83, 92, 999, -1)),
    ],
)
def test_result_codes(signal: Signal, codes: tuple[int, ...]) -> None:
    assert {signal_of_code(code) for code in codes} == {signal}


@pytest.mark.parametrize(
    ("signal", "statuses"),
    [
        (Signal.CLEAN, (200, 201, 204)),
        (Signal.FORBIDDEN, (401, 403)),
        (Signal.WRONG_BOOKING, (404, 410)),
        (Signal.INVALID, (400, 402, 405, 413, 415, 422)),
        (Signal.NOT_SENT, (429,)),
        (Signal.UNSURE, (100, 301, 302, 307, 308, 408, 409, 500, 501, 502, 503, 504, 599)),
    ],
)
def test_statuses(signal: Signal, statuses: tuple[int, ...]) -> None:
    assert {signal_of_status(status) for status in statuses} == {signal}


def test_of_several_signals_the_most_careful_counts() -> None:
    assert most_careful([Signal.CLEAN, Signal.INVALID, Signal.AFTER_PAYMENT]) is (
        Signal.AFTER_PAYMENT
    )
    assert most_careful(Signal) is Signal.UNSURE


SEEN = st.lists(st.sampled_from([PAID_VISA, PAID_TILL, OTHER, SeenRefund(450)]), max_size=4)
GONE = st.dictionaries(st.integers(1, 3), st.sampled_from([True, False, None]))


@given(SEEN, SEEN, GONE, st.sampled_from(list(Signal)))
def test_nothing_is_called_not_done_once_any_money_or_line_moved(
    had: list[SeenRefund], seen: list[SeenRefund], gone: dict[int, bool | None], signal: Signal
) -> None:
    before = Snapshot({1: False, 2: False, 3: False}, tuple(had))
    verdict = classify(BOTH, before, Snapshot(gone, tuple(had + seen)), signal)
    moved = bool(seen) or True in (gone.get(1), gone.get(2))
    if moved and signal is not Signal.NOT_SENT:
        assert verdict.became is not Became.NOT_DONE
    if verdict.became is Became.SUCCEEDED:
        assert sum(one.amount_minor for one in seen) == BOTH.amount_minor


@pytest.mark.parametrize(
    ("read", "gone"),
    [(after(1, 2), True), (after(1), True), (after(), False), (Snapshot({}), None)],
)
def test_lines_count_as_gone_as_soon_as_one_is(read: Snapshot, gone: bool | None) -> None:
    assert classify(BOTH, LIVE, read, Signal.UNSURE).lines_gone is gone
