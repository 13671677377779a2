"""The native format: strict, complete, and clear about what is wrong."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from backend_client.domain.kinds import LineState, PaymentMethod
from backend_client.importing.native import booking_schema
from tests.unit.importing.files import all_of, native, written
from tests.unit.refusing import refused


def one(folder: Path, document: dict[str, Any]) -> Any:
    (booking,) = all_of(written(folder, document))
    return booking


def test_a_small_booking_is_understood(tmp_path: Path) -> None:
    booking = one(tmp_path, native())
    assert booking.key == ("0007", "WPNAT01", "77")
    assert booking.currency == "CHF"
    assert booking.defaulted == {"site", "currency"}
    assert booking.performances[0].starts_at == datetime(2025, 11, 22, 19, 0, tzinfo=UTC)
    assert [line.value_minor for line in booking.lines] == [1000, 100]
    assert booking.payments[0].settled_minor == 1100
    assert booking.payments[0].payer == "C1"


def test_a_value_left_out_is_the_price_and_null_is_unknown(tmp_path: Path) -> None:
    booking = one(tmp_path, native(("lines.0.value_minor", None), ("lines.1.value_minor", 0)))
    assert [line.value_minor for line in booking.lines] == [None, 0]


def test_a_payer_left_out_is_the_contact_and_null_is_anonymous(tmp_path: Path) -> None:
    booking = one(
        tmp_path,
        native(
            ("payments.0.payer", None),
            payers=[{"key": "C2", "name": "Joan"}],
        ),
    )
    assert booking.payments[0].payer == ""
    assert [contact.key for contact in booking.contacts] == ["C1", "C2"]


def test_everything_the_domain_knows_can_be_said(tmp_path: Path) -> None:
    full = native(
        ("lines.0.state", "resold"),
        ("lines.0.groups", ["package-1", "3 for 2"]),
        ("lines.0.product", "SEASON"),
        ("lines.0.contingent", "SALE"),
        ("lines.0.category", "A"),
        ("lines.0.tariff", "0001"),
        ("lines.0.collected", True),
        ("lines.0.collected_at", "2025-11-22T18:12:00Z"),
        ("payments.0.settled_minor", 1050),
        ("payments.0.prior_refunded_minor", 10),
        ("payments.0.masked_number", "411111......1111"),
        ("payments.0.card_expiry", "202012"),
        ("payments.0.reversal_data", "PP-1"),
        ("payments.0.refund_method", "PaymentPlus"),
        site="0001",
        currency="EUR",
        channel="resale",
        number="0042",
        sold_at="2025-11-18T11:02:00+01:00",
        total_minor=1100,
        resale_claims=[{"sequence": 1, "amount_minor": 900, "claimed_at": "2025-11-20T08:00:00Z"}],
    )
    booking = one(tmp_path, full)
    assert booking.defaulted == frozenset()
    line, payment, claim = booking.lines[0], booking.payments[0], booking.claims[0]
    assert (line.state, line.groups) == (LineState.RESOLD, ("package-1", "3 for 2"))
    assert line.collected_at == datetime(2025, 11, 22, 18, 12, tzinfo=UTC)
    assert (payment.method, payment.settled_minor) == (PaymentMethod.CARD, 1050)
    assert (payment.masked_number, payment.card_expiry) == ("411111••••••1111", "2020-12")
    assert booking.prior_refunded_minor == 10
    assert (claim.amount_minor, claim.payer) == (900, "C1")


def test_names_are_made_inert_and_are_never_markup(tmp_path: Path) -> None:
    name = "\x1b[31m[bold]Anna[/]\u202e\x00 Davis\n" + "x" * 9_000
    booking = one(tmp_path, native(("contact.name", name)))
    assert booking.contact.name.startswith("[bold]Anna[/] Davis xxx")
    assert len(booking.contact.name) == 200


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ([("lines.0.price_minor", 12.5)], "lines[0].price_minor"),
        ([("lines.0.price_minor", "1000")], "lines[0].price_minor"),
        ([("lines.0.price_minor", -1)], "lines[0].price_minor"),
        ([("lines.0.price_minor", 2**53 + 1)], "lines[0].price_minor"),
        ([("lines.0.price_minor", float("nan"))], "lines[0].price_minor"),
        ([("lines.0.price_minor", 1e3)], "lines[0].price_minor"),
        ([("lines.0.price_minor", "١٠")], "lines[0].price_minor"),
        ([("lines.0.price_minor", True)], "lines[0].price_minor"),
        ([("lines.0.price_minor", ...)], "lines[0].price_minor"),
        ([("lines.0.kind", "seat")], "lines[0].kind"),
        ([("lines.0.colour", "red")], "lines[0].colour"),
        ([("colour", "red")], "colour"),
        ([("lines", [])], "lines"),
        ([("lines", "none")], "lines"),
        ([("contact", 7)], "contact"),
        ([("booking_id", " X")], "booking_id"),
        ([("booking_id", "X\u202eY")], "booking_id"),
        ([("booking_id", "")], "booking_id"),
        ([("booking_id", "X" * 65)], "booking_id"),
        ([("currency", "EURO")], "currency"),
        ([("currency", "XQQ")], "currency"),
        ([("is_paid", "yes")], "is_paid"),
        ([("sold_at", "2025-11-22T20:00:00")], "sold_at"),
        ([("sold_at", "yesterday")], "sold_at"),
        ([("lines.0.collected_at", "9999-12-31T23:59:59-12:00")], "lines[0].collected_at"),
        ([("contact.name", "x" * 10_241)], "contact.name"),
        ([("lines.1.sequence", 1)], "lines[1].sequence"),
        ([("lines.1.fee_kind", ...)], "lines[1].fee_kind"),
        ([("lines.0.fee_kind", "charge")], "lines[0].fee_kind"),
        ([("lines.1.parent_sequence", 9)], "lines[1].parent_sequence"),
        ([("lines.1.parent_sequence", 2)], "lines[1].parent_sequence"),
        ([("lines.0.performance", "P9")], "lines[0].performance"),
        ([("lines.0.groups", ["a", "a"])], "lines[0].groups"),
        ([("lines.0.collected_at", "2025-11-22T18:12:00Z")], "lines[0].collected_at"),
        ([("performances", [{"key": "P1", "event": "A"}] * 2)], "performances[1].key"),
        ([("payments.0.settled_minor", 1101)], "payments[0].settled_minor"),
        ([("payments.0.prior_refunded_minor", 1101)], "payments[0].prior_refunded_minor"),
        ([("payments.0.payer", "C9")], "payments[0].payer"),
        ([("is_paid", False), ("payments.0.settled_minor", 1)], "payments[0].settled_minor"),
        ([("payments.0.prior_refunded_minor", 5), ("prior_refunded_minor", 4)],
         "prior_refunded_minor"),
        ([("payers", [{"key": "C1", "name": "Bette"}])], "payers"),
        ([("payers", [{"key": "C2", "name": "Joan"}] * 2)], "payers[1].key"),
        ([("total_minor", 1101)], "total_minor"),
        ([("resale_claims", [{"sequence": 1, "amount_minor": 5,
                              "claimed_at": "2025-11-22T18:12:00Z"}])],
         "resale_claims[0].sequence"),
        ([("lines.0.state", "resold"),
          ("resale_claims", [{"sequence": 1, "amount_minor": 1101,
                              "claimed_at": "2025-11-22T18:12:00Z"}])],
         "resale_claims"),
        ([("lines.0.state", "resold"),
          ("resale_claims", [{"sequence": 1, "amount_minor": 5, "payer": "C7",
                              "claimed_at": "2025-11-22T18:12:00Z"}])],
         "resale_claims[0].payer"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_line_and_field(
    tmp_path: Path, changes: list[tuple[str, Any]], field: str
) -> None:
    path = written(tmp_path, native(booking_id="FIRST01"), native(*changes))
    with refused("import-refused") as caught:
        all_of(path)
    assert caught.value.details["line"] == 2
    assert caught.value.details["field"] == field
    assert caught.value.details["reason"]


def test_two_payments_with_one_key_are_refused(tmp_path: Path) -> None:
    twice = [{"key": "P1", "method": "cash", "amount_minor": 550}] * 2
    with refused("import-refused") as caught:
        all_of(written(tmp_path, native(payments=twice)))
    assert caught.value.details["field"] == "payments[1].key"


def test_an_unpaid_booking_settles_nothing(tmp_path: Path) -> None:
    booking = one(tmp_path, native(is_paid=False))
    assert booking.payments[0].settled_minor == 0


def test_a_reservation_is_a_line_like_others(tmp_path: Path) -> None:
    booking = one(tmp_path, native(("lines.0.state", "reserved")))
    assert booking.lines[0].state is LineState.RESERVED


def test_the_schema_is_json_and_names_every_field() -> None:
    schema = booking_schema()
    assert json.loads(json.dumps(schema)) == schema
    assert schema["additionalProperties"] is False
    assert {"booking_id", "transaction_id", "lines"} <= set(schema["required"])
    line = schema["$defs"]["NativeLine"]
    assert line["additionalProperties"] is False
    assert "default" not in line["properties"]["value_minor"]
