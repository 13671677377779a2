"""A small venue for tests of the local store: bookings put in as rows, and a backend over them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Table
from sqlalchemy.engine import Connection

from backend_client.domain.booking import Booking, Contact, Performance
from backend_client.domain.caller import Caller
from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.plan import RefundPlan, RefundRequest
from backend_client.domain.reach import RefundLimits
from backend_client.domain.refund import LegState
from backend_client.domain.settlement import LegResult, Outcome, Reversible
from backend_client.local import ids
from backend_client.local.backend import LocalBackend
from backend_client.local.bookings import load_one
from backend_client.local.doctor import examine
from backend_client.local.groups import pack_groups
from backend_client.local.leg_store import LocalLegStore
from backend_client.local.rows import fetch, insert_rows
from backend_client.local.schema import booking as booking_table
from backend_client.local.schema import contact as contact_table
from backend_client.local.schema import line as line_table
from backend_client.local.schema import metadata
from backend_client.local.schema import payment as payment_table
from backend_client.local.schema import performance as performance_table
from backend_client.local.search_index import rewrite_search
from backend_client.local.store import Store
from backend_client.local.times import maybe_us
from backend_client.ports import Clock, TokenSource
from backend_client.settings import Settings
from tests.clocks import CountingTokens, SteppingClock
from tests.unit import builders

MEMORY = "sqlite://"


def url_of(path: Path) -> str:
    return f"sqlite:///{path}"


@contextmanager
def opened(url: str = MEMORY, *, create: bool = True, deadline_s: float = 5.0) -> Iterator[Store]:
    """A store that is closed again."""
    store = Store.open(url, create=create, clock=SteppingClock(), deadline_s=deadline_s)
    try:
        yield store
    finally:
        store.close()


class PracticeDirectory:
    """Every card payment that names a provider can be reversed by it."""

    environment = "practice"

    def provider_of(self, payment: Reversible, channel: str = "") -> str | None:
        return payment.provider or None if payment.method is PaymentMethod.CARD else None

    def loads_gift_cards(self, channel: str = "") -> str:
        return ""

    def arrival_days(self) -> Mapping[str, tuple[int, int]]:
        return {"practice": (3, 5)}

    def limits(self) -> Mapping[str, RefundLimits]:
        return {}


@dataclass(slots=True)
class Desk:
    """A backend over a store, with everything a test wants to look at beside it."""

    store: Store
    settings: Settings = field(default_factory=Settings)
    clock: SteppingClock = field(default_factory=lambda: SteppingClock(builders.NOW))
    tokens: CountingTokens = field(default_factory=CountingTokens)
    sent: list[int] = field(default_factory=list)
    settle: Callable[[Sequence[int]], None] | None = None
    harmed: bool = False
    """Set by a test that harms the store on purpose: the doctor is then not asked."""

    @property
    def backend(self) -> LocalBackend:
        settle = self.settle or self.sent.extend
        return backend_over(self.store, self.settings, self.clock, self.tokens, settle)

    def plan(self, request: RefundRequest, caller: Caller | None = None) -> RefundPlan:
        return self.backend.preview_refund(caller or builders.caller(), request)


def backend_over(
    store: Store,
    settings: Settings,
    clock: Clock,
    tokens: TokenSource,
    settle: Callable[[Sequence[int]], None] = lambda leg_ids: None,
) -> LocalBackend:
    """A backend nobody sends for, unless `settle` does."""
    return LocalBackend(
        store,
        settings=settings,
        directory=PracticeDirectory(),
        settle=settle,
        recover=lambda: 0,
        read_source=_no_files,
        clock=clock,
        tokens=tokens,
    )


def _no_files(source: object, _prepare: object) -> Iterator[Any]:
    raise AssertionError(f"no test here reads {source}")


def put(store: Store, booking: Booking, *, named: str = "") -> Booking:
    """Store a booking made by the builders under ids of its own, and read it back."""
    if named:
        booking = replace(booking, key=replace(booking.key, booking_id=named))
    booking_id = store.write(lambda connection: _insert(connection, booking), label="put")
    with store.read() as connection:
        return load_one(connection, booking_id)


def counts_and_hashes(store: Store) -> dict[str, tuple[int, str]]:
    """How many rows every table has, and a hash of all that is in them."""
    found = {}
    with store.read() as connection:
        for name in sorted(metadata.tables):
            rows = sorted(map(repr, fetch(connection, f"SELECT * FROM {name}")))
            digest = hashlib.sha256("\n".join(rows).encode()).hexdigest()
            found[name] = (len(rows), digest)
    return found


_OUTCOMES = {
    LegState.SUCCEEDED: Outcome.FINAL,
    LegState.ACCEPTED: Outcome.ACCEPTED,
    LegState.DECLINED: Outcome.DECLINED,
    LegState.UNKNOWN: Outcome.UNKNOWN,
}


def answer(store: Store, leg_id: int, state: LegState) -> None:
    """Send a pending leg as settling does, and have its provider answer with this state."""
    legs = LocalLegStore(store)
    sent = legs.claim([leg_id], "test", builders.NOW)[0]
    result = LegResult(
        leg_id,
        LegState.SENDING,
        sent.attempts,
        state,
        _OUTCOMES[state],
        code="43" if state is LegState.DECLINED else "",
        provider_refund_id=f"prov-{leg_id}" if state is LegState.SUCCEEDED else "",
    )
    assert legs.record([result], builders.NOW) == {leg_id}


def balances(store: Store) -> dict[str, int]:
    """What every account of the books holds, one currency assumed; empty accounts left out."""
    with store.read() as connection:
        rows = fetch(
            connection,
            "SELECT account, SUM(amount_minor) AS held FROM posting GROUP BY account "
            "HAVING SUM(amount_minor) <> 0",
        )
        return {row.account: row.held for row in rows}


def findings(store: Store) -> list[str]:
    """What the doctor finds wrong."""
    return [f"{one.code}: {what}" for one in examine(store).checks for what in one.findings]


def _insert(connection: Connection, booking: Booking) -> int:
    booking_id = ids.take(connection, "booking")
    key = booking.key
    row = {
        "id": booking_id,
        "site": key.site,
        "booking_id": key.booking_id,
        "transaction_id": key.transaction_id,
        "number": booking.number,
        "contact_id": _contact(connection, booking.contact),
        "channel": booking.channel,
        "currency": booking.currency,
        "sold_at_us": maybe_us(booking.sold_at),
        "is_paid": int(booking.is_paid),
        "settled_minor": booking.settled_minor,
        "unsettled_minor": sum(one.amount_minor - one.settled_minor for one in booking.payments),
        "prior_refunded_minor": booking.prior_refunded_minor,
        "version": booking.version,
    }
    _insert_rows(connection, booking_table, [row])
    _insert_lines(connection, booking_id, booking)
    _insert_payments(connection, booking_id, booking)
    rewrite_search(connection, [booking_id])
    return booking_id


def _insert_lines(connection: Connection, booking_id: int, booking: Booking) -> None:
    if not booking.lines:
        return
    first = ids.take(connection, "line", len(booking.lines))
    rows = [
        {
            "id": line_id,
            "booking_id": booking_id,
            "sequence": one.sequence,
            "kind": one.kind.value,
            "fee_kind": one.fee_kind.value if one.fee_kind else None,
            "description": one.description,
            "performance_id": _performance(connection, booking.key.site, one.performance),
            "seat": one.seat,
            "contingent": one.contingent,
            "category": one.category,
            "tariff": one.tariff,
            "quantity": one.quantity,
            "price_minor": one.price_minor,
            "value_minor": one.value_minor,
            "groups": pack_groups(one.groups),
            "product": one.product,
            "parent_sequence": one.parent_sequence,
            "collected": int(one.collected),
            "collected_at_us": maybe_us(one.collected_at),
            "state": one.state.value,
        }
        for line_id, one in enumerate(booking.lines, first)
    ]
    _insert_rows(connection, line_table, rows)


def _insert_payments(connection: Connection, booking_id: int, booking: Booking) -> None:
    if not booking.payments:
        return
    first = ids.take(connection, "payment", len(booking.payments))
    rows = [
        {
            "id": payment_id,
            "booking_id": booking_id,
            "key": one.key,
            "method": one.method.value,
            "amount_minor": one.amount_minor,
            "settled_minor": one.settled_minor,
            "payer_id": _contact(connection, one.payer),
            "provider": one.provider,
            "provider_reference": one.provider_reference,
            "bank_reference": one.bank_reference,
            "masked_number": one.masked_number,
            "card_type": one.card_type,
            "card_expiry": one.card_expiry,
            "reversal_data": one.reversal_data,
            "refund_method": one.refund_method,
            "prior_refunded_minor": one.prior_refunded_minor,
            "found_minor": one.found_minor,
        }
        for payment_id, one in enumerate(booking.payments, first)
    ]
    _insert_rows(connection, payment_table, rows)


def _insert_rows(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    insert_rows(connection, table, tuple(rows[0]), [tuple(row.values()) for row in rows])


def _contact(connection: Connection, contact: Contact | None) -> int | None:
    if contact is None:
        return None
    found = fetch(connection, "SELECT id FROM contact WHERE key = ?", contact.key)
    if found:
        return int(found[0].id)
    contact_id = ids.take(connection, "contact")
    row = {
        "id": contact_id,
        "key": contact.key,
        "name": contact.name,
        "email": contact.email,
        "phone": contact.phone,
    }
    _insert_rows(connection, contact_table, [row])
    return contact_id


def _performance(connection: Connection, site: str, performance: Performance | None) -> int | None:
    if performance is None:
        return None
    found = fetch(
        connection, "SELECT id FROM performance WHERE site = ? AND key = ?", site, performance.key
    )
    if found:
        return int(found[0].id)
    performance_id = ids.take(connection, "performance")
    row = {
        "id": performance_id,
        "site": site,
        "key": performance.key,
        "event": performance.event,
        "starts_at_us": maybe_us(performance.starts_at),
    }
    _insert_rows(connection, performance_table, [row])
    return performance_id
