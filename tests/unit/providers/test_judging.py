"""An answer becomes the next state of a leg in one place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend_client.domain.refund import LegState, may_become
from backend_client.domain.settlement import Outcome
from backend_client.providers.port import (
    Answer,
    AnswerClass,
    Found,
    FoundState,
    LookUp,
    RefundOrder,
    judge,
    judge_found,
)

ORDER = RefundOrder("key-1", "ref-1", "pay-1", 1450, "EUR", 5000, 1)
YES = Answer(AnswerClass.FINAL, "re-1", "ref-1", 1450, "EUR")
LISTED = Found(FoundState.FINAL, "re-1", "ref-1", 1450, "EUR")


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (AnswerClass.FINAL, LegState.SUCCEEDED),
        (AnswerClass.ACCEPTED, LegState.ACCEPTED),
        (AnswerClass.DECLINED, LegState.DECLINED),
        (AnswerClass.ALREADY_REFUNDED, LegState.UNKNOWN),
        (AnswerClass.ABOUT_US, LegState.PENDING),
        (AnswerClass.NOT_EXECUTED, LegState.PENDING),
        (AnswerClass.UNKNOWN, LegState.UNKNOWN),
    ],
)
def test_every_class_of_answer_has_its_state(kind: AnswerClass, state: LegState) -> None:
    verdict = judge(ORDER, replace(YES, kind=kind))
    assert verdict.state is state
    assert verdict.outcome.value == kind.value


@pytest.mark.parametrize("kind", list(AnswerClass))
def test_every_answer_is_a_legal_step_from_sending(kind: AnswerClass) -> None:
    assert may_become(LegState.SENDING, judge(ORDER, replace(YES, kind=kind)).state)


@pytest.mark.parametrize("kind", [AnswerClass.FINAL, AnswerClass.ACCEPTED])
@pytest.mark.parametrize(
    "answer",
    [
        replace(YES, amount_minor=1451),
        replace(YES, currency="USD"),
        replace(YES, our_reference="ref-2"),
        replace(YES, provider_refund_id=""),
        replace(YES, provider_refund_id="\x1b\x07"),
    ],
)
def test_a_success_about_something_else_is_unknown(kind: AnswerClass, answer: Answer) -> None:
    verdict = judge(ORDER, replace(answer, kind=kind))
    assert verdict.state is LegState.UNKNOWN
    assert verdict.outcome is Outcome.MISMATCH


@pytest.mark.parametrize(
    ("listed", "state"),
    [
        (FoundState.FINAL, LegState.SUCCEEDED),
        (FoundState.ACCEPTED, LegState.ACCEPTED),
        (FoundState.DECLINED, LegState.DECLINED),
    ],
)
def test_what_a_look_up_finds_decides(listed: FoundState, state: LegState) -> None:
    verdict = judge_found(ORDER, LookUp(True, (replace(LISTED, state=listed),)))
    assert verdict is not None
    assert (verdict.state, verdict.provider_refund_id) == (state, "re-1")


def test_a_look_up_says_nothing_when_it_has_no_answer_or_no_certainty() -> None:
    assert judge_found(ORDER, LookUp(answered=False)) is None
    assert judge_found(ORDER, LookUp(answered=True)) is None
    uncertain = replace(LISTED, state=FoundState.UNCERTAIN)
    assert judge_found(ORDER, LookUp(True, (uncertain,))) is None


def test_refunds_of_others_are_never_ours_even_with_the_same_amount() -> None:
    other = replace(LISTED, our_reference="ref-2")
    assert judge_found(ORDER, LookUp(True, (other,))) is None


@pytest.mark.parametrize(
    "found",
    [
        (LISTED, replace(LISTED, provider_refund_id="re-2")),
        (replace(LISTED, amount_minor=1),),
        (replace(LISTED, currency="USD"),),
    ],
)
def test_two_refunds_or_another_amount_is_for_a_person(found: tuple[Found, ...]) -> None:
    verdict = judge_found(ORDER, LookUp(True, found))
    assert verdict is not None
    assert verdict.state is LegState.REVIEW
    assert verdict.outcome is Outcome.MISMATCH
