"""Two supervisors decide about a payment in review, in the window, on a store as it is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from backend_client.domain.caller import Role
from backend_client.domain.pins import Pin
from backend_client.domain.policy import Policy
from backend_client.domain.refund import LegState
from tests.functional import limited_venue
from tests.functional.limited_venue import asked, opened, window_of
from tests.functional.open_payments import begun, committed, payment, shown
from tests.functional.real_venue import ADMIN, CASHIER, SETTINGS, SUPERVISOR
from tests.functional.signing_in import sign_in
from tests.functional.window import Cashier, cashier
from tui.dialogs.approver import ApproverDialog
from tui.screens.payment import PaymentScreen
from tui.screens.resolve import ResolveScreen

BY_TWO = replace(SETTINGS, policy=Policy(second_reviewer_minor=0))
IN_REVIEW = "LOSTANS"
CHEF, BLANC, WRONG = "2580", "7352", "9021"


@pytest.fixture
def staffed(stocked: Path, tmp_path: Path) -> Iterator[Path]:
    """Operators sign in; one of the supervisors has a second name, spelled nearly the same."""
    with limited_venue.staffed_copy(stocked, tmp_path / "venue") as folder:
        backend = opened(folder, "names")
        try:
            admin = backend.sign_in(ADMIN, Pin("481516"))
            backend.add_operator(admin, "S Chef", Role.SUPERVISOR, Pin("6174"))
        finally:
            backend.close()
        yield folder


async def said(person: Cashier) -> PaymentScreen:
    """Who sits here says that it was found at the provider."""
    await payment(person, IN_REVIEW)
    await begun(person, "ctrl+f", ResolveScreen)
    await person.press("down")
    await person.type("re_81")
    await shown(person)
    assert person.sees("Another supervisor confirms it; until then")
    return await committed(person)


def on_record(folder: Path) -> list[tuple[str, str]]:
    """Who said what of the payment, by the audit log."""
    backend = opened(folder, "looks", BY_TWO)
    try:
        reader = SUPERVISOR
        if backend.sign_in_needed():
            reader = backend.sign_in(SUPERVISOR, Pin(CHEF))
        records = [json.loads(line) for line in backend.audit_export(reader)]
    finally:
        backend.close()
    asked_for = ("propose_resolution", "resolve")
    return [(one["action"], one["operator"]) for one in records if one["action"] in asked_for]


async def test_the_second_one_s_pin_is_typed_at_the_window_of_the_first(staffed: Path) -> None:
    with window_of(staffed, SUPERVISOR, BY_TWO) as app:
        async with cashier(app) as person:
            await sign_in(person, CHEF)
            screen = await said(person)
            assert screen.leg.state is LegState.REVIEW
            assert person.sees("S. Chef")
            await asked(person)
            assert person.sees("› T. Blanc")
            for nobody in ("S Chef", "A. Rochat", "C. Admin"):
                assert not person.sees(nobody), "nobody else may say it"
            await person.press("down")
            assert person.sees("› T. Blanc"), "there is one name alone"
            await person.type(WRONG)
            await person.press("f9")
            await person.until(lambda: person.sees("do not belong together"), "the refusal")
            assert isinstance(app.screen, ApproverDialog)
            assert screen.leg.state is LegState.REVIEW
            await person.type(BLANC)
            assert not person.sees(BLANC)
            await person.press("enter")
            assert isinstance(app.screen, ApproverDialog), "Enter confirms nothing"
            await person.press("f9")
            await person.until(lambda: screen.leg.state is LegState.SUCCEEDED, "it is decided")
            assert app.caller.operator == SUPERVISOR.operator
            assert not app.lock.locked
    assert on_record(staffed) == [("propose_resolution", "S. Chef"), ("resolve", "T. Blanc")]


async def test_at_a_cashier_s_window_a_supervisor_s_pin_confirms_it_too(staffed: Path) -> None:
    with window_of(staffed, SUPERVISOR, BY_TWO) as app:
        async with cashier(app) as person:
            await sign_in(person, CHEF)
            await said(person)
    with window_of(staffed, CASHIER, BY_TWO) as app:
        async with cashier(app) as person:
            await sign_in(person)
            screen = await payment(person, IN_REVIEW)
            await asked(person)
            await person.type(BLANC)
            await person.press("f9")
            await person.until(lambda: screen.leg.state is LegState.SUCCEEDED, "it is decided")
    assert on_record(staffed)[-1] == ("resolve", "T. Blanc")


@pytest.mark.parametrize("spelled", ["s. chef", "S Chef", "S. Chéf"])
async def test_the_same_person_in_another_spelling_confirms_nothing(
    stocked_venue: Path, spelled: str
) -> None:
    """Where nobody signs in: what they say again stays the word of one."""
    with window_of(stocked_venue, SUPERVISOR, BY_TWO) as app:
        async with cashier(app) as person:
            await said(person)
    with window_of(stocked_venue, replace(SUPERVISOR, operator=spelled), BY_TWO) as app:
        async with cashier(app) as person:
            screen = await payment(person, IN_REVIEW)
            await person.press("v")
            assert "Another supervisor than S. Chef confirms it" in person.status
            assert not app.dialog_open
            await begun(person, "ctrl+f", ResolveScreen)
            await shown(person)
            assert person.sees("Another supervisor confirms it; until then")
            await committed(person)
            assert screen.leg.state is LegState.REVIEW
    with window_of(stocked_venue, replace(SUPERVISOR, operator="T. Blanc"), BY_TWO) as app:
        async with cashier(app) as person:
            screen = await payment(person, IN_REVIEW)
            await asked(person)
            await person.press("f9")
            await person.until(lambda: screen.leg.state is LegState.SUCCEEDED, "it is decided")
    assert [action for action, _who in on_record(stocked_venue)] == [
        *("propose_resolution", "propose_resolution", "resolve")
    ]
