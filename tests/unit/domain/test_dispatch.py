"""Step 2, worked out with figures; the numbers of the traps are those of the list of traps."""

from __future__ import annotations

import itertools

import pytest

from backend_client.domain.dispatch import (
    WORST_FIRST,
    Claim,
    Decision,
    Rules,
    Source,
    Used,
    decide,
    outcome_of,
)
from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.policy import AllocationOrder
from backend_client.domain.refund import LegState
from backend_client.domain.run_parameters import CreditMode
from backend_client.domain.runs import ItemOutcome, ItemPlan, PartRole

NEVER = Rules(CreditMode.NEVER)
FALLBACK = Rules(CreditMode.WHEN_NOT_POSSIBLE)
ALWAYS = Rules(CreditMode.ALWAYS)
CARD = PaymentMethod.CARD
S, R = LegState, PartRole


def visa(
    left_minor: int,
    *,
    obstacle: str = "",
    refunds_left: int | None = None,
    is_payers: bool = True,
    is_refused: bool = False,
) -> Source:
    return Source(CARD, left_minor, "practice", obstacle, refunds_left, is_payers, is_refused)


def shares(decision: Decision) -> list[tuple[str, int, int | None]]:
    return [(share.role.value, share.amount_minor, share.place) for share in decision.shares]


def test_a_request_goes_to_the_card_it_was_paid_with() -> None:
    """29.00 requested, one card with 29.00 left: all of it, in every mode that tries cards."""
    for rules in (NEVER, FALLBACK):
        decision = decide(Claim(2900), [visa(2900)], rules)
        assert (decision.plan, decision.reason) == (ItemPlan.CARDS, "")
        assert shares(decision) == [("card", 2900, 0)]


def test_one_request_over_several_cards_never_more_than_each_has_left() -> None:
    """Trap 20: 50.00 over cards with 30.00 and 25.00 left is 30.00 and 20.00."""
    decision = decide(Claim(5000), [visa(2500), visa(3000)], NEVER)
    assert shares(decision) == [("card", 2000, 0), ("card", 3000, 1)]


def test_a_card_given_back_more_than_it_paid_lends_nothing() -> None:
    """60.00 over a card with 100.00 left and one 50.00 over: 60.00 to the first, nothing else."""
    decision = decide(Claim(6000), [visa(10_000), visa(-5000)], NEVER)
    assert shares(decision) == [("card", 6000, 0)]
    alone = decide(Claim(6000), [visa(-5000)], NEVER)
    assert (alone.plan, shares(alone)) == (ItemPlan.STAYS, [("stays", 6000, None)])


def test_instalments_by_share_where_the_house_wants_it() -> None:
    rules = Rules(CreditMode.NEVER, AllocationOrder.PRO_RATA)
    decision = decide(Claim(1001), [visa(2000), visa(1000)], rules)
    assert shares(decision) == [("card", 667, 0), ("card", 334, 1)]


def test_the_excess_stays_or_is_credited() -> None:
    """Trap 21: 50.00 requested, cards take 42.00, the excess of 8.00 stays with `never` and is
    credited with `when_not_possible`."""
    cards = [visa(3000), visa(1200)]
    stays = decide(Claim(5000), cards, NEVER)
    assert (stays.plan, stays.reason) == (ItemPlan.CARDS_AND_STAYS, "no-card")
    assert shares(stays) == [("card", 3000, 0), ("card", 1200, 1), ("stays", 800, None)]
    credited = decide(Claim(5000), cards, FALLBACK)
    assert (credited.plan, credited.reason) == (ItemPlan.CARDS_AND_CREDIT, "")
    assert shares(credited)[2] == ("credit", 800, None)


def test_always_tries_no_card() -> None:
    """Trap 23, third mode: 29.00 to the payer's account though a card would take it."""
    decision = decide(Claim(2900), [visa(2900)], ALWAYS)
    assert (decision.plan, shares(decision)) == (ItemPlan.CREDIT, [("credit", 2900, None)])


def test_never_tries_a_refused_card_again_the_others_do_not() -> None:
    """Trap 23: after a refusal of 29.00, `never` asks once more, `when_not_possible` credits it
    without another call."""
    card = visa(2900, is_refused=True)
    assert shares(decide(Claim(2900), [card], NEVER)) == [("card", 2900, 0)]
    decision = decide(Claim(2900), [card], FALLBACK)
    assert (decision.plan, shares(decision)) == (ItemPlan.CREDIT, [("credit", 2900, None)])


def test_an_untried_card_is_tried_before_anything_is_credited() -> None:
    """Trap 24: card 1 refused its 20.00; card 2 still has 5.00 and nobody asked it."""
    decision = decide(Claim(2000), [visa(2000, is_refused=True), visa(500)], FALLBACK)
    assert shares(decision) == [("card", 500, 1), ("credit", 1500, None)]


def test_later_items_see_what_earlier_ones_use() -> None:
    """Trap 22: two requests of 20.00 on a card with 30.00: 20.00, then 10.00, and 10.00 stay."""
    used = Used()
    first = decide(Claim(2000), [used.left_of(1, visa(3000))], NEVER)
    used.take(1, first.shares[0].amount_minor)
    second = decide(Claim(2000), [used.left_of(1, visa(3000))], NEVER)
    assert shares(first) == [("card", 2000, 0)]
    assert shares(second) == [("card", 1000, 0), ("stays", 1000, None)]


def test_a_provider_that_allows_one_refund_more_gets_one() -> None:
    used = Used()
    once = visa(3000, refunds_left=1)
    first = decide(Claim(1000), [used.left_of(1, once)], NEVER)
    used.take(1, first.shares[0].amount_minor)
    second = decide(Claim(1000), [used.left_of(1, once)], NEVER)
    assert shares(first) == [("card", 1000, 0)]
    assert (second.plan, second.reason) == (ItemPlan.STAYS, "payment-refunds-used")


@pytest.mark.parametrize(
    "source",
    [
        Source(PaymentMethod.CASH, 2900),
        Source(PaymentMethod.TRANSFER, 2900),
        Source(PaymentMethod.VOUCHER, 2900),
        pytest.param(Source(CARD, 2900), id="a terminal's, or another provider's"),
    ],
)
def test_what_no_provider_can_reverse_is_no_card(source: Source) -> None:
    """Traps 38 and 40: no call and no error; it stays, or it is credited."""
    assert decide(Claim(2900), [source], NEVER).reason == "no-card"
    assert decide(Claim(2900), [source], NEVER).plan is ItemPlan.STAYS
    assert decide(Claim(2900), [source], FALLBACK).plan is ItemPlan.CREDIT


def test_nobody_is_known_who_could_be_credited() -> None:
    """Trap 43: an anonymous sale: cards work, the rest needs a person."""
    alone = decide(Claim(2900, has_payer=False), [], FALLBACK)
    assert (alone.plan, alone.reason) == (ItemPlan.PERSON, "credit-needs-person")
    assert shares(alone) == [("stays", 2900, None)]
    partly = decide(Claim(2900, has_payer=False), [visa(2000)], FALLBACK)
    assert (partly.plan, partly.reason) == (ItemPlan.CARDS_AND_STAYS, "credit-needs-person")
    assert shares(partly) == [("card", 2000, 0), ("stays", 900, None)]
    assert decide(Claim(2900, has_payer=False), [visa(2900)], ALWAYS).plan is ItemPlan.PERSON
    assert decide(Claim(2900, has_payer=False), [visa(2900)], NEVER).plan is ItemPlan.CARDS


def test_the_card_of_somebody_else_is_no_card() -> None:
    """Trap 19: same file and same payer contact; "no contact" is a payer of its own."""
    theirs = visa(2900, is_payers=False)
    assert decide(Claim(2900), [theirs], NEVER).reason == "no-card"
    assert decide(Claim(2900, has_payer=False), [theirs], NEVER).reason == "no-card"
    both = decide(Claim(2900), [theirs, visa(2000)], NEVER)
    assert shares(both) == [("card", 2000, 1), ("stays", 900, None)]


def test_where_credit_is_no_method_of_the_house_it_stays() -> None:
    """Trap 44."""
    rules = Rules(CreditMode.WHEN_NOT_POSSIBLE, credit_allowed=False)
    decision = decide(Claim(2900), [visa(2000)], rules)
    assert (decision.plan, decision.reason) == (ItemPlan.CARDS_AND_STAYS, "method-not-allowed")
    nothing = decide(Claim(2900), [], rules)
    assert (nothing.plan, nothing.reason) == (ItemPlan.STAYS, "method-not-allowed")


def test_where_cards_are_no_method_of_the_house_none_is_tried() -> None:
    rules = Rules(CreditMode.NEVER, cards_allowed=False)
    decision = decide(Claim(2900), [visa(2900)], rules)
    assert (decision.plan, decision.reason) == (ItemPlan.STAYS, "method-not-allowed")


def test_what_was_found_at_a_provider_is_neither_repeated_nor_credited() -> None:
    """Trap 59: the money found there may be this very refund; a person clears it up."""
    blocked = visa(900, obstacle="payment-blocked")
    assert decide(Claim(2900), [blocked], NEVER).reason == "payment-blocked"
    for rules in (FALLBACK, ALWAYS):
        decision = decide(Claim(2900), [blocked], rules)
        assert (decision.plan, decision.reason) == (ItemPlan.PERSON, "payment-blocked")


@pytest.mark.parametrize("rules", [NEVER, FALLBACK, ALWAYS])
def test_declined_as_already_refunded_needs_a_person(rules: Rules) -> None:
    """Trap 31: an overflow says that books differ: this one stops, and is shown."""
    decision = decide(Claim(2900, is_elsewhere=True), [visa(2900)], rules)
    assert (decision.plan, decision.reason) == (ItemPlan.PERSON, "declined-as-refunded")


def test_too_old_for_its_provider_is_card_impossible() -> None:
    """The provider would refuse it: no call; it stays with the reason, or it is credited."""
    old = visa(2900, obstacle="payment-too-old")
    assert decide(Claim(2900), [old], NEVER).reason == "payment-too-old"
    assert decide(Claim(2900), [old], FALLBACK).plan is ItemPlan.CREDIT


def test_the_parts_of_every_decision_make_its_amount() -> None:
    """Trap 54: planned = card + credit + left, whatever is known of the payments."""
    obstacles = ("", "payment-blocked", "payment-too-old")
    yes_or_no = (True, False)
    for rules, has_payer, is_refused, obstacle, left in itertools.product(
        (NEVER, FALLBACK, ALWAYS), yes_or_no, yes_or_no, obstacles, (0, 7)
    ):
        cards = [visa(left, obstacle=obstacle, is_refused=is_refused), visa(2)]
        decision = decide(Claim(10, has_payer), cards, rules)
        assert sum(share.amount_minor for share in decision.shares) == 10
        assert all(share.amount_minor > 0 for share in decision.shares)


@pytest.mark.parametrize(
    ("made", "outcome"),
    [
        ([(R.CARD, S.PENDING)], ItemOutcome.TO_SEND),
        ([(R.CARD, S.SENDING)], ItemOutcome.ON_ITS_WAY),
        ([(R.CARD, S.ACCEPTED)], ItemOutcome.ON_ITS_WAY),
        ([(R.CARD, S.UNKNOWN)], ItemOutcome.BEING_CHECKED),
        ([(R.CARD, S.REVIEW)], ItemOutcome.BEING_CHECKED),
        ([(R.CARD, S.SUCCEEDED)], ItemOutcome.REFUNDED),
        ([(R.CARD, S.SUCCEEDED), (R.CARD, S.DECLINED)], ItemOutcome.DECLINED),
        ([(R.CARD, S.FAILED_LATE)], ItemOutcome.DECLINED),
        ([(R.CARD, S.DECLINED), (R.CARD, S.UNKNOWN)], ItemOutcome.BEING_CHECKED),
        ([(R.CARD, S.SUCCEEDED), (R.CARD, S.PENDING)], ItemOutcome.TO_SEND),
        ([(R.CARD, S.SUCCEEDED), (R.STAYS, S.REQUESTED)], ItemOutcome.PARTLY),
        ([(R.CARD, S.SUCCEEDED), (R.STAYS, S.REPLACED)], ItemOutcome.PARTLY),
        ([(R.CARD, S.DECLINED), (R.STAYS, S.REQUESTED)], ItemOutcome.DECLINED),
        ([(R.CARD, S.REPLACED)], ItemOutcome.STAYS),
        ([(R.CARD, S.REPLACED), (R.CARD, S.SUCCEEDED)], ItemOutcome.PARTLY),
        ([(R.CREDIT, S.CREDITED)], ItemOutcome.CREDITED),
        ([(R.CARD, S.SUCCEEDED), (R.CREDIT, S.CREDITED)], ItemOutcome.CREDITED),
        ([(R.CREDIT_AFTER_REFUSAL, S.CREDITED)], ItemOutcome.CREDITED),
    ],
)
def test_an_item_is_what_its_worst_payment_is(
    made: list[tuple[PartRole, LegState]], outcome: ItemOutcome
) -> None:
    assert outcome_of(made) is outcome
    assert outcome_of(reversed(made)) is outcome


def test_every_state_of_a_card_payment_has_an_outcome() -> None:
    """What a run can make of a card is in exactly one row of the table."""
    not_cards = {S.AWAITING_APPROVAL, S.REQUESTED, S.CREDITED, S.DUE, S.RECORDED}
    for state in set(LegState) - not_cards:
        rows = [
            outcome
            for outcome, of in WORST_FIRST
            if any(role is R.CARD and states is not None and state in states for role, states in of)
        ]
        assert len(rows) == 1, state
