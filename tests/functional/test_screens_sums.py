"""Heading, payments and basket of a booking agree, on no more than came in and is left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from backend_client.domain.incoming import IncomingPayment
from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.policy import Policy
from backend_client.domain.refundability import can_go_back
from backend_client.settings import House, Settings
from tests.connect_offices import ConnectOffice, connect_office
from tests.contract.offices import CASHIER, card, sale, ticket
from tests.functional.real_venue import CASHIER as AT_THE_WINDOW
from tests.functional.real_venue import windows_on
from tests.functional.window import cashier, window
from tui.app import TicketWindowApp

ABROAD = IncomingPayment(
    "OUT-1", PaymentMethod.EXTERNAL, 1000, 1000, masked_number="468100......5478", card_type="VISA"
)


@pytest.fixture
def app(venue: Path) -> Iterator[TicketWindowApp]:
    with windows_on(venue) as open_as:
        yield open_as(AT_THE_WINDOW)


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        (
            "INSTALM",
            (
                "Paid 60.00   Given back 0.00   Can go back 60.00   owed 40.00",
                "still owed 40.00         60.00",
                "Off the debt 40.00   To give back  60.00 CHF",
            ),
        ),
        (
            "UNSETTL",
            (
                "Paid 0.00   Given back 0.00   Can go back 0.00   owed 80.00",
                "still owed 80.00          0.00",
                "Off the debt 80.00   To give back  0.00 CHF",
            ),
        ),
    ],
)
async def test_what_is_owed_is_not_among_what_can_go_back(
    app: TicketWindowApp, reference: str, said: tuple[str, ...]
) -> None:
    async with cashier(app) as person:
        await person.open(reference)
        await person.press("asterisk")
        for text in said:
            assert person.sees(text), person.text


@pytest.mark.parametrize(
    ("reference", "said"),
    [("INSTALM", "give back 60.00 CHF, 40.00 off the debt"), ("UNSETTL", "80.00 CHF off the debt")],
)
async def test_the_preview_is_headed_by_what_goes_out(
    app: TicketWindowApp, reference: str, said: str
) -> None:
    async with cashier(app) as person:
        await person.choose_all_and_preview(reference)
        assert person.text.startswith(f" {reference} · {said} ·")


async def test_one_of_two_instalments_first_makes_the_debt_smaller(app: TicketWindowApp) -> None:
    """50 of 100, of which 40 are owed."""
    async with cashier(app) as person:
        await person.open("INSTALM")
        await person.press("space")
        assert person.sees("Off the debt 40.00   To give back  10.00 CHF"), person.text


@pytest.mark.parametrize(
    ("reference", "said"),
    [("RESERVE", "Chosen 1 of 2 lines"), ("CASHPAY", "Chosen 1 of one line")],
)
async def test_how_many_lines_are_chosen_is_said_in_the_right_number(
    app: TicketWindowApp, reference: str, said: str
) -> None:
    async with cashier(app) as person:
        await person.open(reference)
        await person.press("asterisk")
        assert person.sees(said), person.text


async def test_several_baskets_are_told_as_several(app: TicketWindowApp) -> None:
    async with cashier(app) as person:
        for reference in ("CASHPAY", "TWOEVES"):
            await person.open(reference)
            await person.press("space", "f2")
        await person.open("CASHPAY")
        assert "basket is back" in person.status
        await person.press("f2")
        await person.open("MIXCARD")
        assert person.status.startswith("The baskets of CASHPAY, TWOEVES are kept: they are")


async def test_what_is_only_promised_is_not_said_to_be_given_back(app: TicketWindowApp) -> None:
    async with cashier(app) as person:
        await person.choose_all_and_preview("INSTALM")
        assert person.sees("60.00 CHF is promised and paid by the next dispatch.")
        assert person.status.startswith("F9 promises the money: the next dispatch pays it.")


# ---------------------------------------------------------------- at Connect


@pytest.fixture
def office(tmp_path: Path) -> Iterator[ConnectOffice]:
    with connect_office(
        tmp_path, Settings(house=House(currency="CHF"), policy=Policy(limit_minor=400))
    ) as made:
        yield made


def payment_row(text: str) -> str:
    rows = text.splitlines()
    head = next(place for place, row in enumerate(rows) if "paid · can go back" in row)
    return rows[head + 1].rstrip()


async def test_nothing_of_a_payment_can_go_back_while_nothing_of_its_booking_can(
    office: ConnectOffice,
) -> None:
    """A refund of another line waits for approval: until then no line goes."""
    office.sell(sale((ticket(1), ticket(2))))
    office.refund(1)
    async with cashier(window(office.backend)) as person:
        await person.open("WPM8TS9")
        assert person.sees("Can go back 0.00")
        assert payment_row(person.text).endswith("20.00          0.00"), person.text


async def test_a_payment_that_cannot_be_reversed_says_so(office: ConnectOffice) -> None:
    """Taken elsewhere, without what its reversal needs: only a record of a payment is possible."""
    office.sell(sale((ticket(1),), (ABROAD,)))
    view = office.backend.booking(CASHIER, "WPM8TS9")
    assert view.closed == {1: "payment-not-refundable"}
    assert can_go_back(view.booking, view.verdicts) == 1000
    async with cashier(window(office.backend)) as person:
        await person.open("WPM8TS9")
        row = payment_row(person.text)
        assert "VISA •••• 5478 · cannot be reversed here" in row
        assert row.endswith("10.00             –")


async def test_a_payment_that_can_be_reversed_shows_what_can_go_back(office: ConnectOffice) -> None:
    given = replace(ABROAD, reversal_data="data", refund_method="VISTA")
    office.sell(sale((ticket(1),), (given,)))
    office.sell(sale((ticket(1),), (card(1000),), booking_id="WPCARD1"))
    for reference in ("WPM8TS9", "WPCARD1"):
        assert office.backend.booking(CASHIER, reference).closed == {}
    async with cashier(window(office.backend)) as person:
        await person.open("WPCARD1")
        assert payment_row(person.text).endswith("10.00         10.00")
