"""Which mail a refund calls for: never refunded before it is so, a correction when it was not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_client.domain.booking import Contact
from backend_client.domain.legs import Leg, Refund
from backend_client.domain.mail import (
    EarlierMail,
    Mail,
    MailFacts,
    MailKind,
    addressee,
    mail_for,
    usable_address,
)
from backend_client.domain.mailing import packed, unpacked
from backend_client.domain.refund import CLOSED, FINAL, OPEN, LegState, Method, Origin
from tests.unit import builders
from tests.unit.builders import BETTE, LUC, NOW, leg

BOOKING = builders.sample_booking()


def refund_of(*legs: Leg) -> Refund:
    return builders.refund(BOOKING, [1], legs)


def mail(
    refund: Refund, earlier: Sequence[EarlierMail] = (), contact: Contact | None = BETTE
) -> Mail | None:
    return mail_for(refund, BOOKING, contact, earlier)


def told(of: Mail | None, *, may_arrive: bool = True) -> EarlierMail:
    assert of is not None
    return EarlierMail(of.facts, of.to, may_arrive)


def facts_of(of: Mail | None) -> MailFacts:
    assert of is not None
    return of.facts


CARD = leg(1, Method.MATCHED, 1000, state=LegState.SUCCEEDED)
CREDIT = leg(2, Method.CREDIT, 350)


def test_card_and_credit_are_one_mail_with_the_amounts_as_booked() -> None:
    facts = facts_of(mail(refund_of(CARD, CREDIT)))
    assert facts.kind is MailKind.REFUNDED
    assert facts.amount_minor == 1350
    assert [(part.leg, part.method, part.amount_minor) for part in facts.parts] == [
        ("R-10001.1", Method.MATCHED, 1000),
        ("R-10001.2", Method.CREDIT, 350),
    ]


@pytest.mark.parametrize("state", sorted(OPEN))
def test_nothing_is_said_while_one_payment_is_not_final(state: LegState) -> None:
    assert mail(refund_of(replace(CARD, state=state), CREDIT)) is None


def test_what_was_replaced_is_not_spoken_of() -> None:
    replaced = replace(CARD, state=LegState.REPLACED)
    cash = leg(3, Method.CASH, 1000)
    facts = facts_of(mail(refund_of(replaced, CREDIT, cash)))
    assert facts.legs == {"R-10001.2", "R-10001.3"}


def test_a_refund_taken_back_calls_for_no_mail() -> None:
    voided = replace(refund_of(replace(CARD, state=LegState.VOIDED)), voided_at=NOW)
    assert mail(voided) is None


@pytest.mark.parametrize("email", ["", "  ", "nobody", "a@b\r\nBcc: c@d.example", "a@b"])
def test_without_a_usable_address_there_is_no_mail(email: str) -> None:
    assert mail(refund_of(CARD), contact=replace(BETTE, email=email)) is None
    assert mail(refund_of(CARD), contact=None) is None


def test_the_same_is_never_said_twice() -> None:
    refund = refund_of(CARD, CREDIT)
    assert mail(refund, [told(mail(refund))]) is None


def test_a_mail_that_surely_never_arrived_was_not_said() -> None:
    refund = refund_of(CARD, CREDIT)
    first = told(mail(refund), may_arrive=False)
    assert mail(refund, [first]) == mail(refund)
    assert mail(refund_of(replace(CARD, state=LegState.FAILED_LATE), CREDIT), [first]) is None


def test_a_late_failure_is_corrected_once_at_the_address_that_was_told() -> None:
    first = told(mail(refund_of(CARD, CREDIT)))
    failed = refund_of(replace(CARD, state=LegState.FAILED_LATE), CREDIT)
    moved = replace(BETTE, email="elsewhere@example.org")
    correction = mail(failed, [first], moved)
    assert correction is not None
    assert correction.to == BETTE.email
    assert correction.facts.kind is MailKind.CORRECTED
    assert [(part.leg, part.amount_minor) for part in correction.facts.parts] == [
        ("R-10001.1", 1000)
    ]
    assert mail(failed, [first, told(correction)], moved) is None


def test_a_correction_is_followed_by_the_truth_once_it_is_paid_another_way() -> None:
    first = told(mail(refund_of(CARD, CREDIT)))
    failed = refund_of(replace(CARD, state=LegState.FAILED_LATE), CREDIT)
    correction = told(mail(failed, [first]))
    promised = refund_of(
        replace(CARD, state=LegState.REPLACED), CREDIT, leg(3, Method.REQUESTED, 1000)
    )
    assert mail(promised, [first, correction]) is None
    paid = refund_of(replace(CARD, state=LegState.REPLACED), CREDIT, leg(3, Method.CASH, 1000))
    again = facts_of(mail(paid, [first, correction]))
    assert again.kind is MailKind.REFUNDED
    assert again.legs == {"R-10001.2", "R-10001.3"}


def test_a_second_late_failure_is_told_too() -> None:
    other = leg(3, Method.MATCHED, 350, state=LegState.SUCCEEDED)
    first = told(mail(refund_of(CARD, other)))
    one = refund_of(replace(CARD, state=LegState.FAILED_LATE), other)
    correction = told(mail(one, [first]))
    both = refund_of(*(replace(this, state=LegState.FAILED_LATE) for this in (CARD, other)))
    assert facts_of(mail(both, [first, correction])).legs == {"R-10001.1", "R-10001.3"}


def test_texts_of_people_are_inert_and_without_card_numbers() -> None:
    name = "Bette\r\nBcc: x@y.example\x1b[31m \u202e4111 1111 1111 1111"
    facts = facts_of(mail(refund_of(CARD), contact=replace(BETTE, name=name)))
    assert facts.name == "Bette Bcc: x@y.example 4111 11•• •••• 1111"


def test_whoever_booked_is_told_else_the_one_who_is_paid() -> None:
    refund = refund_of(CARD)
    assert addressee(BOOKING, refund) == BETTE
    nobody = replace(BOOKING, contact=None)
    assert addressee(nobody, refund) == BETTE
    both = refund_of(CARD, replace(CREDIT, payer_id=LUC.id))
    assert addressee(nobody, both) is None


def test_of_a_resold_ticket_only_the_reseller_is_told() -> None:
    claim = replace(refund_of(replace(CREDIT, payer_id=LUC.id)), origin=Origin.RESALE)
    assert addressee(BOOKING, claim) is None
    assert addressee(replace(BOOKING, contact=LUC), claim) == LUC


@pytest.mark.parametrize(
    ("typed", "used"),
    [
        ("bette@example.org", "bette@example.org"),
        ("  bette@example.org ", "bette@example.org"),
        ("b.d+refund@bücher.example", "b.d+refund@xn--bcher-kva.example"),
        ("a@example.org, b@example.org", ""),
        ("Bette <bette@example.org>", ""),
        ("bette@example.org\nBcc: x@example.org", ""),
        ("bette@@example.org", ""),
        ("zoë@example.org", ""),
        (".bette@example.org", ""),
        ("be..tte@example.org", ""),
        ("bette@-example.org", ""),
        ("bette@example..org", ""),
        ("bette@[127.0.0.1]", ""),
        (f"{'x' * 65}@example.org", ""),
        (f"x@{'y' * 64}.org", ""),
        ("", ""),
    ],
)
def test_only_one_plain_address_is_used(typed: str, used: str) -> None:
    assert usable_address(typed) == used


def test_facts_survive_their_way_through_the_store() -> None:
    facts = facts_of(mail(refund_of(CARD, CREDIT)))
    assert unpacked(packed(facts)) == facts
    assert packed(unpacked(packed(facts))) == packed(facts)


STATES = st.sampled_from(sorted(set(LegState)))
LEGS = st.lists(st.tuples(STATES, st.integers(1, 10_000)), max_size=4)


@given(stories=st.lists(LEGS, min_size=1, max_size=5), arrives=st.lists(st.booleans()))
def test_whatever_happened_a_mail_that_says_refunded_is_true_now(
    stories: list[list[tuple[LegState, int]]], arrives: list[bool]
) -> None:
    """Legs in any states, mail after mail: "refunded" names exactly the final legs, all of them;
    a correction only legs that were called final and are not."""
    earlier: list[EarlierMail] = []
    for turn, legs in enumerate(stories):
        refund = refund_of(
            *(
                leg(ordinal, Method.MATCHED, amount, state=state)
                for ordinal, (state, amount) in enumerate(legs, 1)
            )
        )
        found = mail(refund, earlier)
        if found is None:
            continue
        live = [one for one in refund.legs if one.state not in CLOSED]
        if found.facts.kind is MailKind.REFUNDED:
            assert all(one.state in FINAL for one in live)
            assert found.facts.legs == {one.number for one in live}
            assert sum(part.amount_minor for part in found.facts.parts) == refund.amount_minor
        else:
            final = {one.number for one in live if one.state in FINAL}
            called_final = [
                one.facts.legs
                for one in earlier
                if one.may_arrive and one.facts.kind is MailKind.REFUNDED
            ][-1]
            assert found.facts.legs == called_final - final
        may_arrive = arrives[turn] if turn < len(arrives) else True
        earlier.append(EarlierMail(found.facts, found.to, may_arrive))
