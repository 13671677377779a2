"""What is of Connect's own kind: what it can do, how bookings are found, what is not there."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend_client.backend import Backend
from backend_client.domain.mail import MailState
from backend_client.domain.plan import Part
from backend_client.domain.policy import DEFAULT_REASONS, Policy, Reason
from backend_client.domain.refund import LegState, Method, RefundStatus
from backend_client.domain.stored_value import StoredValueNumber
from backend_client.ports import RandomTokens
from backend_client.settings import House, Settings
from tests.cinema import Cinema, give_back
from tests.connect_offices import (
    MIXED_KINDS,
    ConnectOffice,
    connect_office,
    connect_settings,
    keep_token,
    killed_at_connect,
    opened,
    sound_office,
)
from tests.contract.offices import (
    CASHIER,
    SUPERVISOR,
    caller,
    card,
    cash,
    sale,
    ticket,
)
from tests.unit.refusing import refused
from tui.wiring import open_backend

office = sound_office()


def test_it_says_what_it_can_do_and_why_not_the_rest(office: ConnectOffice) -> None:
    able = office.backend.capabilities()
    assert able.methods == {Method.MATCHED, Method.EXTERNAL, Method.UNMATCHED}
    assert able.search_on_enter
    assert able.external_details
    assert not able.owns_seats
    assert not able.sends_mail
    assert able.unavailable["runs"] == "connect-no-runs"
    assert able.unavailable[Method.REQUESTED.value] == "connect-pays-at-once"
    assert able.unavailable[Method.CREDIT.value] == "connect-no-accounts"
    assert able.unavailable[Method.CASH.value] == "connect-records-external"
    missing = {method.value for method in Method if method not in able.methods}
    assert missing <= set(able.unavailable)


def test_a_kind_the_cinema_does_not_take_is_off_with_its_reason(tmp_path: Path) -> None:
    only = {"kinds": frozenset({Method.EXTERNAL})}
    with connect_office(tmp_path, None, None, (), **only) as office:
        able = office.backend.capabilities()
        assert able.methods == {Method.EXTERNAL}
        assert able.unavailable[Method.MATCHED.value] == "connect-kind-off"
        office.sell(sale())
        with refused("method-not-allowed"):
            office.plan(office.request(2, parts=(Part(Method.MATCHED),)))
        plan = office.plan(office.request(2))
        assert [leg.method for leg in plan.legs] == [Method.EXTERNAL]
        codes = {place.method: place.code for place in plan.destinations}
        assert codes[Method.MATCHED] == codes[Method.UNMATCHED] == "connect-kind-off"
        assert codes[Method.REQUESTED] == "connect-pays-at-once"


# ---------------------------------------------------------------- giving back


def test_cash_is_recorded_as_external_by_proposal(office: ConnectOffice) -> None:
    office.sell(sale((ticket(1), ticket(2)), (cash(1500), card(500))))
    plan = office.plan(office.request(1, 2, acknowledged=MIXED_KINDS))
    assert [(leg.method, leg.amount_minor) for leg in plan.legs] == [
        (Method.MATCHED, 500),
        (Method.EXTERNAL, 1500),
    ]
    assert plan.missing == ("reference",)


def test_a_gift_card_is_loaded_and_its_number_kept_nowhere(office: ConnectOffice) -> None:
    office.sell(sale())
    plan = office.plan(office.request(2, parts=(Part(Method.UNMATCHED),)))
    assert plan.missing == ("number",)
    with refused("number-required"):
        office.backend.execute_refund(CASHIER, plan)
    number = StoredValueNumber("035464666587")
    refund = office.backend.execute_refund(CASHIER, plan, number).refund
    assert refund.legs[0].state is LegState.SUCCEEDED
    assert office.cinema.refunds == [
        {
            "sequencesToRefund": [2],
            "unmatchedPaymentDetails": [
                {"amountInCents": 350, "cardNumber": "035464666587", "cardType": "SVS"}
            ],
        }
    ]
    kept = b"".join(path.read_bytes() for path in office.folder.glob("store.db*"))
    assert b"035464666587" not in kept
    assert "035464666587" not in repr(refund)


def test_an_external_payment_is_sent_as_the_document_shows_it(office: ConnectOffice) -> None:
    office.sell(sale())
    part = Part(
        Method.EXTERNAL,
        reference="slip 7",
        masked_number="412403....5226",
        card_type="VISA",
        card_expiry="05/26",
    )
    refund = office.refund(2, parts=(part,)).refund
    assert (refund.legs[0].state, refund.legs[0].reference) == (LegState.RECORDED, "slip 7")
    assert office.cinema.refunds[0]["externalPaymentDetails"] == [
        {
            "amountInCents": 350,
            "cardNumberMasked": "412403....5226",
            "cardExpiryMonth": "05",
            "cardExpiryYear": "26",
            "cardType": "VISA",
        }
    ]


def test_a_cinema_may_want_details_of_an_external_payment(tmp_path: Path) -> None:
    wants = {"external_fields": frozenset({"masked_number", "card_type"})}
    with connect_office(tmp_path, None, None, (), **wants) as office:
        office.sell(sale(payments=(cash(1450),)))
        bare = office.plan(office.request(2, parts=(Part(Method.EXTERNAL, reference="7"),)))
        assert bare.missing == ("masked_number", "card_type")
        with refused("external-detail-required"):
            office.backend.execute_refund(CASHIER, bare)
        part = Part(
            Method.EXTERNAL, reference="7", masked_number="412403....5226", card_type="VISA"
        )
        assert office.refund(2, parts=(part,)).refund.status is RefundStatus.DONE


def test_nothing_can_be_kept_back(tmp_path: Path) -> None:
    fee = Reason("moved", "Moved", breach_fee_minor=100)
    policy = Policy(reasons=(*DEFAULT_REASONS, fee))
    house = Settings(house=House(currency="CHF"), policy=policy)
    with connect_office(tmp_path, house) as office:
        office.sell(sale())
        for request in (
            replace(office.request(2), retained_minor=50),
            office.request(2, reason="moved"),
        ):
            with refused("connect-no-retention"):
                office.plan(request)


# ---------------------------------------------------------------- a crash, and other programs


def another(office: ConnectOffice) -> Backend:
    """A second window at the same store and cinema."""
    return opened(office.folder, office.settings, office.clock, RandomTokens())


def test_two_windows_give_a_line_back_once(office: ConnectOffice) -> None:
    office.sell(sale())
    other = another(office)
    try:
        theirs = replace(office.request(2), booking_id=other.booking(CASHIER, "WPM8TS9").booking.id)
        mine, plan = office.plan(office.request(2)), other.preview_refund(CASHIER, theirs)
        other.execute_refund(caller(operator="L. Favre", desk="7"), plan)
        with refused("being-refunded") as caught:
            office.backend.execute_refund(CASHIER, mine)
        assert "L. Favre" in caught.value.message
    finally:
        other.close()
    assert len(office.cinema.refunds) == 1


def test_a_refund_made_elsewhere_meanwhile_makes_the_plan_stale(office: ConnectOffice) -> None:
    office.sell(sale())
    plan = office.plan(office.request(2))
    give_back(office.cinema.bookings["0001", "WPM8TS9"], [3])
    with refused("plan-stale"):
        office.backend.execute_refund(CASHIER, plan)
    assert office.cinema.refunds == []


def test_a_program_that_ended_while_sending_leaves_a_call_that_is_looked_at(
    office: ConnectOffice,
) -> None:
    """As after a kill: the row says `sending`, and nobody makes the call any more."""
    office.sell(sale())

    plan = office.plan(office.request(2))
    with killed_at_connect():
        office.backend.execute_refund(CASHIER, plan)
    page = office.backend.open_refunds(CASHIER)
    assert [leg.state for leg in page.legs] == [LegState.SENDING]
    assert office.backend.recover(SUPERVISOR) == 1
    number = page.legs[0].refund_number
    assert office.backend.refund(CASHIER, number).refund.status is RefundStatus.DONE
    assert len(office.cinema.refunds) == 1


def test_there_is_no_mail_to_look_at(office: ConnectOffice) -> None:
    page = office.backend.outbox(SUPERVISOR)
    assert page.mails == ()
    assert page.totals.get(MailState.WAITING, 0) == 0


def test_without_its_token_it_is_not_opened(tmp_path: Path) -> None:
    settings = connect_settings("http://127.0.0.1:1")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_CONFIG_HOME", str(tmp_path))
        patched.delenv("CREDENTIALS_DIRECTORY", raising=False)
        with refused("secret-missing") as caught:
            open_backend(f"sqlite:///{tmp_path / 'store.db'}", settings, create=False)
        assert caught.value.details["name"] == "connect.practice.token"
        assert not (tmp_path / "store.db").exists()


def test_a_token_that_is_not_accepted_is_named_as_that(tmp_path: Path) -> None:
    cinema = Cinema()
    with connect_office(tmp_path, cinema=cinema) as office:
        office.sell(sale())
        cinema.token = "another"
        keep_token(tmp_path / "config")
        with refused("connect-forbidden") as caught:
            office.backend.lookup(CASHIER, "WPM8TS9")
        assert "token" in caught.value.message


def test_times_are_those_of_the_cinema(office: ConnectOffice) -> None:
    office.sell(sale())
    line = office.backend.booking(CASHIER, "WPM8TS9").booking.lines[0]
    assert line.performance is not None
    assert line.performance.starts_at == datetime(2026, 3, 22, 10, tzinfo=UTC)
