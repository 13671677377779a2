"""Four eyes on a simulation in the window: at the approver's own desk, or beside its maker."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from backend_client.domain.caller import Role
from backend_client.domain.run_parameters import CreditMode, DispatchParameters
from backend_client.domain.runs import Run, RunApproval
from tests.functional.run_steps import SIMULATION, go, history, simulated_dispatch, supervised
from tests.functional.scripted_runs import ScriptedRuns
from tests.functional.signing_in import StaffedRuns, sign_in
from tests.functional.window import Cashier, cashier, typist, window
from tests.unit.builders import NOW
from tests.unit.builders import caller as who
from tui.app import TicketWindowApp
from tui.dialogs.approver import ApproverDialog
from tui.dialogs.confirm_run import ConfirmRunDialog
from tui.screens.run import RunScreen

DAY = NOW.date()
PARAMETERS = DispatchParameters(DAY, DAY, CreditMode.NEVER)


def waiting() -> ScriptedRuns:
    backend = ScriptedRuns()
    backend.four_eyes = True
    return backend


def staffed(*more: str) -> StaffedRuns:
    """B. Keller and D. Roth are supervisors, and so are these."""
    backend = StaffedRuns()
    backend.four_eyes = True
    backend.staff |= dict.fromkeys(("D. Roth", *more), (Role.SUPERVISOR, "1947"))
    return backend


def kellers(backend: StaffedRuns) -> TicketWindowApp:
    app = window(backend)
    app.caller = replace(app.caller, operator="B. Keller")
    return app


def of(app: TicketWindowApp) -> RunScreen:
    screen = app.frame
    assert isinstance(screen, RunScreen)
    return screen


def run_of(backend: ScriptedRuns) -> Run:
    return backend.scripts[SIMULATION].simulation


async def asked(person: Cashier) -> ApproverDialog:
    """V, and the time it takes to read the dialog."""
    await go(person, "v")
    dialog = person.app.screen
    assert isinstance(dialog, ApproverDialog), person.status
    typist(person.app).wait(1)
    return dialog


async def approved(person: Cashier) -> None:
    await person.until(lambda: person.sees("approved by"), "the approval is shown")
    await person.settled()


# ------------------------------------------------------------ its maker


async def test_its_maker_is_told_what_comes_first_and_goes_nowhere() -> None:
    backend = waiting()
    async with cashier(supervised(backend)) as person:
        await simulated_dispatch(person)
        assert person.sees("? waits for the approval of another supervisor than B. Keller")
        await go(person, "f9")
        assert "Another supervisor approves it first, at their own window" in person.status
        assert not person.app.dialog_open
        await go(person, "v")
        assert "at their own window" in person.status
        await history(person)
        assert person.sees("? to approve")


async def test_what_needs_nobody_says_so() -> None:
    async with cashier(supervised(ScriptedRuns())) as person:
        await simulated_dispatch(person)
        assert not person.sees("approv")
        await go(person, "v")
        assert "needs nobody else's approval" in person.status


# ------------------------------------------------------------ at the own window


@pytest.mark.parametrize("approver", ["D. Roth", "b. roth"])
async def test_another_supervisor_says_yes_with_two_keys(approver: str) -> None:
    backend = waiting()
    backend.simulate_dispatch(who(Role.SUPERVISOR, operator="B. Keller"), PARAMETERS)
    app = supervised(backend)
    app.caller = replace(app.caller, operator=approver)
    async with cashier(app) as person:
        await history(person)
        await go(person, "enter")
        assert "B. Keller made it and waits for your approval: V" in person.status
        dialog = await asked(person)
        assert dialog.window.caller.operator == approver
        assert person.sees("Approve simulation 41")
        assert person.sees("to cards")
        await go(person, "enter")
        assert person.app.screen is dialog
        await person.press("f9")
        await approved(person)
        approval = run_of(backend).approval
        assert approval is not None
        assert approval.operator == approver
        await go(person, "f9")
        assert isinstance(person.app.screen, ConfirmRunDialog)


async def test_a_key_held_too_long_approves_nothing() -> None:
    backend = waiting()
    backend.simulate_dispatch(who(Role.SUPERVISOR, operator="B. Keller"), PARAMETERS)
    app = supervised(backend)
    app.caller = replace(app.caller, operator="D. Roth")
    async with cashier(app) as person:
        await history(person)
        await go(person, "enter")
        typist(app).gap_s = 0.05
        await go(person, "v")
        await go(person, "f9")
        assert isinstance(person.app.screen, ApproverDialog)
        await go(person, "escape")
        assert run_of(backend).approval is None


async def test_what_was_approved_elsewhere_is_seen_here() -> None:
    backend = waiting()
    async with cashier(supervised(backend)) as person:
        await simulated_dispatch(person)
        script = backend.scripts[SIMULATION]
        script.simulation = replace(script.simulation, approval=RunApproval("D. Roth", "4", NOW))
        await approved(person)
        assert "Valid until" in person.status
        await go(person, "v")
        assert "approved by D. Roth" in person.status


async def test_what_is_no_simulation_that_can_go_live_is_not_approved() -> None:
    backend = waiting()
    backend.valid = timedelta()
    async with cashier(supervised(backend)) as person:
        await simulated_dispatch(person)
        assert not person.sees("waits for the approval")
        await go(person, "v")
        assert "was valid until" in person.status
        live = backend.begin_elsewhere(SIMULATION, 5)
        person.app.push_screen(RunScreen(live))
        await person.until(lambda: of(person.app).run is not None, "it is read")
        await go(person, "v")
        assert "Only a simulation is approved" in person.status


# ------------------------------------------------------------ beside its maker


async def test_another_supervisor_types_a_pin_and_the_maker_stays() -> None:
    backend = staffed()
    async with cashier(kellers(backend)) as person:
        await sign_in(person, "2580")
        await simulated_dispatch(person)
        assert "Another supervisor approves it first: V" in person.status
        await asked(person)
        assert person.sees("› D. Roth")
        assert not person.sees("A. Rochat")
        await person.type("1947")
        assert not person.sees("1947")
        await go(person, "enter")
        assert person.sees("Enter does nothing here: F9 approves")
        assert run_of(backend).approval is None
        await person.press("f9")
        await approved(person)
        approval = run_of(backend).approval
        assert approval is not None
        assert approval.operator == "D. Roth"
        assert person.app.caller.operator == "B. Keller"
        await go(person, "f9")
        assert isinstance(person.app.screen, ConfirmRunDialog)


async def test_a_wrong_pin_leaves_everything_as_it_is() -> None:
    backend = staffed()
    async with cashier(kellers(backend)) as person:
        await sign_in(person, "2580")
        await simulated_dispatch(person)
        await asked(person)
        await go(person, "f9")
        assert person.sees("The PIN of who approves is needed")
        await person.type("2580")
        await person.press("f9")
        await person.until(lambda: person.sees("do not belong together"), "the refusal")
        await go(person, "escape")
        assert not person.app.dialog_open
        assert run_of(backend).approval is None


async def test_of_several_one_is_chosen() -> None:
    backend = staffed("E. Frei")
    async with cashier(kellers(backend)) as person:
        await sign_in(person, "2580")
        await simulated_dispatch(person)
        await asked(person)
        await go(person, "down")
        assert person.sees("› E. Frei"), person.text
        await go(person, "down")
        assert person.sees("› D. Roth")
        await go(person, "f")
        assert person.sees("› E. Frei")
        await go(person, "x")
        assert person.sees("› E. Frei")
        await person.type("1947")
        await person.press("f9")
        await approved(person)
        assert backend.tried[-1] == "E. Frei"


async def test_where_there_is_no_other_it_is_said() -> None:
    backend = staffed()
    del backend.staff["D. Roth"]
    async with cashier(kellers(backend)) as person:
        await sign_in(person, "2580")
        await simulated_dispatch(person)
        await go(person, "v")
        assert "No other supervisor than B. Keller can sign in here" in person.status
