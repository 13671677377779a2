"""A Connect face without a socket: a backend in memory, and a client that calls its routes."""

from __future__ import annotations

import copy
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from backend_client.backend import Backend
from backend_client.domain.caller import Caller, Entrance, Role
from backend_client.domain.problems import Refused
from backend_client.domain.scopes import Scope, ScopeWord
from backend_client.reports import ImportSource
from backend_client.server.connect_face import BASE, ConnectFace
from backend_client.settings import House, Settings
from tests.clocks import START, CountingTokens, SteppingClock
from tests.sound import wrong
from tests.unit.importing.answers import SAMPLE
from tui.wiring import open_backend

FIXTURES = Path(__file__).parents[2] / "fixtures" / "connect"
HOUSE = House(name="Cinema", site="0001", currency="CHF", zone="Europe/Zurich")
ADMIN = Caller("admin", Role.ADMIN, "", "", Entrance.COMMAND_LINE, "corr-0")
CASHIER = Caller("A. Rochat", Role.CASHIER, "3", "box-office", Entrance.WINDOW, "corr-1")
EVERYTHING = Scope(frozenset(ScopeWord))
TOKEN = "shop-token"
BOOKING = f"{BASE}/RESTBooking.svc/booking"
SEARCH = f"{BASE}/RESTBooking.svc/booking/search"
PAYMENT = f"{BASE}/RESTTicketing.svc/order/payment"
SESSION = "b47e5287860b9c906125343c8dab09c2"


def fixture(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    return found


def place(booking_id: str = "WPM8TS9", cinema_id: str = "0001") -> str:
    return f"{BASE}/cinemas/{cinema_id}/bookings/{booking_id}"


def sample(**changes: Any) -> dict[str, Any]:
    """The document's booking with fields changed; None takes a field out."""
    made = copy.deepcopy(SAMPLE)
    for name, value in changes.items():
        if value is None:
            made["Booking"].pop(name, None)
        else:
            made["Booking"][name] = value
    return made


def paid_by(reference: str, **more: Any) -> dict[str, Any]:
    """The sample's payment; how its reference begins decides what the practice provider does."""
    payment: dict[str, Any] = SAMPLE["Booking"]["Payments"][0]
    return payment | {"BankReference": reference} | more


def unpaid(**changes: Any) -> dict[str, Any]:
    """An order of one ticket that nobody has paid yet, as `order-payment-external-sale` pays it."""
    return sample(
        IsPaid=False,
        VistaTransactionId=0,
        UserSessionId=SESSION,
        TotalValueCents=1000,
        Concessions=[],
        BookingFees=[],
        TotalBookingFeeValueCents=0,
        Payments=[],
        **changes,
    )


class KnownTokens:
    """Clients for tests: a token, and the caller it belongs to."""

    def __init__(self, scopes: Mapping[str, Scope] | None = None) -> None:
        self.scopes = dict(scopes or {TOKEN: EVERYTHING})
        self.revoked: set[str] = set()

    def caller_of(self, token: str, correlation_id: str, address: str) -> Caller:
        if not token:
            raise Refused("token-missing")
        if token in self.revoked:
            raise Refused("token-revoked")
        if token not in self.scopes:
            raise Refused("token-unknown")
        scope = self.scopes[token]
        return Caller(token, Role.CLIENT, "", "internet", Entrance.API, correlation_id, scope)


@dataclass(slots=True)
class Served:
    """The face, its backend, and every mistake that was reported and every wait it made."""

    backend: Backend
    client: httpx.AsyncClient
    clients: KnownTokens
    folder: Path
    mistakes: list[BaseException] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    def sell(self, *answers: Mapping[str, Any], currency: str = HOUSE.currency) -> None:
        """Bring answers of GetSingleBooking in the way every booking comes in."""
        file = self.folder / "answers.jsonl"
        file.write_text("\n".join(map(json.dumps, answers)) + "\n", encoding="utf-8")
        source = ImportSource(str(file), "connect", HOUSE.site, currency, HOUSE.zone)
        self.backend.import_bookings(ADMIN, source, lambda count: None)

    async def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.client.post(path, content=content, headers=headers)

    async def refund(
        self, body: Any, booking_id: str = "WPM8TS9", **headers: str
    ) -> httpx.Response:
        return await self.post(f"{place(booking_id)}/refund", body, **headers)

    async def booking(self, booking_id: str = "WPM8TS9") -> dict[str, Any]:
        answer = await self.post(BOOKING, {"CinemaId": "0001", "BookingId": booking_id})
        assert answer.status_code == 200
        assert answer.json()["ResultCode"] == 0, answer.text
        found: dict[str, Any] = answer.json()["Booking"]
        return found


@asynccontextmanager
async def serving(
    folder: Path, settings: Settings | None = None, clients: KnownTokens | None = None
) -> AsyncIterator[Served]:
    backend = open_backend(
        "sqlite://",
        settings or Settings(house=HOUSE),
        create=True,
        clock=SteppingClock(START),
        tokens=CountingTokens(),
    )
    clients = clients or KnownTokens()
    made = Served(backend, httpx.AsyncClient(), clients, folder)

    async def wait(seconds: float) -> None:
        made.waits.append(seconds)

    face = ConnectFace(
        backend, clients, CountingTokens("corr"), report=made.mistakes.append, wait=wait
    )
    transport = httpx.ASGITransport(face.app())
    headers = {"connectApiToken": TOKEN}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://connect", headers=headers
    ) as made.client:
        try:
            yield made
        finally:
            report = backend.doctor(ADMIN)
            backend.close()
    assert wrong(report) == {}
