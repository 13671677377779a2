"""A box office whose bookings are at a scripted Connect system: wired as shipped, over a socket."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

import pytest

from backend_client.answers import RefundOutcome
from backend_client.backend import Backend
from backend_client.connect_settings import Cinema as CinemaSettings
from backend_client.connect_settings import ConnectSettings, token_name
from backend_client.domain.incoming import IncomingBooking
from backend_client.domain.refund import Method
from backend_client.ports import TokenSource
from backend_client.remote.client import ConnectClient
from backend_client.reports import ImportReport
from backend_client.settings import House, Settings
from tests.cinema import PREFIX, TOKEN, Cinema, Trouble, served
from tests.clocks import CountingTokens, SteppingClock
from tests.contract.offices import CASHIER, TWO_CARDS, Office, sale, sound
from tui.wiring import open_backend

ALL_KINDS = frozenset({Method.MATCHED, Method.EXTERNAL, Method.UNMATCHED})
MIXED_KINDS = frozenset({"connect-mixed-kinds"})
"""Somebody has read that a call in several parts may break off between them."""


@dataclass(slots=True)
class ConnectOffice(Office):
    """An office that sells by telling the cinema; nothing is imported."""

    cinema: Cinema = field(default_factory=Cinema)
    folder: Path = Path()
    settings: Settings = field(default_factory=Settings)

    def sell(self, *bookings: IncomingBooking) -> ImportReport:
        for booking in bookings:
            self.cinema.sell(booking)
        count = len(bookings)
        return ImportReport("", "connect", count, count, 0, 0)


def connect_settings(
    url: str, settings: Settings | None = None, others: Sequence[str] = (), **changes: object
) -> Settings:
    """A house whose cinema 0001, and `others` like it, take every kind of refund."""
    settings = settings or Settings(house=House(currency="CHF"))
    house = settings.house
    plain = CinemaSettings("0001", house.name, house.currency, house.zone, kinds=ALL_KINDS)
    cinema = replace(plain, **changes)  # type: ignore[arg-type]
    cinemas = {name: replace(cinema, id=name) for name in ("0001", *others)}
    connect = ConnectSettings(
        url=url + PREFIX, cinemas=cinemas, headers=MappingProxyType({}), read_s=30
    )
    return replace(settings, connect=connect)


def keep_token(folder: Path, token: str = TOKEN) -> None:
    """The secret, where the settings of a user keep it."""
    secrets = folder / "ticket-window" / "secrets"
    secrets.mkdir(parents=True, exist_ok=True)
    path = secrets / token_name("practice")
    path.touch(mode=0o600)
    path.write_text(token, encoding="ascii")


@contextmanager
def connect_office(
    folder: Path,
    settings: Settings | None = None,
    cinema: Cinema | None = None,
    others: Sequence[str] = (),
    **changes: object,
) -> Iterator[ConnectOffice]:
    """The backend the composition root makes; its token is a file of this folder."""
    cinema = cinema or Cinema()
    keep_token(folder / "config")
    with served(cinema) as line, pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_CONFIG_HOME", str(folder / "config"))
        patched.delenv("CREDENTIALS_DIRECTORY", raising=False)
        clock = SteppingClock()
        there = connect_settings(line.url, settings, others, **changes)
        backend = opened(folder, there, clock)
        try:
            yield ConnectOffice(backend, clock, cinema=cinema, folder=folder, settings=there)
        finally:
            backend.close()


def sound_office(*sold: IncomingBooking, settings: Settings | None = None) -> object:
    """The fixture `office` of a module: a sound one, which has sold these."""

    @pytest.fixture
    def office(tmp_path: Path) -> Iterator[ConnectOffice]:
        with sound(connect_office(tmp_path, settings)) as made:
            made.sell(*sold)
            yield made

    return office


def give_back_two_cards(office: ConnectOffice, trouble: Trouble) -> RefundOutcome:
    """All of a booking paid with two cards, in one call that goes wrong."""
    office.sell(sale(payments=TWO_CARDS))
    office.cinema.troubles = [trouble]
    request = office.request(1, 2, 3, acknowledged=MIXED_KINDS)
    outcome = office.backend.execute_refund(CASHIER, office.plan(request))
    assert len(office.cinema.refunds) == 1
    return outcome


@contextmanager
def killed_at_connect() -> Iterator[None]:
    """In here a program is killed when Connect has its call, and before it hears the answer."""

    class Killed(BaseException):
        pass

    sends = ConnectClient.refund

    def killed(*arguments: Any) -> None:
        sends(*arguments)
        raise Killed

    with pytest.raises(Killed), patch.object(ConnectClient, "refund", killed):
        yield


def opened(
    folder: Path, settings: Settings, clock: SteppingClock, tokens: TokenSource | None = None
) -> Backend:
    return open_backend(
        f"sqlite:///{folder / 'store.db'}",
        settings,
        create=False,
        clock=clock,
        tokens=tokens or CountingTokens(),
    )
