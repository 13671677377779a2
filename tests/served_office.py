"""A box office whose bookings are in another store of ours, reached as Vista Connect is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from backend_client.backend import Backend
from backend_client.domain.incoming import IncomingBooking
from backend_client.reports import ImportReport
from backend_client.settings import Settings
from tests.cinema import TOKEN
from tests.clocks import CountingTokens, SteppingClock
from tests.connect_offices import connect_settings, keep_token, opened
from tests.connect_server import connect_server
from tests.contract.offices import ADMIN, STOCK, Office
from tests.sound import wrong
from tests.unit.server.served import EVERYTHING, KnownTokens
from tui.wiring import open_backend


@dataclass(slots=True, kw_only=True)
class ServedOffice(Office):
    """`behind` is the house that sells, and gives the money back in the end."""

    behind: Backend
    taken: list[IncomingBooking] = field(default_factory=list)

    def sell(self, *bookings: IncomingBooking) -> ImportReport:
        self.taken[:] = bookings
        return self.behind.import_bookings(ADMIN, STOCK, lambda count: None)


@contextmanager
def served_office(folder: Path, settings: Settings) -> Iterator[ServedOffice]:
    """Both ends as they are shipped, over a socket."""
    keep_token(folder / "config", TOKEN)
    clock = SteppingClock()
    taken: list[IncomingBooking] = []
    behind = open_backend(
        "sqlite://",
        settings,
        create=True,
        clock=clock,
        tokens=CountingTokens("behind"),
        read_source=lambda _, prepare: map(prepare, taken),
    )
    clients = KnownTokens({TOKEN: EVERYTHING})
    with connect_server(behind, clients) as url, pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_CONFIG_HOME", str(folder / "config"))
        patched.delenv("CREDENTIALS_DIRECTORY", raising=False)
        backend = opened(folder, connect_settings(url, settings), clock)
        try:
            yield ServedOffice(backend, clock, behind=behind, taken=taken)
        finally:
            backend.close()
            report = behind.doctor(ADMIN)
    behind.close()
    assert wrong(report) == {}
