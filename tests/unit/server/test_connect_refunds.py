"""Refund calls: once, to the unit, by what may be used; and what is said when a payment fails."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from backend_client.answers import RefundOutcome
from backend_client.domain.kinds import LineKind, PaymentMethod
from backend_client.domain.policy import Policy
from backend_client.domain.problems import Refused
from backend_client.domain.refund import LegState, RefundStatus
from backend_client.domain.scopes import Scope, ScopeWord
from backend_client.provider_settings import ProviderSettings
from backend_client.settings import Settings
from tests.unit.importing.answers import SAMPLE
from tests.unit.server.served import (
    CASHIER,
    HOUSE,
    TOKEN,
    KnownTokens,
    Served,
    fixture,
    paid_by,
    place,
    sample,
    serving,
)

FULL = fixture("refund-full-matched")
KEY = {"Idempotency-Key": "0123456789abcdef"}


def matched(amount: int, payment: str = "OPH-29299") -> dict[str, Any]:
    return {"matchedPaymentDetails": [{"amountInCents": amount, "paymentId": payment}]}


def external(amount: int, **more: Any) -> dict[str, Any]:
    return {"externalPaymentDetails": [{"amountInCents": amount, **more}]}


def sold(reference: str, booking_id: str = "AAA1111", seat: str = "17") -> dict[str, Any]:
    """Another booking like the sample; the practice provider acts by how the reference begins."""
    ticket = SAMPLE["Booking"]["Tickets"][0] | {"SeatNumber": seat}
    return sample(
        BookingId=booking_id,
        VistaTransactionId=7,
        Tickets=[ticket],
        Payments=[paid_by(reference, PaymentId="P-1")],
    )


def legs(served: Served, number: str = "R-10001") -> list[tuple[str, LegState]]:
    refund = served.backend.refund(CASHIER, number).refund
    return [(leg.method.value, leg.state) for leg in refund.legs]


REFUSED: list[tuple[str, dict[str, Any], int, str, int]] = [
    ("part of the money", matched(1449), 422, "amount-mismatch", 69),
    ("more than all", matched(1451), 422, "amount-mismatch", 69),
    ("no payment at all", {"sequencesToRefund": [1]}, 422, "amount-mismatch", 69),
    ("a payment nobody made", matched(1450, "OPH-1"), 422, "unknown-payment", 81),
    ("a line nobody bought", {"sequencesToRefund": [9], **matched(1450)}, 422, "unknown-line", 4),
    (
        "a payment card",
        fixture("refund-full-unmatched"),
        422,
        "payment-card-number",
        4,
    ),
    (
        "a payment card called stored value",
        {
            "unmatchedPaymentDetails": [
                {"amountInCents": 1450, "cardNumber": "4111111111111111", "cardType": "SVS"}
            ]
        },
        422,
        "payment-card-number",
        4,
    ),
    (
        "another card's number without the check sum",
        {
            "unmatchedPaymentDetails": [
                {"amountInCents": 1450, "cardNumber": "035464666587", "cardType": "VISA"}
            ]
        },
        422,
        "payment-card-number",
        4,
    ),
    (
        "stored value where none may be loaded",
        {
            "unmatchedPaymentDetails": [
                {"amountInCents": 1450, "cardNumber": "035464666587", "cardType": "SVS"}
            ]
        },
        403,
        "unmatched-disabled",
        45,
    ),
    (
        "a whole number as a mask",
        external(1450, cardNumberMasked="4111111111111111"),
        422,
        "full-card-number",
        4,
    ),
]


@pytest.mark.parametrize(
    ("what", "body", "status", "code", "number"), REFUSED, ids=[row[0] for row in REFUSED]
)
async def test_what_may_not_be_is_refused_and_nothing_is_done(
    served: Served, what: str, body: dict[str, Any], status: int, code: str, number: int
) -> None:
    before = await served.booking()
    answer = await served.refund(body)
    said = answer.json()
    assert (answer.status_code, said["code"], said["resultCode"]) == (status, code, number), what
    assert said["moneyMoved"] == "no"
    assert "4111111111111111" not in answer.text
    assert await served.booking() == before


async def test_absent_sequences_mean_all_that_is_left(served: Served) -> None:
    assert (await served.refund({"sequencesToRefund": [3], **matched(100)})).status_code == 200
    assert (await served.refund(matched(1450))).status_code == 422
    assert (await served.refund(matched(1350))).status_code == 200
    answer = await served.refund(matched(1450))
    assert (answer.status_code, answer.json()["resultCode"]) == (409, 49)


async def test_a_fee_may_be_left_behind_as_in_the_sample(served: Served) -> None:
    assert (await served.refund(fixture("refund-partial-external"))).status_code == 200
    answer = await served.refund({"sequencesToRefund": [3], **external(100)})
    assert (answer.status_code, answer.json()["code"]) == (422, "only-fees-left")


async def test_a_record_keeps_what_was_told_of_the_card(served: Served) -> None:
    card = {"cardNumberMasked": "412403....5226", "cardType": "VISA", "cardExpiryMonth": "05"}
    body = external(1450, **card, cardExpiryYear="23")
    assert (await served.refund(body | {"refundReason": "Ill"})).status_code == 200
    refund = served.backend.refund(CASHIER, "R-10001").refund
    assert (refund.reason, refund.legs[0].reference) == ("Ill", "VISA 412403....5226")
    assert refund.operator == TOKEN


async def test_a_record_without_a_card_names_the_call(served: Served) -> None:
    await served.refund(external(1450), correlationId="call-17")
    refund = served.backend.refund(CASHIER, "R-10001").refund
    assert refund.legs[0].reference == "call call-17"
    assert refund.reason == "Refund through Vista Connect"


async def test_stored_value_is_loaded_where_a_house_allows_it(tmp_path: Path) -> None:
    practice = ProviderSettings(
        "practice",
        "practice",
        payments=frozenset({""}),
        methods=frozenset({PaymentMethod.CARD}),
        unmatched=True,
        bank_references=True,
    )
    house = Settings(house=HOUSE, providers=(practice,))
    async with serving(tmp_path, house) as served:
        served.sell(
            sample(TotalValueCents=1000, Concessions=[], BookingFees=[], Payments=[paid_by("1")])
        )
        answer = await served.refund(fixture("refund-mixed"))
        assert answer.status_code == 200, answer.text
        assert legs(served) == [
            ("external", LegState.RECORDED),
            ("unmatched", LegState.SUCCEEDED),
        ] or legs(served) == [("unmatched", LegState.SUCCEEDED), ("external", LegState.RECORDED)]
        assert "035464666587" not in answer.text
        back = (await served.booking())["PaymentsRefunded"]
        assert sorted(one["BillingValueCents"] for one in back) == [200, 800]


async def test_a_first_payment_that_fails_leaves_everything_as_it_was(served: Served) -> None:
    served.sell(sold("dead-1"))
    before = await served.booking("AAA1111")
    answer = await served.refund(matched(1450, "P-1"), "AAA1111")
    said = answer.json()
    assert (answer.status_code, said["code"]) == (422, "first-payment-failed")
    assert (said["resultCode"], said["moneyMoved"]) == (12, "no")
    assert await served.booking("AAA1111") == before
    again = await served.refund(external(1450, cardType="VISA"), "AAA1111")
    assert again.status_code == 200


async def test_a_seat_sold_again_meanwhile_keeps_the_money_owed(served: Served) -> None:
    served.sell(sold("dead-1", seat="16"))
    answer = await served.refund(matched(1450, "P-1"), "AAA1111")
    said = answer.json()
    assert (answer.status_code, said["code"]) == (502, "payment-failed")
    assert said["details"]["owed_minor"] == 1450
    assert (await served.booking("AAA1111"))["CancelledStatus"] == "1"


async def test_what_could_not_be_sent_is_taken_back_too(served: Served) -> None:
    served.sell(sold("outage-1"))
    before = await served.booking("AAA1111")
    answer = await served.refund(matched(1450, "P-1"), "AAA1111")
    assert answer.json()["code"] == "first-payment-failed"
    assert await served.booking("AAA1111") == before
    assert legs(served) == [("matched", LegState.VOIDED)]


async def test_a_second_payment_that_fails_needs_a_person(served: Served) -> None:
    served.sell(sold("dead-1"))
    answer = await served.refund(external(450) | matched(1000, "P-1"), "AAA1111")
    said = answer.json()
    assert (answer.status_code, said["code"]) == (502, "second-payment-failed")
    assert (said["resultCode"], said["moneyMoved"], said["retry"]) == (24, "yes", "never")
    assert said["details"]["owed_minor"] == 1000
    assert said["details"]["payments"] == [
        {"kind": "matched", "paymentId": "P-1", "amountInCents": 1000, "state": "declined"},
        {"kind": "external", "amountInCents": 450, "state": "recorded"},
    ]
    booking = await served.booking("AAA1111")
    assert booking["CancelledStatus"] == "1"
    assert [one["BillingValueCents"] for one in booking["PaymentsRefunded"]] == [450]
    (owed,) = served.backend.open_refunds(CASHIER).legs
    assert owed.amount_minor == 1000


async def test_an_outcome_nobody_knows_is_waited_for_and_then_said(served: Served) -> None:
    served.sell(sold("gone-1"))
    answer = await served.refund(matched(1450, "P-1"), "AAA1111")
    said = answer.json()
    assert (answer.status_code, said["code"]) == (504, "outcome-unknown")
    assert said["moneyMoved"] == "unknown"
    (payment,) = said["details"]["payments"]
    assert (payment["paymentId"], payment["state"]) == ("P-1", "unknown")
    assert sum(served.waits) == 20
    assert (await served.booking("AAA1111"))["PaymentsRefunded"] == []


async def test_an_answer_that_comes_late_is_waited_for(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program sends it: the wait ends as soon as the outcome is known."""
    execute = served.backend.execute_refund

    def not_yet(*asked: Any) -> RefundOutcome:
        outcome = execute(*asked)
        legs = tuple(replace(leg, state=LegState.SENDING) for leg in outcome.refund.legs)
        return replace(outcome, refund=replace(outcome.refund, legs=legs))

    monkeypatch.setattr(served.backend, "execute_refund", not_yet)
    answer = await served.refund(FULL)
    assert answer.status_code == 200, answer.text
    assert answer.json()["payments"][0]["state"] == "succeeded"
    assert served.waits == [0.25]


async def test_a_refund_nobody_may_look_at_any_more_is_not_said_to_be_refused(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.sell(sold("gone-1"))

    def may_not(*asked: Any) -> RefundOutcome:
        raise Refused("not-in-scope", operator=TOKEN, what="refund")

    monkeypatch.setattr(served.backend, "refund", may_not)
    answer = await served.refund(matched(1450, "P-1"), "AAA1111")
    assert (answer.status_code, answer.json()["code"]) == (504, "outcome-unknown")


async def test_what_a_provider_accepted_is_on_its_way(served: Served) -> None:
    served.sell(sold("slow-1"))
    answer = await served.refund(matched(1450, "P-1"), "AAA1111")
    assert answer.status_code == 200
    assert answer.json()["payments"][0]["state"] == "accepted"


async def test_of_two_calls_for_one_booking_one_wins(served: Served) -> None:
    answers = await asyncio.gather(*(served.refund(FULL) for _ in range(6)))
    assert {one.json().get("code", "") for one in answers} == {"", "already-refunded"}
    assert TOKEN not in "".join(one.text for one in answers), "who was faster is for people"
    assert sorted(one.status_code for one in answers) == [200, 409, 409, 409, 409, 409]
    (back,) = (await served.booking())["PaymentsRefunded"]
    assert back["BillingValueCents"] == 1450


async def test_a_key_is_used_once(served: Served) -> None:
    first, second = await asyncio.gather(*(served.refund(FULL, **KEY) for _ in range(2)))
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    third = await served.refund(FULL, **{"idempotency-key": '"0123456789abcdef"'})
    assert third.status_code == 200
    assert third.headers["idempotency-replayed"] == "true"
    assert len((await served.booking())["PaymentsRefunded"]) == 1


@pytest.mark.parametrize(
    "other", [matched(1350), {"sequencesToRefund": [1], **FULL}, external(1450)]
)
async def test_a_key_is_good_for_one_refund(served: Served, other: dict[str, Any]) -> None:
    await served.refund(FULL, **KEY)
    answer = await served.refund(other, **KEY)
    assert (answer.status_code, answer.json()["code"]) == (422, "key-reused")


async def test_a_failed_call_is_told_again_under_its_key(served: Served) -> None:
    served.sell(sold("dead-1"))
    for _ in range(2):
        answer = await served.refund(matched(1450, "P-1"), "AAA1111", **KEY)
        assert answer.json()["code"] == "first-payment-failed"
    assert len(legs(served)) == 1


async def test_a_key_belongs_to_its_client(tmp_path: Path) -> None:
    clients = KnownTokens(dict.fromkeys(("one", "two"), Scope(frozenset(ScopeWord))))
    async with serving(tmp_path, clients=clients) as served:
        served.sell(sample())
        body = {"sequencesToRefund": [3], **matched(100)}
        first = await served.refund(body, connectApiToken="one", **KEY)
        second = await served.refund(body, connectApiToken="two", **KEY)
        assert (first.status_code, second.json()["code"]) == (200, "already-refunded")


async def test_a_wrong_key_is_refused(served: Served) -> None:
    for key in ("short", "0123456789abcdef!", "x" * 65):
        answer = await served.refund(FULL, **{"idempotency-key": key})
        assert (answer.status_code, answer.json()["code"]) == (400, "request-invalid")


async def test_a_booking_that_moved_since_it_was_read_is_not_refunded(served: Served) -> None:
    tag = (await served.client.get(place())).headers["etag"]
    answer = await served.refund({"sequencesToRefund": [3], **matched(100)}, **{"If-Match": tag})
    assert answer.status_code == 200
    answer = await served.refund(matched(1350), **{"If-Match": tag})
    assert (answer.status_code, answer.json()["code"]) == (412, "precondition-failed")
    assert (await served.refund(matched(1350), **{"If-Match": "*"})).status_code == 200


async def test_limits_and_scopes_are_those_of_the_backend(tmp_path: Path) -> None:
    words = frozenset({ScopeWord.REFUNDS_MATCHED})
    scopes = {
        "other site": Scope(words, sites=frozenset({"0009"})),
        "tickets": Scope(words, parts=frozenset({LineKind.TICKET})),
        "no records": Scope(words),
    }
    async with serving(tmp_path, clients=KnownTokens(scopes)) as served:
        served.sell(sample())
        for token, body in (
            ("other site", FULL),
            ("tickets", FULL),
            ("no records", external(1450)),
        ):
            answer = await served.refund(body, connectApiToken=token)
            assert (answer.status_code, answer.json()["resultCode"]) == (403, 79), token


async def test_above_a_token_s_limit_the_refund_waits_and_nothing_is_sent(tmp_path: Path) -> None:
    small = Scope(frozenset({ScopeWord.REFUNDS_MATCHED}), limit_minor=1449)
    async with serving(tmp_path, clients=KnownTokens({"small": small})) as served:
        served.sell(sample())
        answer = await served.refund(FULL, connectApiToken="small")
        said = answer.json()
        assert (answer.status_code, said["code"], said["moneyMoved"]) == (
            504,
            "awaits-approval",
            "no",
        )
        (payment,) = said["details"]["payments"]
        assert (payment["paymentId"], payment["state"]) == ("OPH-29299", "awaiting_approval")
        refund = served.backend.refund(CASHIER, "R-10001").refund
        assert refund.status is RefundStatus.AWAITING_APPROVAL
        assert refund.legs[0].attempts == ()


async def test_a_house_may_want_its_own_reasons(tmp_path: Path) -> None:
    settings = Settings(house=HOUSE, policy=Policy(currency="CHF", free_reasons=False))
    async with serving(tmp_path, settings) as served:
        served.sell(sample())
        answer = await served.refund(FULL)
        assert (answer.status_code, answer.json()["code"]) == (422, "reason-unknown")
        assert (await served.refund(FULL | {"refundReason": "illness"})).status_code == 200
