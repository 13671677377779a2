"""What one supervisor said of a payment in review, as another one finds and confirms it."""

from __future__ import annotations

from dataclasses import replace

from backend_client.answers import RefundOutcome
from backend_client.domain.caller import Caller, Role
from backend_client.domain.findings import Finding, Proposal, Resolution
from backend_client.domain.legs import Leg
from backend_client.domain.policy import Policy
from backend_client.domain.refund import LegState
from backend_client.domain.resolution import ResolutionPlan, Step, plan_resolution
from tests.functional.limited_venue import asked
from tests.functional.open_payments import begun, committed, shown
from tests.functional.window import Cashier, cashier, window
from tests.snapshots.open_house import SENT, OpenHouse
from tests.unit.builders import NOW, circumstances
from tui.app import TicketWindowApp
from tui.screens.payment import PaymentScreen
from tui.screens.resolve import ResolveScreen

FOUND = Resolution("R-10002.1", Finding.FOUND, "re_81", "back office")


class ReviewedHouse(OpenHouse):
    """Two supervisors decide here; by the real rules, of a payment that is kept in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[Step] = []

    def say(self, operator: str, said: Resolution = FOUND) -> None:
        self._change(proposal=Proposal(said, operator, NOW))

    def _change(self, **values: object) -> Leg:
        whole, leg = self._found(FOUND.leg_number)
        changed: Leg = replace(leg, **values)  # type: ignore[arg-type]
        self.refunds[whole.number] = replace(whole, legs=(changed,))
        return changed

    def preview_resolution(self, caller: Caller, resolution: Resolution) -> ResolutionPlan:
        whole, one = self._found(resolution.leg_number)
        booking = self.bookings[whole.booking_id]
        of = circumstances(booking, policy=Policy(currency="CHF", second_reviewer_minor=0))
        of = replace(of, caller=caller)
        return plan_resolution(booking, whole, one, resolution, SENT, of, is_served=True)

    def execute_resolution(self, caller: Caller, plan: ResolutionPlan) -> RefundOutcome:
        self.steps.append(plan.step)
        if plan.step is Step.PROPOSES:
            self.say(caller.operator, plan.resolution)
        else:
            self._change(state=plan.after, proposal=None)
        return self.refund(caller, plan.refund_number)


def window_of(house: ReviewedHouse, operator: str) -> TicketWindowApp:
    app = window(house)
    app.caller = replace(app.caller, role=Role.SUPERVISOR, operator=operator)
    return app


async def reviewed(person: Cashier) -> PaymentScreen:
    await person.press("f7")
    await person.settled()
    await person.press("down", "enter")
    await person.settled()
    screen = person.app.frame
    assert isinstance(screen, PaymentScreen)
    return screen


async def test_what_the_first_one_says_waits_and_is_told_so() -> None:
    house = ReviewedHouse()
    async with cashier(window_of(house, "S. Weber")) as person:
        await reviewed(person)
        sheet = await begun(person, "ctrl+f", ResolveScreen)
        await person.press("down")
        await person.type("re_81")
        await shown(person)
        assert person.sees("Another supervisor confirms it; until then")
        assert sheet.plan is not None
        screen = await committed(person)
        assert house.steps == [Step.PROPOSES]
        assert screen.leg.state is LegState.REVIEW
        assert person.sees("S. Weber")
        assert person.sees("found at the provider · re_81")
        await person.press("v")
        assert "Another supervisor than S. Weber confirms it" in person.status
        assert not person.app.dialog_open


async def test_another_one_confirms_it_with_v_and_f9() -> None:
    house = ReviewedHouse()
    house.say("S. Weber")
    async with cashier(window_of(house, "T. Blanc")) as person:
        screen = await reviewed(person)
        assert person.sees("V Confirm")
        await asked(person)
        assert person.sees("Confirm what was said of R-10002.1: 14.50 CHF")
        assert person.sees("found at the provider · re_81")
        await person.press("enter")
        assert house.steps == []
        await person.press("f9")
        await person.until(lambda: screen.leg.state is LegState.SUCCEEDED, "it is decided")
        assert house.steps == [Step.CONFIRMS]


async def test_what_was_said_otherwise_meanwhile_is_not_confirmed() -> None:
    house = ReviewedHouse()
    house.say("S. Weber")
    async with cashier(window_of(house, "T. Blanc")) as person:
        screen = await reviewed(person)
        await asked(person)
        house.say("N. Roth", replace(FOUND, reference="re_99"))
        await person.press("f9")
        await person.until(lambda: person.sees("plan-stale"), "the problem")
        assert house.steps == []
        assert screen.leg.state is LegState.REVIEW


async def test_the_sheet_begins_with_what_the_other_one_said() -> None:
    house = ReviewedHouse()
    house.say("S. Weber", replace(FOUND, finding=Finding.NOT_FOUND, reference=""))
    async with cashier(window_of(house, "T. Blanc")) as person:
        await reviewed(person)
        sheet = await begun(person, "ctrl+f", ResolveScreen)
        assert sheet.finding is Finding.NOT_FOUND
        assert person.sees("back office")
        await shown(person)
        await committed(person)
        assert house.steps == [Step.CONFIRMS]
