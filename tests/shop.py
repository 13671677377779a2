"""A whole box office for tests: store, practice provider, settling, backend; wired as shipped."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from backend_client.answers import RefundOutcome
from backend_client.domain.caller import Caller, Entrance, Role
from backend_client.domain.incoming import (
    IncomingBooking,
    IncomingContact,
    IncomingLine,
    IncomingPayment,
)
from backend_client.domain.kinds import LineKind, PaymentMethod
from backend_client.domain.plan import Part, RefundRequest
from backend_client.domain.stored_value import StoredValueNumber
from backend_client.local.backend import LocalBackend
from backend_client.local.intake import store_bookings
from backend_client.local.intake_rows import Prepared
from backend_client.local.leg_store import LocalLegStore
from backend_client.local.outbox import mail_rules
from backend_client.local.store import Store
from backend_client.ports import RandomTokens
from backend_client.providers.directory import ProviderDirectory
from backend_client.providers.port import Provider
from backend_client.providers.practice import PracticeProvider
from backend_client.reports import ImportSource
from backend_client.settings import Settings
from backend_client.settling.ports import LegStore
from backend_client.settling.settler import Settler
from tests.clocks import SteppingClock

SUPERVISOR = Caller("S. Weber", Role.SUPERVISOR, "3", "box-office", Entrance.WINDOW, "corr-1")
PRICE = 1450


def ticket(
    sequence: int, price_minor: int = PRICE, *, groups: tuple[str, ...] = ()
) -> IncomingLine:
    return IncomingLine(sequence, LineKind.TICKET, "Adult", price_minor, price_minor, groups=groups)


def card(reference: str, amount_minor: int, *, key: str = "P-1") -> IncomingPayment:
    return IncomingPayment(
        key,
        PaymentMethod.CARD,
        amount_minor,
        amount_minor,
        payer="C-1",
        provider="practice",
        provider_reference=reference,
        masked_number="411111......1111",
    )


def sale(
    number: int,
    *,
    payment: str = "pay",
    tickets: int = 2,
    lines: Sequence[IncomingLine] = (),
    payments: Sequence[IncomingPayment] = (),
    email: str = "",
) -> IncomingBooking:
    """A booking B-<number>, paid with one card known to its provider as <payment>-<number>."""
    sold = tuple(lines) or tuple(ticket(sequence) for sequence in range(1, tickets + 1))
    paid = sum(line.price_minor for line in sold)
    return IncomingBooking(
        site="0001",
        booking_id=f"B-{number}",
        transaction_id=str(number),
        currency="EUR",
        lines=sold,
        payments=tuple(payments) or (card(f"{payment}-{number}", paid),),
        contact=IncomingContact("C-1", "Bette Davis", email),
    )


@dataclass(slots=True)
class Shop:
    store: Store
    provider: Provider
    directory: ProviderDirectory
    settler: Settler
    backend: LocalBackend
    clock: SteppingClock

    def sell(self, bookings: Iterable[IncomingBooking]) -> None:
        store_bookings(
            self.store,
            bookings,
            caller=replace(SUPERVISOR, role=Role.ADMIN),
            clock=self.clock,
            pause=lambda _seconds: None,
        )

    def refund(
        self,
        number: int,
        *sequences: int,
        parts: Sequence[Part] = (),
        retained_minor: int = 0,
        commit_key: str = "",
        gift_card: str = "",
    ) -> RefundOutcome:
        """Give lines of booking B-<number> back, all of them unless some are named; `gift_card` is
        the number of the card an unmatched part goes to."""
        booking = self.backend.booking(SUPERVISOR, f"B-{number}").booking
        chosen = sequences or tuple(line.sequence for line in booking.lines if line.is_sold)
        request = RefundRequest(
            booking.id, chosen, "goodwill", tuple(parts), retained_minor=retained_minor
        )
        plan = self.backend.preview_refund(SUPERVISOR, request)
        if commit_key:
            plan = replace(plan, commit_key=commit_key)
        given = StoredValueNumber(gift_card) if gift_card else None
        return self.backend.execute_refund(SUPERVISOR, plan, given)


def open_shop(
    folder: Path,
    *,
    clock: SteppingClock | None = None,
    provider: Provider | None = None,
    store: Store | None = None,
    legs: LegStore | None = None,
    settles: bool = True,
    settings: Settings | None = None,
) -> Shop:
    """A shop whose store and provider lie in `folder`; without `settles` nobody sends at commit."""
    clock = clock or SteppingClock()
    settings = settings or Settings()
    store = store or Store.open(f"sqlite:///{folder / 'store.db'}", create=True, clock=clock)
    provider = provider or PracticeProvider(str(folder / "provider.db"))
    directory = ProviderDirectory(provider)
    settler = Settler(legs or LocalLegStore(store, mail_rules(settings)), directory, clock)
    backend = LocalBackend(
        store,
        settings=settings,
        directory=directory,
        settle=settler.settle if settles else lambda _leg_ids: None,
        load=settler.load if settles else lambda _gift_cards: None,
        recover=settler.recover,
        driver=settler,
        read_source=_no_files,
        clock=clock,
        tokens=RandomTokens(),
        let_go=provider.close if isinstance(provider, PracticeProvider) else lambda: None,
    )
    return Shop(store, provider, directory, settler, backend, clock)


@contextmanager
def opened_shop(
    folder: Path,
    *,
    settles: bool = True,
    settings: Settings | None = None,
    provider: Provider | None = None,
) -> Iterator[Shop]:
    shop = open_shop(folder, settles=settles, settings=settings, provider=provider)
    try:
        yield shop
    finally:
        shop.backend.close()


def provider_ledger(folder: Path) -> list[tuple[str, str, int, str]]:
    """What the provider's own books say: our reference, key, amount, state; the oracle."""
    with closing(sqlite3.connect(folder / "provider.db")) as connection:
        return connection.execute(
            "SELECT our_reference, provider_key, amount_minor, state FROM refund ORDER BY id"
        ).fetchall()


def _no_files(source: ImportSource, _prepare: object) -> Iterator[Prepared]:
    raise AssertionError(f"no test here reads {source.path}")
