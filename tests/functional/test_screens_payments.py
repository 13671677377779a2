"""Open payments on the real store, by keyboard: filter, change, retry, tick off, decide."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from backend_client.domain.caller import Caller, Role
from backend_client.domain.plan import Part, RefundRequest
from backend_client.domain.problems import Refused
from backend_client.domain.refund import OPEN, LegState, Method
from backend_client.domain.settlement import LegResult, Outcome
from backend_client.local.backend import LocalBackend
from backend_client.local.leg_store import LocalLegStore
from backend_client.local.store import Store
from backend_client.settling.settler import Settler
from tests.clocks import CountingTokens, SteppingClock
from tests.functional.test_screens_real_store import ADMIN, CASHIER, SETTINGS, opened, url
from tests.functional.window import Cashier, Typist, cashier
from tests.functional.window import window as scripted_window
from tests.snapshots.house import house_with_open_legs
from tests.unit.builders import NOW
from tui import wiring
from tui.app import TicketWindowApp
from tui.dialogs.problem import ProblemDialog
from tui.screens.booking import BookingScreen
from tui.screens.change import ChangeScreen
from tui.screens.leg_sheet import LegSheet
from tui.screens.open_refunds import OpenRefundsScreen
from tui.screens.payment import PaymentScreen
from tui.screens.resolve import ResolveScreen
from tui.screens.retry import RetryScreen
from tui.text.wording import Wording
from tui.widgets.frame_lines import Level

SUPERVISOR = replace(CASHIER, operator="S. Chef", role=Role.SUPERVISOR)
Open = Callable[[Caller], TicketWindowApp]


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A venue with two payments requested, one due, one declined and one in review."""
    folder = tmp_path_factory.mktemp("payments")
    wiring.build_practice_venue(
        url(folder),
        SETTINGS,
        bookings=120,
        seed=1,
        clock=SteppingClock(NOW),
        tokens=CountingTokens("import"),
        progress=lambda _count: None,
    )
    backend = opened(folder, "stock")
    try:
        give_back(backend, "WPM8TS9", Method.REQUESTED)
        give_back(backend, "MIXCARD", Method.TRANSFER)
        give_back(backend, "DEADCRD")
    finally:
        backend.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Settler, "settle", lambda _settler, _legs: None)
        backend = opened(folder, "unsent")
        try:
            leg = give_back(backend, "LOSTANS")
        finally:
            backend.close()
    into_review(folder, leg)
    return folder


def give_back(backend: object, reference: str, method: Method | None = None) -> int:
    """Everything that can go back of a booking, by this method; the id of its first payment."""
    assert isinstance(backend, LocalBackend)
    view = backend.booking(CASHIER, reference)
    lines = tuple(number for number, verdict in view.verdicts.items() if verdict.refundable)
    parts = (Part(method),) if method is not None else ()
    request = RefundRequest(view.booking.id, lines, "goodwill", parts)
    outcome = backend.execute_refund(CASHIER, backend.preview_refund(CASHIER, request))
    return outcome.refund.legs[0].id


def into_review(folder: Path, leg: int) -> None:
    """The provider's answer was lost, and what it said later fits nothing."""
    store = Store.open(url(folder), create=False, clock=SteppingClock(NOW))
    try:
        legs = LocalLegStore(store)
        assert legs.claim([leg], "test", NOW)
        unknown = LegResult(leg, LegState.SENDING, 1, LegState.UNKNOWN, Outcome.UNKNOWN, "timeout")
        review = LegResult(
            leg, LegState.UNKNOWN, 1, LegState.REVIEW, Outcome.MISMATCH, "", "another amount"
        )
        assert legs.record([unknown], NOW) == legs.record([review], NOW) == {leg}
    finally:
        store.close()


@pytest.fixture
def venue(stocked: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of its own; afterwards every invariant of the store still holds."""
    folder = tmp_path / "venue"
    shutil.copytree(stocked, folder)
    yield folder
    backend = opened(folder, "doctor")
    try:
        report = backend.doctor(ADMIN)
    finally:
        backend.close()
    assert [check.code for check in report.checks if not check.ok] == []


@pytest.fixture
def window(venue: Path) -> Iterator[Open]:
    made: list[TicketWindowApp] = []

    def open_as(caller: Caller) -> TicketWindowApp:
        app = TicketWindowApp(
            lambda: opened(venue, "window"), caller, SETTINGS, Wording(), SteppingClock(NOW)
        )
        app.key_time = Typist()  # type: ignore[method-assign,assignment]
        made.append(app)
        return app

    yield open_as
    for app in made:
        app.close_backend()


async def listed(person: Cashier) -> OpenRefundsScreen:
    await person.press("f7")
    await person.settled()
    screen = person.app.frame
    assert isinstance(screen, OpenRefundsScreen)
    return screen


async def payment(person: Cashier, reference: str) -> PaymentScreen:
    """From the lookup to the payment of this booking, with arrow keys and Enter."""
    screen = await listed(person)
    for _ in range(screen.legs.total):
        row = screen.legs.current
        if row is not None and row.booking_reference == reference:
            break
        await person.press("down")
    await person.press("enter")
    await person.settled()
    found = person.app.frame
    assert isinstance(found, PaymentScreen)
    assert found.outcome is not None
    assert found.outcome.booking.key.booking_id == reference
    return found


async def shown(person: Cashier) -> LegSheet:
    await person.press("f5")
    await person.settled()
    sheet = person.app.frame
    assert isinstance(sheet, LegSheet)
    assert sheet.shown, person.text
    return sheet


async def committed(person: Cashier, *keys: str) -> PaymentScreen:
    await person.press(*(keys or ("f9",)))
    await person.settled()
    screen = person.app.frame
    assert isinstance(screen, PaymentScreen), person.text
    return screen


def states(screen: PaymentScreen) -> list[tuple[Method, LegState]]:
    assert screen.outcome is not None
    return [(leg.method, leg.state) for leg in screen.outcome.refund.legs]


async def test_left_and_right_show_one_kind_only_and_the_totals_stay(window: Open) -> None:
    async with cashier(window(CASHIER)) as person:
        screen = await listed(person)
        everything = screen.legs.total
        totals = [line for line in person.text.splitlines() if " CHF " in line]
        assert everything == 5
        assert len(totals) == 4
        seen = 0
        for reference in ("RESOLD1", "MIXCARD", "", "", "DEADCRD", "LOSTANS"):
            await person.press("right")
            await person.settled()
            assert [line for line in person.text.splitlines() if " CHF " in line] == totals
            row = screen.legs.current
            assert (row.booking_reference if row else "") == reference
            seen += screen.legs.total
        assert seen == everything
        await person.press("right")
        await person.settled()
        assert screen.legs.total == everything


async def test_reading_again_keeps_the_row(window: Open) -> None:
    async with cashier(window(CASHIER)) as person:
        screen = await listed(person)
        await person.press("down", "down")
        before = screen.legs.current
        await person.press("f5")
        await person.settled()
        assert before is not None
        assert screen.legs.cursor == 2
        assert screen.legs.current == before
        await person.press("enter")
        await person.settled()
        await person.press("escape")
        await person.settled()
        assert screen.legs.current == before


async def test_reading_a_long_list_again_keeps_the_row() -> None:
    """Also when a payment before it is gone meanwhile."""
    backend = house_with_open_legs(240)
    async with cashier(scripted_window(backend)) as person:
        screen = await listed(person)
        await person.press("end", "up")
        await person.settled()
        before = screen.legs.current
        assert before is not None
        assert screen.legs.cursor == 238
        await person.press("f5")
        await person.settled()
        assert screen.legs.current == before
        del backend.open_legs[10]
        await person.press("f5")
        await person.settled()
        assert screen.legs.cursor == 237
        assert screen.legs.current == before


async def test_no_total_is_cut_off_when_there_are_many_states() -> None:
    backend = house_with_open_legs(10)
    backend.open_legs = [
        replace(one, state=state)
        for one, state in zip(backend.open_legs, sorted(OPEN), strict=True)
    ]
    async with cashier(scripted_window(backend)) as person:
        screen = await listed(person)
        totals = "\n".join(line for line in person.text.splitlines() if " CHF " in line)
        assert totals.count(" CHF ") == len(OPEN)
        for state in OPEN:
            assert screen.window.wording.text(f"leg_state.{state.value}") in totals


async def test_enter_tells_everything_and_f3_opens_the_booking(window: Open) -> None:
    app = window(CASHIER)
    async with cashier(app) as person:
        await payment(person, "DEADCRD")
        assert person.sees("✗ declined")
        assert person.sees("could not go back to")
        await person.press("f3")
        await person.until(lambda: isinstance(app.frame, BookingScreen), "its booking opens")


async def test_a_declined_payment_is_paid_as_credit(window: Open) -> None:
    async with cashier(window(CASHIER)) as person:
        await payment(person, "DEADCRD")
        await person.press("f4")
        await person.settled()
        sheet = person.app.frame
        assert isinstance(sheet, ChangeScreen)
        assert sheet.placement is not None
        await person.press("f9")
        assert sheet.said.level is Level.REFUSED
        place = [one.destination.method for one in sheet.placement.places].index(Method.CREDIT)
        await person.press(*["down"] * place, "space")
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


async def test_a_part_is_changed_and_the_rest_stays(window: Open) -> None:
    async with cashier(window(CASHIER)) as person:
        await payment(person, "WPM8TS9")
        await person.press("f4")
        await person.settled()
        sheet = person.app.frame
        assert isinstance(sheet, ChangeScreen)
        assert sheet.placement is not None
        place = [one.destination.method for one in sheet.placement.places].index(Method.CREDIT)
        await person.press(*["down"] * place)
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


async def test_a_due_transfer_is_ticked_off_with_its_receipt(window: Open) -> None:
    async with cashier(window(CASHIER)) as person:
        await payment(person, "MIXCARD")
        await person.press("ctrl+d")
        await person.settled()
        sheet = await shown(person)
        assert "missing" in sheet.said.text
        await person.press("f9")
        assert person.app.frame is sheet
        await person.until(lambda: person.sees("its receipt number"), "a field for the receipt")
        for _ in range(10):
            if getattr(sheet.focused, "max_length", None):
                break
            await person.press("down")
        await person.type("BANK-77")
        await shown(person)
        screen = await committed(person)
        assert (Method.EXTERNAL, LegState.RECORDED) in states(screen)
        assert person.sees("BANK-77")


async def test_a_dead_card_is_tried_again_as_a_new_payment(window: Open) -> None:
    async with cashier(window(CASHIER)) as person:
        before = await payment(person, "DEADCRD")
        old = before.leg
        await person.press("ctrl+x")
        await person.settled()
        assert isinstance(person.app.frame, RetryScreen)
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


async def test_f9_twice_writes_once(window: Open) -> None:
    app = window(CASHIER)
    async with cashier(app) as person:
        await payment(person, "DEADCRD")
        await person.press("ctrl+x")
        await person.settled()
        await shown(person)
        person.send("f9", "f9", "f9")
        await person.settled()
        screen = app.frame
        assert isinstance(screen, PaymentScreen)
        assert len(states(screen)) == 2


async def test_after_an_unclear_answer_f9_does_the_same_thing_and_no_other(
    window: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = window(CASHIER)
    async with cashier(app) as person:
        await payment(person, "DEADCRD")
        await person.press("ctrl+x")
        await person.settled()
        sheet = await shown(person)
        plan = sheet.plan
        real = LocalBackend.execute_method_change

        def lost(self: LocalBackend, caller: Caller, wanted: object) -> object:
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
    window: Open, steps: int, typed: tuple[str, ...], after: LegState
) -> None:
    """What was not found is sent again under its own key, so that its answer comes at last."""
    async with cashier(window(SUPERVISOR)) as person:
        await payment(person, "LOSTANS")
        await person.press("ctrl+f")
        await person.settled()
        sheet = person.app.frame
        assert isinstance(sheet, ResolveScreen)
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


async def test_found_needs_the_providers_reference(window: Open) -> None:
    async with cashier(window(SUPERVISOR)) as person:
        await payment(person, "LOSTANS")
        await person.press("ctrl+f")
        await person.settled()
        sheet = await shown(person)
        assert sheet.said.text == "The reference is missing."
        await person.press("f9")
        await person.settled()
        assert person.app.frame is sheet


async def test_a_cashier_is_told_that_a_supervisor_decides(window: Open) -> None:
    async with cashier(window(CASHIER)) as person:
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
    window: Open, venue: Path
) -> None:
    app = window(CASHIER)
    async with cashier(app) as person:
        found = await payment(person, "DEADCRD")
        await person.press("ctrl+x")
        await person.settled()
        await shown(person)
        other = opened(venue, "other")
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


async def test_what_is_done_is_shown_whatever_was_opened_above_it_meanwhile(window: Open) -> None:
    app = window(CASHIER)
    async with cashier(app) as person:
        found = await payment(person, "DEADCRD")
        await person.press("ctrl+x")
        await person.settled()
        await shown(person)
        person.send("f9", "f1")
        await person.settled()
        assert app.frame is found
        assert len(states(found)) == 2
