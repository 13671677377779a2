"""Saying no to a refund that waits, working through the list of them, and what two say of one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from backend_client.answers import OpenLeg, RefundOutcome
from backend_client.domain.approval import approval_fingerprint
from backend_client.domain.caller import Caller
from backend_client.domain.plan import RefundRequest
from backend_client.domain.refund import LegState, RefundStatus
from tests.functional.limited_venue import asked, opened, status_of, waiting, window_of
from tests.functional.open_payments import listed
from tests.functional.real_venue import CASHIER, SUPERVISOR
from tests.functional.window import Cashier, cashier
from tests.unit.refusing import refused
from tui.deciding import turn_down
from tui.dialogs.reason import ReasonDialog
from tui.screens.open_refunds import OpenRefundsScreen
from tui.screens.outcome import OutcomeScreen

OTHER = replace(SUPERVISOR, operator="T. Blanc")


def given(folder: Path, *references: str, by: Caller = CASHIER) -> list[RefundOutcome]:
    """Refunds above the limit, made at another window."""
    backend = opened(folder, f"made-{by.operator}")
    try:
        made = []
        for reference in references:
            view = backend.booking(by, reference)
            lines = tuple(line.sequence for line in view.booking.lines if line.is_sold)
            plan = backend.preview_refund(by, RefundRequest(view.booking.id, lines, "goodwill"))
            made.append(backend.execute_refund(by, plan))
        return made
    finally:
        backend.close()


async def said_no(person: Cashier, reason: str) -> None:
    await person.press("r")
    await person.settled()
    assert isinstance(person.app.screen, ReasonDialog), person.status
    await person.type(reason)
    await person.press("f9")
    await person.until(lambda: not person.app.dialog_open, "the dialog is closed")
    await person.settled()


async def test_who_made_it_takes_it_back_where_it_is_shown(venue: Path) -> None:
    with window_of(venue, CASHIER) as app:
        async with cashier(app) as person:
            screen = await waiting(person)
            assert person.sees("R Take back")
            await said_no(person, "wrong seats")
            assert status_of(screen) is RefundStatus.VOIDED
            assert person.sees("nothing is paid out, and what you bought")
            assert screen.outcome is not None
            assert all(line.is_sold for line in screen.outcome.booking.lines)
            await person.press("r")
            assert "Only a refund that waits for approval is refused" in person.status


async def test_a_supervisor_refuses_it_with_a_reason_and_not_without(venue: Path) -> None:
    (made,) = given(venue, "WPM8TS9")
    with window_of(venue, SUPERVISOR) as app:
        async with cashier(app) as person:
            app.show_refund(made.refund.number)
            await person.settled()
            assert person.sees("R Refuse")
            await person.press("r")
            await person.settled()
            assert person.sees(f"Refuse refund {made.refund.number}: 14.50 CHF")
            assert person.sees("Made by A. Rochat at desk 3")
            await person.press("f9")
            assert person.sees("The reason is needed")
            await person.type("not agreed")
            await person.press("enter")
            assert app.dialog_open, "Enter refuses nothing"
            await person.press("escape")
            screen = app.frame
            assert isinstance(screen, OutcomeScreen)
            assert status_of(screen) is RefundStatus.AWAITING_APPROVAL
            await said_no(person, "not agreed")
            assert status_of(screen) is RefundStatus.VOIDED
    backend = opened(venue, "looks")
    try:
        timeline = backend.booking(CASHIER, "WPM8TS9").timeline
    finally:
        backend.close()
    (event,) = [one for one in timeline if one.what == "voided"]
    assert (event.operator, event.details["reason"]) == ("S. Chef", "not agreed")


async def test_another_cashier_neither_refuses_nor_takes_it_back(venue: Path) -> None:
    (made,) = given(venue, "WPM8TS9")
    with window_of(venue, replace(CASHIER, operator="B. Andere")) as app:
        async with cashier(app) as person:
            app.show_refund(made.refund.number)
            await person.settled()
            await person.press("r")
            assert "A. Rochat takes it back, or a supervisor refuses it." in person.status
            assert not app.dialog_open


async def test_a_supervisor_works_through_what_waits_with_two_keys_each(venue: Path) -> None:
    """F7 and V lead to the list; there V, F9 approves and R, F9 refuses, and the next one comes."""
    first, second, third = given(venue, "WPM8TS9", "MIXCARD", "CASHPAY")
    with window_of(venue, SUPERVISOR) as app:
        async with cashier(app) as person:
            screen = await listed(person)
            assert screen.filter == 0
            await person.press("home")
            while not screen.legs.current or screen.legs.current.state is not LegState.REQUESTED:
                await person.press("down")
            await person.press("r")
            assert "on nothing that waits for approval" in person.status
            await person.press("v")
            await person.settled()
            assert not app.dialog_open, "only the list is shown"
            assert "V approves what the cursor is on" in person.status
            assert {leg.refund_number for leg in rows(screen)} == {
                one.refund.number for one in (first, second, third)
            }
            await asked(person)
            assert person.sees(f"Approve refund {first.refund.number}")
            await person.press("f9")
            await person.until(
                lambda: f"{first.refund.number} is done" in person.status, "it is approved"
            )
            await person.settled()
            assert screen.legs.current is not None
            assert screen.legs.current.refund_number == second.refund.number
            await said_no(person, "too much")
            await person.until(
                lambda: f"{second.refund.number} was taken back" in person.status, "it is refused"
            )
            assert {leg.refund_number for leg in rows(screen)} == {third.refund.number}


def rows(screen: OpenRefundsScreen) -> list[OpenLeg]:
    found = [screen.legs.row(place) for place in range(screen.legs.total)]
    return [one for one in found if one is not None]


async def test_where_nothing_waits_that_is_said(venue: Path) -> None:
    with window_of(venue, SUPERVISOR) as app:
        async with cashier(app) as person:
            screen = await listed(person)
            await person.press("v")
            assert "Nothing waits for approval." in person.status
            assert screen.filter == 0


async def test_from_anywhere_the_palette_leads_to_what_waits(venue: Path) -> None:
    (made,) = given(venue, "WPM8TS9")
    with window_of(venue, SUPERVISOR) as app:
        async with cashier(app) as person:
            await person.press("ctrl+p")
            await person.settled()
            await person.type("approve")
            await person.settled()
            await person.press("enter")
            await person.until(lambda: isinstance(app.frame, OpenRefundsScreen), "the list")
            await person.settled()
            screen = app.frame
            assert isinstance(screen, OpenRefundsScreen)
            assert [leg.refund_number for leg in rows(screen)] == [made.refund.number]


def test_who_approves_it_meanwhile_was_faster(venue: Path) -> None:
    """Between the plan and its commit: what was approved is not taken back."""
    (made,) = given(venue, "CASHPAY")
    number, fingerprint = made.refund.number, approval_fingerprint(made.refund)
    backend = opened(venue, "two")
    really = backend.preview_void

    def faster(caller: Caller, refund: str, reason: str) -> object:
        plan = really(caller, refund, reason)
        backend.approve_refund(OTHER, number, fingerprint)
        return plan

    try:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(backend, "preview_void", faster)
            with refused("not-awaiting-approval"):
                turn_down(backend, SUPERVISOR, number, "too much")
        refund = backend.refund(SUPERVISOR, number).refund
    finally:
        backend.close()
    assert refund.voided_at is None
