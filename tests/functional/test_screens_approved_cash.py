"""Cash above the limit at the window: the yes hands nothing over, who stands at the desk does."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend_client.domain.approval import approval_fingerprint
from backend_client.domain.legs import Leg
from backend_client.domain.refund import LegState, Method, RefundStatus
from tests.functional.few_keys import few_keys
from tests.functional.limited_venue import asked, opened, status_of, window_of
from tests.functional.real_venue import CASHIER, SUPERVISOR
from tests.functional.signing_in import sign_in
from tests.functional.window import Cashier, cashier
from tui.screens.dispatch import DispatchScreen
from tui.screens.hand_over import HandOverScreen
from tui.screens.hand_over_due import HandOverDueScreen
from tui.screens.open_refunds import OpenRefundsScreen
from tui.screens.outcome import OutcomeScreen
from tui.screens.payment import PaymentScreen


async def cash_waits(person: Cashier) -> OutcomeScreen:
    """The cashier commits what was paid in cash."""
    await person.open("CASHPAY")
    await person.press("asterisk")
    await person.preview()
    assert person.sees("is due in cash then: whoever hands it over ticks it off")
    await person.press("f9")
    await person.until(lambda: isinstance(person.app.frame, OutcomeScreen), "the outcome")
    await person.settled()
    screen = person.app.frame
    assert isinstance(screen, OutcomeScreen)
    assert {leg.method for leg in legs_of(screen)} == {Method.CASH}
    return screen


def legs_of(screen: OutcomeScreen) -> tuple[Leg, ...]:
    assert screen.outcome is not None
    return screen.outcome.refund.legs


async def test_approved_beside_the_cashier_it_is_handed_over_with_two_keys(staffed: Path) -> None:
    with window_of(staffed, CASHIER) as app:
        async with cashier(app) as person:
            await sign_in(person)
            screen = await cash_waits(person)
            await person.press("ctrl+d")
            assert "Nothing of this refund is due" in person.status
            await asked(person)
            await person.type("2580")
            await person.press("f9")
            await person.until(lambda: status_of(screen) is RefundStatus.DUE, "it is approved")
            await person.settled()
            assert "Hand over 30.00 CHF in cash, then tick it off with ^D." in person.status
            assert person.sees("Not handed over yet")
            assert person.sees("^D Tick off")
            await few_keys(person, "ctrl+d", "f9")
            await person.until(lambda: status_of(screen) is RefundStatus.DONE, "it is ticked off")
            await person.settled()
            assert app.frame is screen
            assert person.sees("✓ handed over")
            assert "is done" in person.status
            assert not person.sees("^D Tick off")


async def test_what_is_written_is_read_before(staffed: Path) -> None:
    """The sheet says it at once; a receipt's number is shown before it is written."""
    with window_of(staffed, CASHIER) as app:
        async with cashier(app) as person:
            await sign_in(person)
            screen = await cash_waits(person)
            await asked(person)
            await person.type("2580")
            await person.press("f9")
            await person.until(lambda: status_of(screen) is RefundStatus.DUE, "it is approved")
            await person.press("ctrl+d")
            await person.settled()
            assert isinstance(app.frame, HandOverScreen)
            assert person.sees("30.00 CHF in cash, out of desk 3")
            assert person.sees("Receipt number, if there is one"), "whole, in 80 columns"
            await person.type("K-17")
            await person.press("f9")
            assert "F5 first" in person.status
            await person.press("f5")
            await person.settled()
            assert person.sees("K-17.")
            await person.press("escape")
            await person.settled()
            assert isinstance(app.frame, OutcomeScreen)
            assert status_of(screen) is RefundStatus.DUE


async def test_approved_elsewhere_it_waits_for_whoever_is_at_the_desk(venue: Path) -> None:
    """A supervisor says yes in the list of their own window, on another floor."""
    with window_of(venue, CASHIER) as app:
        async with cashier(app) as person:
            number = (await cash_waits(person)).number
    with window_of(venue, SUPERVISOR) as app:
        async with cashier(app) as person:
            await person.press("f7")
            assert isinstance(app.frame, OpenRefundsScreen)
            await person.settled()
            await person.press("v")
            await person.settled()
            await asked(person)
            await person.press("f9")
            await person.until(lambda: f"Refund {number}: 30.00 CHF in cash" in person.status, "it")
    with window_of(venue, CASHIER) as app:
        async with cashier(app) as person:
            await person.press("f7")
            assert isinstance(app.frame, OpenRefundsScreen)
            app.frame.show_only("due")
            await person.settled()
            assert person.sees("○ due")
            await person.press("enter")
            await person.until(lambda: isinstance(app.frame, PaymentScreen), "the payment")
            await person.settled()
            await person.press("ctrl+d")
            await person.settled()
            await person.press("f9")
            await person.until(lambda: "handed over" in person.status, "it is ticked off")
    backend = opened(venue, "looks")
    try:
        (leg,) = backend.refund(CASHIER, number).refund.legs
    finally:
        backend.close()
    assert leg.state is LegState.RECORDED


async def test_read_again_it_says_what_is_to_be_done(venue: Path) -> None:
    with window_of(venue, CASHIER) as app:
        async with cashier(app) as person:
            screen = await cash_waits(person)
            assert screen.outcome is not None
            assert app.backend is not None
            seen = approval_fingerprint(screen.outcome.refund)
            app.backend.approve_refund(SUPERVISOR, screen.number, seen)
            await person.press("f5")
            await person.settled()
            assert "Hand over 30.00 CHF in cash, then tick it off with ^D." in person.status


@pytest.mark.parametrize(
    ("before", "said"),
    [(False, "written as handed over"), (True, "Nothing is handed over again")],
)
async def test_in_one_go_cash_is_written_only_where_it_is_chosen(
    venue: Path, before: bool, said: str
) -> None:
    """What a customer has to get into their hands is nobody's to tick off by the dozen, nor twice
    where the answer of the first time was lost."""
    with window_of(venue, CASHIER) as app:
        async with cashier(app) as person:
            number = (await cash_waits(person)).number
    with window_of(venue, SUPERVISOR) as app:
        async with cashier(app) as person:
            assert app.backend is not None
            held = app.backend.refund(SUPERVISOR, number).refund
            app.backend.approve_refund(SUPERVISOR, number, approval_fingerprint(held))
            await person.press("f6")
            await person.settled()
            await person.press("d")
            await person.until(lambda: isinstance(app.frame, DispatchScreen), "the form")
            await person.settled()
            await person.press("ctrl+d")
            await person.settled()
            assert isinstance(app.frame, HandOverDueScreen)
            await person.press("f5")
            await person.settled()
            assert "Nothing is chosen" in person.status
            assert person.sees(f"[ ] {number}.1")
            await person.press("f9")
            assert "F5 first" in person.status
            assert app.backend.refund(SUPERVISOR, number).refund.status is RefundStatus.DUE
            await person.press("down", "space", "f9")
            assert "F5 first" in person.status
            assert person.sees(f"[x] {number}.1")
            screen = app.frame
            await person.press("f5")
            await person.settled()
            if before:
                assert screen.plan is not None
                app.backend.execute_hand_over(app.caller, screen.plan)
            await person.press("f9")
            await person.until(lambda: said in person.status, "it is written")
            assert app.backend.refund(SUPERVISOR, number).refund.status is RefundStatus.DONE
