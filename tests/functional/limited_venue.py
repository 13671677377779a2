"""A venue with limits: its windows, what waits there, and how another person is asked."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from backend_client.backend import Backend
from backend_client.domain.caller import Caller, Role
from backend_client.domain.pins import Pin
from backend_client.domain.policy import Policy
from backend_client.domain.refund import RefundStatus
from backend_client.settings import Settings
from tests.clocks import SteppingClock
from tests.functional import real_venue
from tests.functional.real_venue import ADMIN, CASHIER, SETTINGS, SUPERVISOR
from tests.functional.window import Cashier, Typist, typist
from tests.sound import wrong
from tests.unit.builders import NOW
from tui.app import TicketWindowApp
from tui.dialogs.approver import ApproverDialog
from tui.screens.method import MethodScreen
from tui.screens.outcome import OutcomeScreen
from tui.text.wording import Wording

LIMITED = replace(SETTINGS, policy=Policy(limit_minor=1000, second_supervisor_minor=1000))
CHEF_PIN, CASHIER_PIN = Pin("2580"), Pin("5071")


def opened(folder: Path, tokens: str = "limited", settings: Settings = LIMITED) -> Backend:
    return real_venue.opened(folder, tokens, settings)


@contextmanager
def window_of(
    folder: Path, caller: Caller, settings: Settings = LIMITED
) -> Iterator[TicketWindowApp]:
    app = TicketWindowApp(
        lambda: opened(folder, "window", settings), caller, settings, Wording(), SteppingClock(NOW)
    )
    person = Typist()
    app.key_time = person  # type: ignore[method-assign,assignment]
    app.key_now = person.now  # type: ignore[method-assign]
    try:
        yield app
    finally:
        app.close_backend()


@contextmanager
def staffed_copy(built: Path, folder: Path) -> Iterator[Path]:
    """One whose operators sign in: a cashier, two supervisors, an admin; sound afterwards."""
    shutil.copytree(built, folder)
    pin = Pin("481516")
    backend = opened(folder, "staff")
    try:
        backend.add_operator(ADMIN, ADMIN.operator, Role.ADMIN, pin)
        admin = backend.sign_in(ADMIN, pin)
        backend.add_operator(admin, CASHIER.operator, Role.CASHIER, CASHIER_PIN)
        backend.add_operator(admin, SUPERVISOR.operator, Role.SUPERVISOR, CHEF_PIN)
        backend.add_operator(admin, "T. Blanc", Role.SUPERVISOR, Pin("7352"))
    finally:
        backend.close()
    yield folder
    backend = opened(folder, "doctor")
    try:
        report = backend.doctor(backend.sign_in(ADMIN, pin))
    finally:
        backend.close()
    assert wrong(report) == {}


async def waiting(person: Cashier) -> OutcomeScreen:
    """The cashier commits what waits then."""
    await person.open("WPM8TS9")
    await person.press("asterisk")
    await person.preview()
    assert person.sees("more than 10.00 CHF at once: it waits until a supervisor")
    assert isinstance(person.app.frame, MethodScreen)
    assert "waits for approval" in person.status
    await person.press("f9")
    await person.until(lambda: isinstance(person.app.frame, OutcomeScreen), "the outcome")
    screen = person.app.frame
    assert isinstance(screen, OutcomeScreen)
    await person.settled()
    return screen


async def asked(person: Cashier) -> None:
    """V, and the time it takes to read the dialog."""
    await person.press("v")
    await person.settled()
    assert isinstance(person.app.screen, ApproverDialog), person.status
    typist(person.app).wait(1)


def status_of(screen: OutcomeScreen) -> RefundStatus:
    assert screen.outcome is not None
    return screen.outcome.refund.status
