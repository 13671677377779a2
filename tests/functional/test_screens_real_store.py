"""The window on the real store: the practice venue with every awkward booking it has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.events import Paste

from backend_client.domain.plan import RefundRequest
from backend_client.domain.refund import RefundStatus
from tests.functional.real_venue import CASHIER, OTHER, opened, windows_on
from tests.functional.window import Cashier, cashier
from tui.app import TicketWindowApp
from tui.dialogs.plan_changed import PlanChangedDialog
from tui.dialogs.problem import ProblemDialog
from tui.screens.booking import BookingScreen
from tui.screens.lookup import LookupScreen
from tui.screens.method import MethodScreen
from tui.screens.open_refunds import OpenRefundsScreen
from tui.screens.outcome import OutcomeScreen
from tui.widgets.frame_lines import Level


@pytest.fixture
def app(venue: Path) -> Iterator[TicketWindowApp]:
    with windows_on(venue) as open_as:
        yield open_as(CASHIER)


async def previewed(person: Cashier, reference: str) -> MethodScreen:
    await person.open(reference)
    await person.press("asterisk")
    return await person.preview()


async def committed(person: Cashier) -> OutcomeScreen:
    await person.press("f9")
    await person.until(lambda: isinstance(person.app.frame, OutcomeScreen), "the outcome")
    screen = person.app.frame
    assert isinstance(screen, OutcomeScreen)
    return screen


async def test_money_goes_back_and_the_booking_tells_it(app: TicketWindowApp) -> None:
    async with cashier(app) as person:
        await previewed(person, "WPM8TS9")
        assert person.sees("14.50 CHF goes to VISA •••• 1111")
        outcome = await committed(person)
        assert outcome.outcome is not None
        assert outcome.outcome.refund.status is RefundStatus.DONE
        number = outcome.number
        await person.press("escape")
        await person.settled()
        assert person.sees("WPM8TS9")
        await person.open("WPM8TS9")
        assert person.sees(f"({number})")
        assert person.sees("Can go back 0.00")


@pytest.mark.parametrize(
    ("reference", "status", "said"),
    [
        ("DEADCRD", RefundStatus.DECLINED, "declined"),
        ("SLOWCRD", RefundStatus.ON_ITS_WAY, "on its way"),
    ],
)
async def test_what_the_provider_did_is_what_the_window_says(
    app: TicketWindowApp, reference: str, status: RefundStatus, said: str
) -> None:
    async with cashier(app) as person:
        await previewed(person, reference)
        outcome = await committed(person)
        assert outcome.outcome is not None
        assert outcome.outcome.refund.status is status
        assert said in person.status
        await person.press("f7")
        assert isinstance(app.frame, OpenRefundsScreen)
        await person.until(lambda: person.sees(reference), "it is listed as open")
        await person.press("end", "enter")
        await person.settled()
        await person.press("f3")
        await person.until(lambda: isinstance(app.frame, BookingScreen), "its booking opens")


async def test_a_lost_answer_is_looked_up_and_found(app: TicketWindowApp) -> None:
    async with cashier(app) as person:
        await previewed(person, "LOSTANS")
        outcome = await committed(person)
        assert outcome.outcome is not None
        assert outcome.outcome.refund.status is RefundStatus.DONE


async def test_another_window_was_faster(app: TicketWindowApp, venue: Path) -> None:
    async with cashier(app) as person:
        await previewed(person, "MIXCARD")
        faster = opened(venue, "faster")
        try:
            view = faster.booking(OTHER, "MIXCARD")
            request = RefundRequest(view.booking.id, (1,), "goodwill")
            faster.execute_refund(OTHER, faster.preview_refund(OTHER, request))
        finally:
            faster.close()
        await person.press("f9")
        await person.until(
            lambda: isinstance(app.screen, ProblemDialog | PlanChangedDialog), "it is told"
        )
        await person.press("escape")
        assert not isinstance(app.frame, OutcomeScreen)
        await person.press("f2")
        await person.open("MIXCARD")
        assert person.sees("B. Keller")


AWKWARD = (
    "0012345",
    "AMBIG2X",
    "ANONYM1",
    "ARABIC1",
    "BROKEN1",
    "CANCELD",
    "COLLECT",
    "DINAR01",
    "EMOJI01",
    "FAMPACK",
    "INSTALM",
    "LONGNAM",
    "MARKUP1",
    "ONLYFEE",
    "OVERLAP",
    "PAYERS3",
    "POSGONE",
    "REWARD0",
    "SCHOOL1",
    "SEASON1",
    "UNSETTL",
    "WQA7AAB",
    "YEN0001",
)


async def test_awkward_bookings_open_and_preview_or_say_why(app: TicketWindowApp) -> None:
    async with cashier(app) as person:
        for reference in AWKWARD:
            await person.press("f2")
            screen = await person.open(reference)
            assert screen.view is not None
            assert reference in person.text.splitlines()[0]
            await person.press("asterisk", "a", "f5")
            await person.settled()
            if isinstance(app.frame, MethodScreen) and app.frame.shown:
                assert person.sees("Nothing has been sent yet."), person.text
            else:
                assert app.frame.said.level is Level.REFUSED
            app.drafts.clear()


async def test_the_refund_number_finds_the_booking(app: TicketWindowApp) -> None:
    async with cashier(app) as person:
        await previewed(person, "WPM8TS9")
        outcome = await committed(person)
        await person.press("f2")
        await person.type(outcome.number)
        person.send("enter")
        await person.until(lambda: isinstance(app.frame, BookingScreen), "the booking opens")


async def test_the_receipt_is_saved_as_a_file(
    app: TicketWindowApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with cashier(app) as person:
        await previewed(person, "WPM8TS9")
        outcome = await committed(person)
        await person.press("ctrl+e")
        await person.until(lambda: "saved as" in person.status, "the receipt is saved")
        text = (tmp_path / f"receipt-{outcome.number}.txt").read_text(encoding="utf-8")
        assert f"REFUND {outcome.number}" in text
        await person.press("ctrl+k")
        assert app.clipboard == outcome.number


async def test_a_receipt_that_cannot_be_saved_says_so_and_nothing_of_money(
    app: TicketWindowApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with cashier(app) as person:
        await previewed(person, "WPM8TS9")
        outcome = await committed(person)
        (tmp_path / f"receipt-{outcome.number}.txt").mkdir()
        monkeypatch.chdir(tmp_path)
        await person.press("ctrl+e")
        await person.settled()
        assert app.frame.said.level is Level.REFUSED
        assert "could not be written" in person.status
        assert not isinstance(app.screen, ProblemDialog)


async def test_the_lookup_is_where_everything_starts(app: TicketWindowApp) -> None:
    async with cashier(app) as person:
        assert isinstance(app.frame, LookupScreen)
        await person.type("davis")
        await person.until(lambda: person.sees("Davis"), "results")


async def test_a_pasted_card_number_is_refused_like_a_typed_one(app: TicketWindowApp) -> None:
    async with cashier(app) as person:
        app.post_message(Paste("4111 1111 1111 1111"))
        await person.until(lambda: app.home.said.level is Level.REFUSED, "the refusal")
        assert not person.sees("1111 1111")
        assert app.home.box.value == ""


async def test_short_names_leave_their_room_to_the_performance(app: TicketWindowApp) -> None:
    async with cashier(app) as person:
        await person.open("FAMPACK")
        assert person.sees("Adult          Le nozze di Figa… · 03 Dec 20:00 · C 1"), person.text
