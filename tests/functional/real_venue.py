"""The practice venue on a real store in tests: built once, copied for each, sound afterwards."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from backend_client.backend import Backend
from backend_client.domain.caller import Caller, Entrance, Role
from backend_client.domain.plan import Part, RefundRequest
from backend_client.domain.refund import LegState, Method
from backend_client.domain.settlement import LegResult, Outcome
from backend_client.local.leg_store import LocalLegStore
from backend_client.local.store import Store
from backend_client.settings import House, Settings
from backend_client.settling.settler import Settler
from tests.clocks import CountingTokens, SteppingClock
from tests.functional.window import Typist
from tests.sound import wrong
from tests.unit.builders import NOW
from tui import places, wiring
from tui.app import TicketWindowApp
from tui.text.wording import Wording

SETTINGS = Settings(
    house=House(name="Palais", currency="CHF", zone="Europe/Zurich"), desk="3", operator="A. Rochat"
)
CASHIER = Caller("A. Rochat", Role.CASHIER, "3", "box-office", Entrance.WINDOW, "window")
OTHER = replace(CASHIER, operator="B. Keller", desk="4", correlation_id="other")
SUPERVISOR = replace(CASHIER, operator="S. Chef", role=Role.SUPERVISOR)
ADMIN = replace(CASHIER, operator="C. Admin", role=Role.ADMIN, correlation_id="admin")
Open = Callable[[Caller], TicketWindowApp]


def url(folder: Path) -> str:
    return places.sqlite_url(folder / "store.db")


def build(folder: Path) -> None:
    wiring.build_practice_venue(
        url(folder),
        SETTINGS,
        bookings=120,
        seed=1,
        clock=SteppingClock(NOW),
        tokens=CountingTokens("import"),
        progress=lambda _count: None,
    )


def opened(folder: Path, tokens: str, settings: Settings = SETTINGS) -> Backend:
    return wiring.open_backend(
        url(folder),
        settings,
        create=False,
        clock=SteppingClock(NOW),
        tokens=CountingTokens(tokens),
    )


@contextmanager
def sound_copy(built: Path, folder: Path) -> Iterator[Path]:
    """A copy of its own; afterwards every invariant of the store still holds."""
    shutil.copytree(built, folder)
    yield folder
    backend = opened(folder, "doctor")
    try:
        report = backend.doctor(ADMIN)
    finally:
        backend.close()
    assert wrong(report) == {}


@contextmanager
def windows_on(folder: Path) -> Iterator[Open]:
    """Opens windows on the store of this folder, each for a caller, and closes them."""
    made: list[TicketWindowApp] = []

    def open_as(caller: Caller) -> TicketWindowApp:
        app = TicketWindowApp(
            lambda: opened(folder, "window"), caller, SETTINGS, Wording(), SteppingClock(NOW)
        )
        person = Typist()
        app.key_time = person  # type: ignore[method-assign,assignment]
        app.key_now = person.now  # type: ignore[method-assign]
        made.append(app)
        return app

    yield open_as
    for app in made:
        app.close_backend()


def stock(folder: Path) -> None:
    """Two payments requested, one due, one declined and one in review."""
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
    _into_review(folder, leg)


def give_back(backend: Backend, reference: str, method: Method | None = None) -> int:
    """Everything that can go back of a booking, by this method; the id of its first payment."""
    view = backend.booking(CASHIER, reference)
    lines = tuple(number for number, verdict in view.verdicts.items() if verdict.refundable)
    parts = (Part(method),) if method is not None else ()
    request = RefundRequest(view.booking.id, lines, "goodwill", parts)
    outcome = backend.execute_refund(CASHIER, backend.preview_refund(CASHIER, request))
    return outcome.refund.legs[0].id


def _into_review(folder: Path, leg: int) -> None:
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
