"""A house in memory whose operators sign in, for tests of the window."""

from __future__ import annotations

from dataclasses import replace

from backend_client.domain.caller import Action, Caller, Role
from backend_client.domain.permissions import ALLOWED
from backend_client.domain.pins import Pin
from backend_client.domain.problems import Refused
from tests.functional.scripted import ScriptedBackend
from tests.functional.scripted_runs import ScriptedRuns
from tests.functional.window import Cashier, house_bookings, window
from tui.app import TicketWindowApp
from tui.screens.sign_in import SignInScreen
from tui.widgets.sign_in_fields import NameField, PinField

STAFF = {
    "A. Rochat": (Role.CASHIER, "5071"),
    "B. Keller": (Role.SUPERVISOR, "2580"),
    "C. Admin": (Role.ADMIN, "481516"),
}


class SigningIn:
    """The half of a backend that asks who is there; `tried` are the names PINs were given for."""

    def __init__(self, *others: str) -> None:
        self.staff = {**STAFF, **dict.fromkeys(others, (Role.CASHIER, "7352"))}
        self.tried: list[str] = []

    def sign_in_needed(self) -> bool:
        return bool(self.staff)

    def operator_names(self) -> tuple[str, ...]:
        return tuple(sorted(self.staff, key=str.casefold))

    def who_may(self, caller: Caller, action: Action) -> tuple[str, ...]:
        return tuple(
            name for name in self.operator_names() if action in ALLOWED[self.staff[name][0]]
        )

    def sign_in(self, caller: Caller, pin: Pin) -> Caller:
        self.tried.append(caller.operator)
        role, kept = self.staff.get(caller.operator, (Role.CASHIER, ""))
        if pin.reveal() != kept:
            raise Refused("sign-in-refused")
        return replace(caller, role=role)


class StaffedHouse(SigningIn, ScriptedBackend):
    def __init__(self, *others: str) -> None:
        SigningIn.__init__(self, *others)
        ScriptedBackend.__init__(self, house_bookings())


class StaffedRuns(SigningIn, ScriptedRuns):
    def __init__(self) -> None:
        SigningIn.__init__(self)
        ScriptedRuns.__init__(self)


def staffed_window(
    backend: ScriptedBackend | None = None, *, theme: str = "dark"
) -> TicketWindowApp:
    """A window in front of which somebody will have to sign in; A. Rochat's by its settings."""
    return window(backend or StaffedHouse())


async def sign_in(person: Cashier, pin: str = "5071") -> None:
    """The PIN of whoever is named, until the window is open."""
    await person.until(lambda: isinstance(person.app.screen, SignInScreen), "signing in")
    await person.settled()
    await person.type(pin)
    await person.press("enter")
    await person.until(lambda: not person.app.lock.locked, "the window is open")
    await person.settled()


def pin_of(person: Cashier) -> str:
    return person.app.screen.query_one(PinField).value


def name_of(person: Cashier) -> str:
    return person.app.screen.query_one(NameField).value


async def lock(person: Cashier) -> SignInScreen:
    await person.press("ctrl+backslash")
    screen = person.app.screen
    assert isinstance(screen, SignInScreen)
    await person.settled()
    return screen
