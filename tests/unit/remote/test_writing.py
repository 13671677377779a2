"""The body of a refund call equals the document's samples, and can say nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from backend_client.domain.connect_intent import IntentLeg
from backend_client.domain.legs import RefundedLine
from backend_client.domain.refund import Method
from backend_client.remote.writing import (
    ExternalPayment,
    MatchedPayment,
    RefundBody,
    UnmatchedPayment,
    refund_body,
)
from tests.wishes import wish

SAMPLES = Path(__file__).parents[2] / "fixtures" / "connect"


def sample(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    return found


def leg(method: Method, amount: int, **more: Any) -> IntentLeg:
    return IntentLeg(0, 1, method, amount, **more)


def said(lines: tuple[int, ...], *legs: IntentLeg, **gift_card: str) -> bytes:
    """The body of a call for these lines and payments."""
    meant = wish(legs=legs)
    named = tuple(RefundedLine(line, "Adult", 0) for line in lines)
    return refund_body(replace(meant, lines=named), **gift_card)


MATCHED = leg(Method.MATCHED, 1450, payment_key="OPH-29299")
EXTERNAL = leg(
    Method.EXTERNAL, 1350, masked_number="412403....5226", card_type="VISA", reference="T-1"
)


def test_a_partial_external_refund_is_the_sample() -> None:
    body = said((2, 1), EXTERNAL)
    assert json.loads(body) == sample("refund-partial-external")


def test_a_full_matched_refund_is_the_sample_with_its_lines_named() -> None:
    body = said((1, 2, 3), MATCHED)
    assert json.loads(body) == {
        "sequencesToRefund": [1, 2, 3],
        **sample("refund-full-matched"),
    }


def test_a_mixed_refund_is_the_sample_with_its_lines_named() -> None:
    external = leg(
        Method.EXTERNAL, 200, masked_number="412403....5226", card_type="VISA", reference="T-1"
    )
    gift_card = leg(Method.UNMATCHED, 800)
    body = said((1,), gift_card, external, card_number="035464666587", card_type="SVS")
    assert json.loads(body) == {"sequencesToRefund": [1], **sample("refund-mixed")}
    assert list(json.loads(body))[1:] == list(sample("refund-mixed"))


def test_an_external_refund_has_the_expiry_in_two_fields_and_never_a_security_code() -> None:
    """The document's own sample shows `cardCVC`; it is the one field left out."""
    known = leg(
        Method.EXTERNAL,
        1450,
        masked_number="411111••••••1111",
        card_type="VISA",
        card_expiry="2023-05",
    )
    (one,) = json.loads(said((1,), known))["externalPaymentDetails"]
    assert one == {
        "amountInCents": 1450,
        "cardNumberMasked": "411111......1111",
        "cardExpiryMonth": "05",
        "cardExpiryYear": "23",
        "cardType": "VISA",
    }
    with pytest.raises(ValidationError):
        ExternalPayment(amount_in_cents=1, cardCVC="123")  # type: ignore[call-arg]


def test_an_external_refund_may_name_nothing_but_its_amount() -> None:
    body = json.loads(said((1,), leg(Method.EXTERNAL, 5, reference="R")))
    assert body["externalPaymentDetails"] == [{"amountInCents": 5}]


@pytest.mark.parametrize("sequences", [(), (1, 1), (0,), (-1,)])
def test_lines_are_always_named_and_once(sequences: tuple[int, ...]) -> None:
    """A list left out means the whole booking; an empty one nobody knows."""
    with pytest.raises(ValidationError):
        said(sequences, MATCHED)


@pytest.mark.parametrize("amount", [0, -1, 1.5, "1450", True, 2**60])
def test_amounts_are_whole_cents_above_zero(amount: Any) -> None:
    with pytest.raises(ValidationError):
        MatchedPayment(amount_in_cents=amount, payment_id="OPH-1")


def test_no_payment_card_is_ever_sent_and_no_number_is_shown() -> None:
    for number in ("4111111111111111", "4111 1111 1111 1111"):
        with pytest.raises(ValidationError) as caught:
            UnmatchedPayment(amount_in_cents=1, card_number=number, card_type="SVS")
        assert "4111" not in str(caught.value)
        with pytest.raises(ValidationError):
            ExternalPayment(amount_in_cents=1, card_number_masked=number)
    shown = repr(UnmatchedPayment(amount_in_cents=1, card_number="035464666587", card_type="SVS"))
    assert "035464666587" not in shown


def test_what_is_in_no_sample_cannot_be_said() -> None:
    with pytest.raises(ValidationError):
        RefundBody.model_validate({"sequencesToRefund": (1,), "refundReason": "illness"})


def test_the_samples_themselves_are_understood() -> None:
    for name in ("refund-partial-external", "refund-mixed", "refund-full-matched"):
        body = {"sequencesToRefund": [1], **sample(name)}
        assert RefundBody.model_validate_json(json.dumps(body))


def test_a_card_by_its_number_cannot_be_said() -> None:
    """The sample of an unmatched card refund has no place here: it is not recommended either."""
    card = {
        "amountInCents": 1450,
        "cardNumber": "4111111111111111",
        "cardCVC": "123",
        "cardType": "VISA",
    }
    with pytest.raises(ValidationError) as caught:
        RefundBody.model_validate_json(
            json.dumps({"sequencesToRefund": [1], "unmatchedPaymentDetails": [card]})
        )
    assert "4111" not in str(caught.value)
