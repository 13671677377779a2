"""A refund above the limit at the window: what the cashier is told, and who lets it go, where."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from backend_client.domain.caller import Role
from backend_client.domain.pins import Pin
from backend_client.domain.plan import RefundRequest
from backend_client.domain.refund import RefundStatus
from tests.functional.few_keys import few_keys
from tests.functional.limited_venue import asked, opened, status_of, waiting, window_of
from tests.functional.real_venue import ADMIN, CASHIER, SUPERVISOR
from tests.functional.signing_in import sign_in
from tests.functional.window import cashier
from tui.dialogs.approver import ApproverDialog
from tui.screens.open_refunds import OpenRefundsScreen
from tui.screens.outcome import OutcomeScreen
from tui.screens.payment import PaymentScreen


async def test_the_cashier_hears_that_it_waits_and_what_to_say(venue: Path) -> None:
    with window_of(venue, CASHIER) as app:
        async with cashier(app) as person:
            screen = await waiting(person)
            assert status_of(screen) is RefundStatus.AWAITING_APPROVAL
            assert "awaits approval: 14.50 CHF" in person.status
            assert person.sees("14.50 CHF for VISA •••• 1111 must be approved first.")
            assert person.sees("Paid out once it")
            assert person.sees("◷ awaiting approval")
            await person.press("v")
            assert "Another supervisor than A. Rochat approves it" in person.status
            assert not app.dialog_open
            await person.press("escape")
            await person.settled()
            await person.open("WPM8TS9")
            assert person.sees("awaiting approval")


async def test_a_supervisor_at_their_own_window_finds_it_and_lets_it_go(venue: Path) -> None:
    with window_of(venue, CASHIER) as app:
        async with cashier(app) as person:
            number = (await waiting(person)).number
    with window_of(venue, SUPERVISOR) as app:
        async with cashier(app) as person:
            await person.press("f7")
            assert isinstance(app.frame, OpenRefundsScreen)
            await person.until(lambda: person.sees("1 CHF") or person.sees("14.50"), "the list")
            await person.settled()
            await person.press("right")
            await person.settled()
            assert person.sees("WPM8TS9")
            await person.press("enter")
            await person.until(lambda: isinstance(app.frame, PaymentScreen), "the payment")
            await person.settled()
            assert person.sees("V    Approve")
            await asked(person)
            assert person.sees(f"Approve refund {number}: 14.50 CHF")
            assert person.sees("Made by A. Rochat at desk 3")
            assert not person.sees("PIN")
            await person.press("enter")
            assert isinstance(app.screen, ApproverDialog), "Enter approves nothing"
            await person.press("f9")
            await person.until(lambda: "refunded" in person.status, "it is approved")


async def test_another_supervisor_approves_beside_the_cashier_who_stays(staffed: Path) -> None:
    """V, the PIN, F9; a letter more where another name is chosen."""
    with window_of(staffed, CASHIER) as app:
        async with cashier(app) as person:
            await sign_in(person)
            screen = await waiting(person)
            await asked(person)
            assert person.sees("› S. Chef")
            assert not person.sees("C. Admin")
            await person.press("b")
            assert person.sees("› T. Blanc")
            await person.type("7352")
            assert "7352" not in person.text
            await person.press("enter")
            assert status_of(screen) is RefundStatus.AWAITING_APPROVAL
            await person.press("f9")
            await person.until(lambda: status_of(screen) is RefundStatus.DONE, "it is approved")
            await person.settled()
            assert (app.caller.operator, app.caller.role) == ("A. Rochat", Role.CASHIER)
            assert not app.lock.locked
            await person.press("v")
            assert not app.dialog_open, "there is nothing left to approve"
    backend = opened(staffed, "looks")
    try:
        admin = backend.sign_in(ADMIN, Pin("481516"))
        log = [line for line in backend.audit_export(admin) if '"action": "approve"' in line]
    finally:
        backend.close()
    assert len(log) == 1
    assert "T. Blanc" in log[0]
    assert "A. Rochat" in log[0]


@pytest.mark.parametrize("keys", [("v", "2580", "f9"), ("v", "b", "7352", "f9")])
async def test_it_takes_few_keys_beside_the_pin(staffed: Path, keys: tuple[str, ...]) -> None:
    with window_of(staffed, CASHIER) as app:
        async with cashier(app) as person:
            await sign_in(person)
            screen = await waiting(person)
            await few_keys(person, *keys)
            await person.until(lambda: status_of(screen) is RefundStatus.DONE, "it is approved")


async def test_a_wrong_pin_approves_nothing_and_another_try_does(staffed: Path) -> None:
    with window_of(staffed, CASHIER) as app:
        async with cashier(app) as person:
            await sign_in(person)
            screen = await waiting(person)
            await asked(person)
            await person.type("0000")
            await person.press("f9")
            await person.until(lambda: person.sees("do not belong together"), "the refusal")
            await person.press("escape")
            await person.settled()
            assert status_of(screen) is RefundStatus.AWAITING_APPROVAL
            await asked(person)
            await person.type("2580")
            await person.press("f9")
            await person.until(lambda: status_of(screen) is RefundStatus.DONE, "it is approved")
            assert app.caller.operator == "A. Rochat"


async def test_a_supervisor_s_own_refund_waits_for_another(staffed: Path) -> None:
    with window_of(staffed, SUPERVISOR) as app:
        async with cashier(app) as person:
            await sign_in(person, "2580")
            await person.open("WPM8TS9")
            await person.press("asterisk")
            await person.preview()
            assert person.sees("it waits until another supervisor")
            await person.press("f9")
            await person.until(lambda: isinstance(app.frame, OutcomeScreen), "the outcome")
            await person.settled()
            await asked(person)
            assert person.sees("› T. Blanc")
            await person.press("down")
            assert person.sees("› T. Blanc"), "nobody else is there"
            await person.type("7352")
            await person.press("f9")
            await person.until(lambda: person.sees("✓ refunded"), "it is approved")


async def test_what_was_decided_meanwhile_is_said(venue: Path) -> None:
    from backend_client.domain.approval import approval_fingerprint

    backend = opened(venue, "beside")
    try:
        view = backend.booking(CASHIER, "WPM8TS9")
        lines = tuple(line.sequence for line in view.booking.lines)
        plan = backend.preview_refund(CASHIER, RefundRequest(view.booking.id, lines, "goodwill"))
        refund = backend.execute_refund(CASHIER, plan).refund
        with window_of(venue, SUPERVISOR) as app:
            async with cashier(app) as person:
                app.show_refund(refund.number)
                await person.settled()
                await asked(person)
                other = replace(SUPERVISOR, operator="T. Blanc")
                backend.approve_refund(other, refund.number, approval_fingerprint(refund))
                await person.press("f9")
                await person.until(lambda: person.sees("already-decided"), "the problem")
                assert person.sees("T. Blanc decided about")
                await person.press("escape")
                await person.press("f5")
                await person.settled()
                assert person.sees("✓ refunded")
    finally:
        backend.close()
