"""A small venue for tests of the local store: bookings put in as rows, and a backend over them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection

from backend_client.domain.booking import Booking, Contact, Payment, Performance
from backend_client.domain.caller import Caller
from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.plan import RefundPlan, RefundRequest
from backend_client.domain.reach import RefundLimits
from backend_client.domain.refund import LegState
from backend_client.domain.settlement import LegResult, Outcome
from backend_client.local import ids
from backend_client.local.backend import LocalBackend
from backend_client.local.bookings import load_one, pack_groups
from backend_client.local.doctor import examine
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

    def provider_of(self, payment: Payment, channel: str = "") -> str | None:
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


def _no_files(source: object) -> Iterator[Any]:
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
    row = (
        booking_id,
        key.site,
        key.booking_id,
        key.transaction_id,
        booking.number,
        _contact(connection, booking.contact),
        booking.channel,
        booking.currency,
        maybe_us(booking.sold_at),
        int(booking.is_paid),
        booking.settled_minor,
        sum(one.amount_minor - one.settled_minor for one in booking.payments),
        booking.prior_refunded_minor,
        booking.version,
    )
    columns = (
        "id",
        "site",
        "booking_id",
        "transaction_id",
        "number",
        "contact_id",
        "channel",
        "currency",
        "sold_at_us",
        "is_paid",
        "settled_minor",
        "unsettled_minor",
        "prior_refunded_minor",
        "version",
    )
    insert_rows(connection, booking_table, columns, [row])
    _insert_lines(connection, booking_id, booking)
    _insert_payments(connection, booking_id, booking)
    rewrite_search(connection, [booking_id])
    return booking_id


def _insert_lines(connection: Connection, booking_id: int, booking: Booking) -> None:
    if not booking.lines:
        return
    first = ids.take(connection, "line", len(booking.lines))
    columns = (
        "id",
        "booking_id",
        "sequence",
        "kind",
        "fee_kind",
        "description",
        "performance_id",
        "seat",
        "contingent",
        "category",
        "tariff",
        "quantity",
        "price_minor",
        "value_minor",
        "groups",
        "product",
        "parent_sequence",
        "collected",
        "collected_at_us",
        "state",
    )
    rows = [
        (
            line_id,
            booking_id,
            one.sequence,
            one.kind.value,
            one.fee_kind.value if one.fee_kind else None,
            one.description,
            _performance(connection, booking.key.site, one.performance),
            one.seat,
            one.contingent,
            one.category,
            one.tariff,
            one.quantity,
            one.price_minor,
            one.value_minor,
            pack_groups(one.groups),
            one.product,
            one.parent_sequence,
            int(one.collected),
            maybe_us(one.collected_at),
            one.state.value,
        )
        for line_id, one in enumerate(booking.lines, first)
    ]
    insert_rows(connection, line_table, columns, rows)


def _insert_payments(connection: Connection, booking_id: int, booking: Booking) -> None:
    if not booking.payments:
        return
    first = ids.take(connection, "payment", len(booking.payments))
    columns = (
        "id",
        "booking_id",
        "key",
        "method",
        "amount_minor",
        "settled_minor",
        "payer_id",
        "provider",
        "provider_reference",
        "bank_reference",
        "masked_number",
        "card_type",
        "card_expiry",
        "reversal_data",
        "refund_method",
        "prior_refunded_minor",
        "found_minor",
    )
    rows = [
        (
            payment_id,
            booking_id,
            one.key,
            one.method.value,
            one.amount_minor,
            one.settled_minor,
            _contact(connection, one.payer),
            one.provider,
            one.provider_reference,
            one.bank_reference,
            one.masked_number,
            one.card_type,
            one.card_expiry,
            one.reversal_data,
            one.refund_method,
            one.prior_refunded_minor,
            one.found_minor,
        )
        for payment_id, one in enumerate(booking.payments, first)
    ]
    insert_rows(connection, payment_table, columns, rows)


def _contact(connection: Connection, contact: Contact | None) -> int | None:
    if contact is None:
        return None
    found = fetch(connection, "SELECT id FROM contact WHERE key = ?", contact.key)
    if found:
        return int(found[0].id)
    contact_id = ids.take(connection, "contact")
    row = (contact_id, contact.key, contact.name, contact.email, contact.phone)
    insert_rows(connection, contact_table, ("id", "key", "name", "email", "phone"), [row])
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
    row = (
        performance_id,
        site,
        performance.key,
        performance.event,
        maybe_us(performance.starts_at),
    )
    columns = ("id", "site", "key", "event", "starts_at_us")
    insert_rows(connection, performance_table, columns, [row])
    return performance_id
