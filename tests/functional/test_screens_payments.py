"""Open payments on the real store, by keyboard: change, retry, tick off, decide."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from backend_client.domain.caller import Caller
from backend_client.domain.policy import Policy, Reason
from backend_client.domain.problems import Refused
from backend_client.domain.refund import LegState, Method
from backend_client.local.backend import LocalBackend
from tests.functional.open_payments import (
    at_the_receipt,
    begun,
    changing,
    committed,
    payment,
    shown,
    states,
)
from tests.functional.real_venue import CASHIER, SUPERVISOR, Open, opened
from tests.functional.window import cashier
from tui.app import TicketWindowApp
from tui.dialogs.problem import ProblemDialog
from tui.screens.change import ChangeScreen
from tui.screens.hand_over import HandOverScreen
from tui.screens.payment import NEEDS, PaymentScreen
from tui.screens.resolve import ResolveScreen
from tui.screens.retry import RetryScreen
from tui.widgets.frame_lines import Level


async def test_a_declined_payment_is_paid_as_credit(open_as: Open) -> None:
    async with cashier(open_as(CASHIER)) as person:
        await payment(person, "DEADCRD")
        sheet = await changing(person, Method.CREDIT)
        await person.press("f9")
        assert sheet.said.level is Level.REFUSED
        await person.press("space")
        await shown(person)
        assert person.sees("goes to the credit account")
        await person.press("enter")
        assert person.app.frame is sheet
        screen = await committed(person)
        assert states(screen) == [
            (Method.MATCHED, LegState.REPLACED),
            (Method.CREDIT, LegState.CREDITED),
        ]
        assert person.sees("for your credit account")
        await person.press("escape")
        await person.settled()
        assert not person.sees("DEADCRD")


async def test_a_part_is_changed_and_the_rest_stays(open_as: Open) -> None:
    async with cashier(open_as(CASHIER)) as person:
        await payment(person, "WPM8TS9")
        sheet = await changing(person, Method.CREDIT)
        await person.type("999")
        await person.press("f5")
        await person.settled()
        assert not sheet.shown
        assert sheet.said.level is Level.REFUSED
        await person.press(*["backspace"] * 3)
        await person.type("4.50")
        await shown(person)
        screen = await committed(person)
        assert states(screen)[1:] == [
            (Method.CREDIT, LegState.CREDITED),
            (Method.REQUESTED, LegState.REQUESTED),
        ]


async def test_a_due_transfer_is_ticked_off_with_its_receipt(open_as: Open) -> None:
    async with cashier(open_as(CASHIER)) as person:
        await payment(person, "MIXCARD")
        await begun(person, "ctrl+d", HandOverScreen)
        sheet = await shown(person)
        assert "missing" in sheet.said.text
        await person.press("f9")
        assert person.app.frame is sheet
        await person.type("BANK-77")
        await shown(person)
        assert person.sees("is written as handed over")
        screen = await committed(person)
        assert states(screen) == [(Method.TRANSFER, LegState.RECORDED)]
        assert person.sees("BANK-77")


async def test_what_was_only_requested_is_ticked_off_as_a_record(open_as: Open) -> None:
    async with cashier(open_as(CASHIER)) as person:
        await payment(person, "WPM8TS9")
        assert not person.sees("References"), "nothing names it yet"
        await at_the_receipt(person)
        await person.type("SLIP-9")
        await shown(person)
        screen = await committed(person)
        assert (Method.EXTERNAL, LegState.RECORDED) in states(screen)
        assert person.sees("References")
        assert person.sees("SLIP-9")


async def test_a_dead_card_is_tried_again_as_a_new_payment(open_as: Open) -> None:
    async with cashier(open_as(CASHIER)) as person:
        before = await payment(person, "DEADCRD")
        old = before.leg
        await begun(person, "ctrl+x", RetryScreen)
        await shown(person)
        assert person.sees("new key")
        screen = await committed(person)
        assert screen.outcome is not None
        new = screen.outcome.refund.legs[-1]
        assert states(screen) == [
            (Method.MATCHED, LegState.REPLACED),
            (Method.MATCHED, LegState.DECLINED),
        ]
        assert new.replaces_leg_id == old.id
        assert new.provider_key not in ("", old.provider_key)
        assert "declined" in person.status


def has_rules(app: TicketWindowApp, house: Policy) -> None:
    """The backend decides by other rules than this window was started with."""
    assert app.capabilities is not None
    assert app.capabilities.policy == app.settings.policy, "most have the same"
    app.capabilities = replace(app.capabilities, policy=house)


async def test_the_reason_chosen_for_a_retry_is_in_the_history_and_the_log(open_as: Open) -> None:
    """The first one is filled in; the others of the house are an arrow key away."""
    app = open_as(CASHIER)
    house = app.settings.policy
    wanted = (*house.retry_reasons, Reason("new-card", "A new card of the same account"))
    async with cashier(app) as person:
        has_rules(app, replace(house, retry_reasons=wanted))
        await payment(person, "DEADCRD")
        await begun(person, "ctrl+x", RetryScreen)
        assert person.sees("The card works again")
        await person.press("left", "left")
        assert person.sees("A new card of the same account")
        await shown(person)
        await committed(person)
        assert app.backend is not None
        events = app.backend.booking(CASHIER, "DEADCRD").timeline
        reasons = [one.details["reason"] for one in events if one.what == "method_changed"]
        assert reasons == ["new-card"]
        *_, last = (one for one in app.backend.audit_export(SUPERVISOR) if "change_method" in one)
        assert "new-card" in last


async def test_own_words_are_not_offered_where_the_house_has_none(open_as: Open) -> None:
    app = open_as(CASHIER)
    house = replace(app.settings.policy, free_reasons=False, change_reasons=(Reason("b", "Boss"),))
    async with cashier(app) as person:
        has_rules(app, house)
        await payment(person, "DEADCRD")
        await begun(person, "f4", ChangeScreen)
        assert person.sees("Boss")
        assert person.sees("1/1")


async def test_f9_twice_writes_once(open_as: Open) -> None:
    app = open_as(CASHIER)
    async with cashier(app) as person:
        await payment(person, "DEADCRD")
        await begun(person, "ctrl+x", RetryScreen)
        await shown(person)
        person.send("f9", "f9", "f9")
        await person.settled()
        screen = app.frame
        assert isinstance(screen, PaymentScreen)
        assert len(states(screen)) == 2


async def test_after_an_unclear_answer_f9_does_the_same_thing_and_no_other(
    open_as: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_as(CASHIER)
    async with cashier(app) as person:
        await payment(person, "DEADCRD")
        await begun(person, "ctrl+x", RetryScreen)
        sheet = await shown(person)
        plan = sheet.plan
        real = LocalBackend.execute_method_change

        def lost(self: LocalBackend, caller: Caller, wanted: object, _: object) -> object:
            real(self, caller, wanted)  # type: ignore[arg-type]
            raise Refused("commit-unknown")

        with monkeypatch.context() as patch:
            patch.setattr(LocalBackend, "execute_method_change", lost)
            await person.press("f9")
            await person.settled()
        assert isinstance(app.screen, ProblemDialog)
        await person.press("escape")
        await person.settled()
        assert sheet.shown
        assert sheet.plan is plan
        screen = await committed(person)
        assert len(states(screen)) == 2
        assert "Already done" in person.status


@pytest.mark.parametrize(
    ("steps", "typed", "after"),
    [
        (0, ("PSP-4711", "back office"), LegState.SUCCEEDED),
        (1, ("back office, both days",), LegState.SUCCEEDED),
        (2, ("they call back",), LegState.REVIEW),
    ],
)
async def test_a_supervisor_decides_with_evidence(
    open_as: Open, steps: int, typed: tuple[str, ...], after: LegState
) -> None:
    """What was not found is sent again under its own key, so that its answer comes at last."""
    async with cashier(open_as(SUPERVISOR)) as person:
        await payment(person, "LOSTANS")
        sheet = await begun(person, "ctrl+f", ResolveScreen)
        await person.press(*["right"] * steps)
        for text in typed:
            await person.press("down")
            await person.type(text)
        await person.press("f9")
        assert person.app.frame is sheet
        await shown(person)
        assert person.sees(f"Kept for good: {typed[-1]}")
        screen = await committed(person)
        assert screen.leg.state is after
        assert typed[-1] in [one.text for one in screen.leg.attempts]


async def test_found_needs_the_providers_reference(open_as: Open) -> None:
    async with cashier(open_as(SUPERVISOR)) as person:
        await payment(person, "LOSTANS")
        await begun(person, "ctrl+f", ResolveScreen)
        sheet = await shown(person)
        assert sheet.said.text == "The number that proves it is missing."
        await person.press("f9")
        await person.settled()
        assert person.app.frame is sheet


async def test_a_cashier_is_told_that_a_supervisor_decides(open_as: Open) -> None:
    async with cashier(open_as(CASHIER)) as person:
        screen = await payment(person, "LOSTANS")
        assert person.sees("Only a supervisor decides")
        await person.press("ctrl+f")
        assert person.app.frame is screen
        assert screen.said.level is Level.REFUSED
        assert "Only a supervisor" in person.status
        await person.press("f4")
        assert person.app.frame is screen
        assert person.status == "Only requested, due or declined changes."


async def test_a_change_somebody_else_made_first_is_told_and_shown(
    open_as: Open, stocked_venue: Path
) -> None:
    app = open_as(CASHIER)
    async with cashier(app) as person:
        found = await payment(person, "DEADCRD")
        await begun(person, "ctrl+x", RetryScreen)
        await shown(person)
        other = opened(stocked_venue, "other")
        try:
            plan = other.preview_retry(SUPERVISOR, found.leg.number, "faster")
            other.execute_method_change(SUPERVISOR, plan)
        finally:
            other.close()
        await person.press("f9")
        await person.settled()
        assert isinstance(app.screen, ProblemDialog)
        await person.press("escape")
        await person.settled()
        assert app.frame is found
        assert app.frame.said.level is Level.REFUSED
        assert states(found) == [
            (Method.MATCHED, LegState.REPLACED),
            (Method.MATCHED, LegState.DECLINED),
        ]


async def test_what_is_done_is_shown_whatever_was_opened_above_it_meanwhile(open_as: Open) -> None:
    app = open_as(CASHIER)
    async with cashier(app) as person:
        found = await payment(person, "DEADCRD")
        await begun(person, "ctrl+x", RetryScreen)
        await shown(person)
        person.send("f9", "f1")
        await person.settled()
        assert app.frame is found
        assert len(states(found)) == 2


async def test_after_a_retry_the_payment_that_took_its_place_is_shown_and_tried_again(
    open_as: Open,
) -> None:
    async with cashier(open_as(CASHIER)) as person:
        first = (await payment(person, "DEADCRD")).leg.number
        refund, _, ordinal = first.partition(".")
        for again in (1, 2):
            number = f"{refund}.{int(ordinal) + again}"
            await begun(person, "ctrl+x", RetryScreen)
            await shown(person)
            screen = await committed(person)
            assert screen.leg.number == number
            assert person.status == f"{number}: declined."
            assert number in person.text.splitlines()[0]
            assert [bool(screen.why_not(action)) for action in NEEDS] == [False, False, True, True]


async def test_a_transfer_in_place_of_a_dead_card_is_ticked_off_at_once(open_as: Open) -> None:
    async with cashier(open_as(CASHIER)) as person:
        await payment(person, "DEADCRD")
        await changing(person, Method.TRANSFER)
        await person.press("space")
        await shown(person)
        screen = await committed(person)
        assert person.status == f"{screen.leg.number}: due."
        await begun(person, "ctrl+d", HandOverScreen)
        await person.type("BANK-78")
        await shown(person)
        screen = await committed(person)
        assert states(screen)[-1] == (Method.TRANSFER, LegState.RECORDED)
        assert person.status == f"{screen.leg.number}: handed over."


async def test_a_card_number_refused_as_proof_is_not_left_standing(open_as: Open) -> None:
    async with cashier(open_as(CASHIER)) as person:
        await payment(person, "MIXCARD")
        await begun(person, "ctrl+d", HandOverScreen)
        await person.type("4111" + "1" * 12)
        await person.press("f5")
        await person.settled()
        assert "card number" in person.status
        assert not person.sees("4111")
        await person.type("BANK-79")
        await shown(person)


async def test_a_card_number_refused_as_receipt_of_a_change_is_forgotten(open_as: Open) -> None:
    async with cashier(open_as(CASHIER)) as person:
        await payment(person, "WPM8TS9")
        sheet = await at_the_receipt(person)
        await person.type("4111" + "1" * 12)
        await person.press("f5")
        await person.settled()
        assert "card number" in person.status
        assert not person.sees("4111")
        assert sheet.placement is not None
        assert {place.reference for place in sheet.placement.places} == {""}


@pytest.mark.parametrize("key", ["f3", "f4", "ctrl+x", "ctrl+d", "ctrl+f"])
async def test_a_sheet_says_where_everything_else_is_done(open_as: Open, key: str) -> None:
    async with cashier(open_as(CASHIER)) as person:
        found = await payment(person, "DEADCRD")
        sheet = await begun(person, "ctrl+x", RetryScreen)
        await person.press(key)
        assert person.app.frame is sheet
        assert person.status.startswith(f"This is about {found.leg.number} alone. Esc")


async def test_what_waits_for_a_provider_that_is_gone_is_left_to_a_supervisor(
    open_as: Open,
) -> None:
    """Whatever it waits for: the screen says so, and what to do about it."""
    app = open_as(SUPERVISOR)
    async with cashier(app) as person:
        screen = await payment(person, "LOSTANS")
        outcome, leg = screen.outcome, replace(screen.leg, state=LegState.UNKNOWN)
        assert outcome is not None
        waiting = replace(outcome, refund=replace(outcome.refund, legs=(leg,)))
        screen.done(waiting)
        await person.settled()
        assert not person.sees("needs a person")
        assert screen.why_not("resolve") == "Only what is in review is decided."
        assert app.capabilities is not None
        app.capabilities = replace(app.capabilities, arrival_days={"another": (1, 2)})
        screen.done(waiting)
        await person.settled()
        assert person.sees("! needs a person")
        assert person.sees(f"The settings name no provider {leg.provider}")
        assert screen.why_not("resolve") == ""


async def test_f9_leads_to_the_evidence_that_is_missing(open_as: Open) -> None:
    async with cashier(open_as(SUPERVISOR)) as person:
        await payment(person, "LOSTANS")
        sheet = await begun(person, "ctrl+f", ResolveScreen)
        await person.press("right")
        await shown(person)
        await person.press("f9")
        assert sheet.focused is sheet.query_one("#seen")
        assert sheet.said.level is Level.REFUSED
        assert person.sees("Nothing has been written yet.")
        assert sheet.focused.region.width == 40, "there is room for where one looked"
