"""Plans: what is missing, who may, limits, texts, and the fingerprint."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from backend_client.domain.caller import Role
from backend_client.domain.kinds import FeeKind, LineState, PaymentMethod
from backend_client.domain.plan import Notice, Part, PlannedLine, RefundRequest
from backend_client.domain.planning import Circumstances, plan_refund
from backend_client.domain.policy import AllocationOrder, Policy
from backend_client.domain.refund import Method
from tests.unit.builders import (
    NOW,
    booking,
    caller,
    circumstances,
    fee,
    payment,
    request,
    sample_booking,
    ticket,
)
from tests.unit.refusing import refused


def test_a_plan_says_what_it_was_made_from() -> None:
    of = replace(sample_booking(), version=7)
    plan = plan_refund(of, request(1, 2, 3), circumstances(of))
    assert (plan.booking_key, plan.booking_version, plan.currency) == (of.key, 7, "CHF")
    assert plan.policy_version == Policy().version
    assert plan.provider_environment == "practice"
    assert plan.lines[0] == PlannedLine(1, "Adult", 1000, "G 16", 1)
    assert plan.commit_key == ""


@pytest.mark.parametrize(
    ("reason", "parts", "missing"),
    [
        ("illness", (), ()),
        ("", (), ("reason",)),
        ("  ", (), ("reason",)),
        ("illness", (Part(Method.EXTERNAL),), ("reference",)),
        ("illness", (Part(Method.EXTERNAL, reference="  \x07"),), ("reference",)),
        ("illness", (Part(Method.EXTERNAL, reference="T-1"),), ()),
        ("illness", (Part(Method.GIFT_CARD),), ("reference",)),
        ("illness", (Part(Method.TRANSFER),), ()),
        (
            "",
            (Part(Method.EXTERNAL, 50, reference="x"), Part(Method.GIFT_CARD)),
            ("reason", "reference"),
        ),
    ],
)
def test_what_a_commit_still_needs(
    reason: str, parts: tuple[Part, ...], missing: tuple[str, ...]
) -> None:
    of = sample_booking()
    plan = plan_refund(of, request(1, reason=reason, parts=parts), circumstances(of))
    assert plan.missing == missing


def test_a_plan_without_a_reason_shows_everything_else() -> None:
    of = sample_booking()
    plan = plan_refund(of, RefundRequest(1, (1, 2, 3)), circumstances(of))
    assert plan.amount_minor == 1450
    assert plan.breach_fee_minor == 0


def test_texts_are_kept_inert() -> None:
    of = sample_booking()
    parts = [Part(Method.EXTERNAL, reference=" T\x00-1\n2 ")]
    asked = request(1, reason="\x1b[31mtoo [b]loud[/b]\u202e", parts=parts)
    plan = plan_refund(of, asked, circumstances(of))
    assert plan.request.reason == "too [b]loud[/b]"
    assert plan.legs[0].reference == "T-1 2"


@pytest.mark.parametrize(
    "number", ["4111111111111111", "4111-1111-1111-1111", "%B4111111111111111^D"]
)
def test_card_numbers_are_refused_in_every_text(number: str) -> None:
    of = sample_booking()
    for asked in (
        request(1, reason=f"card {number}"),
        request(1, parts=[Part(Method.EXTERNAL, reference=number)]),
        request(1, parts=[Part(Method.MATCHED, payment_key=number)]),
    ):
        with refused("full-card-number") as refusal:
            plan_refund(of, asked, circumstances(of))
        assert "1111" not in repr(refusal.value.details) + str(refusal.value)


def test_texts_too_long_to_keep_are_refused_not_cut() -> None:
    of = sample_booking()
    with refused("text-invalid") as refusal:
        plan_refund(of, request(1, reason="x" * 201), circumstances(of))
    assert refusal.value.details == {"field": "reason", "limit": 200}
    with refused("text-invalid"):
        parts = [Part(Method.EXTERNAL, reference="x" * 81)]
        plan_refund(of, request(1, parts=parts), circumstances(of))


def test_an_admin_plans_no_refunds() -> None:
    of = sample_booking()
    with refused("not-allowed"):
        plan_refund(of, request(1), circumstances(of, role=Role.ADMIN))


def test_a_limit_holds_for_cashiers_only() -> None:
    of = sample_booking()
    policy = Policy(currency="CHF", limit_minor=1449)
    above = plan_refund(of, request(1, 2, 3), circumstances(of, policy=policy))
    assert above.awaits_approval
    assert above.notices[-1] == Notice("needs-approval", amount_minor=1449)
    assert not above.unacknowledged, "who approves has the second look"
    supervisor = circumstances(of, policy=policy, role=Role.SUPERVISOR)
    at_limit = circumstances(of, policy=Policy(currency="CHF", limit_minor=1450))
    retained = request(1, 2, 3, retained=1)
    for at_once in (
        plan_refund(of, request(1, 2, 3), supervisor),
        plan_refund(of, request(1, 2, 3), at_limit),
        plan_refund(of, retained, circumstances(of, policy=policy)),
    ):
        assert not at_once.awaits_approval
        assert not at_once.notices


def test_what_it_waits_for_is_part_of_the_fingerprint() -> None:
    of = sample_booking()
    policy = Policy(currency="CHF", limit_minor=1449, shift_limit_minor=9999)
    plain = circumstances(of, policy=policy)
    prints = {
        plan_refund(of, request(1, 2, 3), one).fingerprint
        for one in (
            plain,
            replace(plain, caller=caller(Role.SUPERVISOR)),
            replace(plain, policy=replace(policy, limit_minor=1448)),
            replace(plain, policy=replace(policy, limit_minor=None), given_today_minor=9999),
        )
    }
    assert len(prints) == 4
    later = replace(plain, given_today_minor=1)
    assert plan_refund(of, request(1, 2, 3), later).fingerprint in prints


def test_yen_and_dinars_are_whole_minor_units_too() -> None:
    for currency, shown in (("JPY", "1450 JPY"), ("KWD", "1.450 KWD")):
        of = replace(sample_booking(), currency=currency)
        assert plan_refund(of, request(1, 2, 3), circumstances(of)).amount_minor == 1450
        with refused("retained-too-much") as refusal:
            plan_refund(of, request(1, 2, 3, retained=2000), circumstances(of))
        assert refusal.value.details["value"] == shown


def plain() -> tuple[RefundRequest, Circumstances]:
    return request(1, 2, 3), circumstances(sample_booking())


def fingerprint(asked: RefundRequest, given: Circumstances) -> str:
    return plan_refund(sample_booking(), asked, given).fingerprint


def test_a_fingerprint_is_stable() -> None:
    asked, given = plain()
    first = fingerprint(asked, given)
    assert len(first) == 32
    assert first == fingerprint(replace(asked, sequences=(3, 1, 2)), given)
    assert first == fingerprint(asked, replace(given, now=NOW + timedelta(hours=1)))
    assert first == fingerprint(asked, replace(given, caller=caller(operator="B. Keller")))
    assert first == fingerprint(asked, replace(given, caller=caller(Role.SUPERVISOR)))


def test_a_reference_typed_after_the_preview_leaves_the_fingerprint() -> None:
    _, given = plain()
    parts = [Part(Method.EXTERNAL, 700), Part(Method.EXTERNAL)]
    named = [replace(part, reference=f"T-{number}") for number, part in enumerate(parts)]
    assert fingerprint(request(1, 2, 3, parts=parts), given) == fingerprint(
        request(1, 2, 3, parts=named), given
    )


def test_a_proposal_and_the_same_by_hand_have_one_fingerprint() -> None:
    asked, given = plain()
    by_hand = replace(asked, parts=(Part(Method.MATCHED, 1450, "P-1"),))
    assert fingerprint(asked, given) == fingerprint(by_hand, given)


@pytest.mark.parametrize(
    "change",
    [
        {"sequences": (1, 2)},
        {"sequences": (3,)},
        {"reason": "illness"},
        {"retained_minor": 1},
        {"parts": (Part(Method.REQUESTED),)},
        {"parts": (Part(Method.REQUESTED, 50), Part(Method.MATCHED))},
        {"acknowledged": frozenset({"fee-stranded"})},
    ],
)
def test_a_fingerprint_changes_with_the_request(change: dict[str, object]) -> None:
    asked, given = plain()
    assert fingerprint(asked, given) != fingerprint(replace(asked, **change), given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        {"policy": Policy(allocation_order=AllocationOrder.CARDS_FIRST)},
        {"policy": Policy(limit_minor=99999)},
        {"provider_of": {}},
        {"provider_of": {1: "another"}},
        {"provider_environment": "test"},
    ],
)
def test_a_fingerprint_changes_with_the_circumstances(change: dict[str, object]) -> None:
    asked, given = plain()
    assert fingerprint(asked, given) != fingerprint(asked, replace(given, **change))  # type: ignore[arg-type]


def test_a_fingerprint_changes_with_the_booking() -> None:
    of = sample_booking()
    asked, given = plain()
    seen = {fingerprint(asked, given)}
    changed = [
        replace(of, version=2),
        replace(of, currency="EUR"),
        replace(of, key=replace(of.key, site="0002")),
        replace(of, key=replace(of.key, transaction_id="3680")),
        replace(of, lines=(*of.lines, ticket(4, 0))),
        replace(of, payments=(payment(1, 1450, payer=None),)),
    ]
    for other in changed:
        seen.add(plan_refund(other, asked, given).fingerprint)
    assert len(seen) == 1 + len(changed)


def test_a_fingerprint_changes_when_the_clock_changes_a_verdict() -> None:
    began = replace(ticket(1, 0).performance, starts_at=NOW + timedelta(minutes=1))  # type: ignore[type-var]
    of = booking([ticket(1, 500, performance=began), ticket(2, 500)])
    given = circumstances(of)
    before = plan_refund(of, request(2), given).fingerprint
    after = plan_refund(of, request(2), replace(given, now=NOW + timedelta(minutes=2))).fingerprint
    assert before != after


def test_a_broken_group_and_a_stranded_fee_are_both_shown() -> None:
    of = booking(
        [
            ticket(1, 500, groups=["P"], state=LineState.CANCELLED),
            ticket(2, 500, groups=["P"]),
            fee(3, 100, parent=2),
            fee(4, 20, kind=FeeKind.INSURANCE),
        ],
        [payment(1, 1120, PaymentMethod.CARD, prior=500)],
    )
    given = circumstances(of, role=Role.SUPERVISOR)
    plan = plan_refund(of, request(2), given)
    assert [(one.code, one.sequences, one.amount_minor) for one in plan.unacknowledged] == [
        ("group-broken", (1,), 0),
        ("fee-stranded", (3, 4), 120),
    ]
    one_seen = plan_refund(of, request(2, acknowledged=["group-broken"]), given)
    assert [one.code for one in one_seen.unacknowledged] == ["fee-stranded"]
