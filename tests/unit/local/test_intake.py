"""Bookings come into the store whole, once, and findable; the same again changes nothing."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta
from itertools import accumulate, count, islice
from pathlib import Path
from types import SimpleNamespace

import pytest

from backend_client.domain.booking import Booking
from backend_client.domain.caller import Role
from backend_client.domain.incoming import (
    IncomingBooking,
    IncomingClaim,
    IncomingContact,
    IncomingLine,
    IncomingPayment,
)
from backend_client.domain.kinds import LineState, PaymentMethod
from backend_client.domain.refund import LegState, Method, Origin
from backend_client.importing.practice_venue import practice_bookings
from backend_client.importing.reader import read
from backend_client.local import books, intake, refunds
from backend_client.local.backend import LocalBackend
from backend_client.local.bookings import find_ids, load
from backend_client.local.rows import fetch
from backend_client.local.search import bookings_total, lookup
from backend_client.local.store import Store
from backend_client.reports import ImportSource
from backend_client.settings import Settings
from tests.clocks import CountingTokens, SteppingClock
from tests.unit import builders
from tests.unit.local.arriving import (
    ADMIN,
    BETTE,
    CARD,
    JOAN,
    booking,
    bring_in,
    bring_in_all,
    with_line,
)
from tests.unit.local.venue import PracticeDirectory, counts_and_hashes, findings
from tests.unit.refusing import refused

SAMPLE = Path(__file__).parents[2] / "fixtures" / "connect" / "booking-WPM8TS9.json"


def stored(store: Store, reference: str) -> Booking:
    with store.read() as connection:
        (found,) = load(connection, find_ids(connection, reference))
    return found


def rows(store: Store, statement: str) -> list[tuple[object, ...]]:
    with store.read() as connection:
        return [tuple(row) for row in fetch(connection, statement)]


def without_traces(store: Store) -> dict[str, tuple[int, str]]:
    """Everything but the audit log, which an import always writes to."""
    return {
        name: found
        for name, found in counts_and_hashes(store).items()
        if name not in ("audit", "sequence")
    }


def test_a_booking_is_stored_as_it_came(store: Store) -> None:
    counts = bring_in(store, booking())
    assert (counts.read, counts.added, counts.updated, counts.unchanged) == (1, 1, 0, 0)
    found = stored(store, "wpm8ts9")
    assert found.contact is not None
    assert (found.contact.key, found.contact.name) == ("C-1", "Bette Davis")
    assert [(line.sequence, line.price_minor) for line in found.lines] == [
        (1, 1000),
        (2, 350),
        (3, 100),
    ]
    assert found.lines[0].performance is not None
    assert found.lines[0].performance.event == "Hamlet"
    assert found.payments[0].payer == found.contact
    assert found.payments[0].masked_number == "411111••••••1111"
    assert (found.settled_minor, found.left_minor, found.version) == (1450, 1450, 1)


def test_the_practice_venue_is_stored_as_it_was_made(store: Store) -> None:
    made = list(practice_bookings(400, 3, builders.NOW))
    counts = bring_in_all(store, made)
    assert (counts.read, counts.added) == (400, 400)
    with store.read() as connection:
        found = load(connection, range(1, 401))
        assert bookings_total(connection) == 400
    assert [one.key.booking_id for one in found] == [one.booking_id for one in made]
    for one, came in zip(found, made, strict=True):
        _assert_same(one, came)
    assert findings(store) == []


def _assert_same(found: Booking, came: IncomingBooking) -> None:
    assert (found.key.site, found.key.booking_id, found.key.transaction_id) == came.key
    assert (found.number, found.channel, found.currency, found.is_paid, found.sold_at) == (
        came.number,
        came.channel,
        came.currency,
        came.is_paid,
        came.sold_at,
    )
    assert found.prior_refunded_minor == came.prior_refunded_minor
    shows = {show.key: show for show in came.performances}
    for line, incoming in zip(found.lines, came.lines, strict=True):
        for name in IncomingLine.__dataclass_fields__:
            if name != "performance":
                assert getattr(line, name) == getattr(incoming, name), name
        show = line.performance
        assert (show.key if show else "") == incoming.performance
        if show:
            assert show.starts_at == shows[show.key].starts_at
    for payment, paid in zip(found.payments, came.payments, strict=True):
        for name in IncomingPayment.__dataclass_fields__:
            if name != "payer":
                assert getattr(payment, name) == getattr(paid, name), name
        assert (payment.payer.key if payment.payer else "") == paid.payer


def test_the_same_again_changes_nothing(store: Store) -> None:
    made = list(practice_bookings(350, 3, builders.NOW))
    bring_in_all(store, made)
    before = without_traces(store)
    counts = bring_in_all(store, made)
    assert (counts.read, counts.added, counts.updated, counts.unchanged) == (350, 0, 0, 350)
    assert without_traces(store) == before
    assert findings(store) == []


def test_another_spelling_of_the_same_is_no_change(store: Store) -> None:
    bring_in(store, booking(source_digest="a" * 32))
    before = stored(store, "WPM8TS9")
    counts = bring_in(store, booking(source_digest="b" * 32))
    assert (counts.updated, counts.unchanged) == (0, 1)
    assert stored(store, "WPM8TS9") == before
    assert rows(store, "SELECT source_digest FROM booking") == [("b" * 32,)]


def test_a_booking_id_that_is_used_again_is_another_booking(store: Store) -> None:
    counts = bring_in(store, booking(), booking(transaction_id="9001", number="77"))
    assert counts.added == 2
    with store.read() as connection:
        assert len(find_ids(connection, "WPM8TS9")) == 2
        assert find_ids(connection, "0001:WPM8TS9:9001") == [2]


def test_the_same_booking_twice_in_a_stream_is_stored_once(store: Store) -> None:
    counts = bring_in(store, booking(), booking(), booking())
    assert (counts.read, counts.added, counts.unchanged) == (3, 1, 2)


def test_an_unpaid_booking_becomes_the_paid_one(store: Store) -> None:
    unpaid = replace(
        booking(), transaction_id="0", is_paid=False, payments=(replace(CARD, settled_minor=0),)
    )
    bring_in(store, unpaid)
    assert not stored(store, "WPM8TS9").is_paid
    counts = bring_in(store, booking())
    assert (counts.added, counts.updated) == (0, 1)
    found = stored(store, "WPM8TS9")
    assert found.is_paid
    assert (found.id, found.key.transaction_id, found.version) == (1, "3679", 2)


def test_people_are_one_row_whoever_mentions_them(store: Store) -> None:
    friend = replace(
        booking("FRIEND1", number="1"),
        contact=JOAN,
        payers=(BETTE,),
        payments=(replace(CARD, payer="C-1"),),
    )
    bring_in(store, booking(), friend, booking("AGAIN01", number="2", contact=JOAN, payments=()))
    assert rows(store, "SELECT key, name FROM contact ORDER BY key") == [
        ("C-1", "Bette Davis"),
        ("C-2", "Joan Crawford"),
    ]
    assert rows(store, "SELECT count(*) FROM performance") == [(1,)]


def test_an_empty_detail_keeps_what_is_known(store: Store) -> None:
    bring_in(store, booking())
    bring_in(store, booking("SECOND1", number="5", contact=IncomingContact("C-1", "Bette D.")))
    assert rows(store, "SELECT name, email, phone FROM contact") == [
        ("Bette D.", "bette.davis@example.org", "+41 79 412 30 76")
    ]


def test_an_import_is_in_the_audit_log_by_chunk_and_as_a_whole(store: Store) -> None:
    made = list(practice_bookings(650, 3, builders.NOW))
    bring_in_all(store, made)
    with store.read() as connection:
        records = fetch(connection, "SELECT action, object, body FROM audit ORDER BY seq")
    bodies = [json.loads(row.body) for row in records if row.action == "import-chunk"]
    assert sum(body["added"] for body in bodies) == 650
    assert bodies[0]["ids"][0] == 1
    assert bodies[-1]["ids"][1] == 650
    assert all(body["added"] <= intake.MOST_BOOKINGS for body in bodies)
    assert [row.action for row in records][-1] == "import"
    assert json.loads(records[-1].body)["read"] == 650
    assert store.audit.verify(store).broken_at is None


def test_the_lock_is_left_free_between_chunks(store: Store) -> None:
    pauses: list[float] = []
    bring_in_all(store, list(practice_bookings(700, 3, builders.NOW)), pauses)
    assert all(0 < pause <= intake.GAP_S for pause in pauses)


def test_the_next_chunk_is_read_before_the_one_before_is_waited_for(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    read_when_waiting: list[int] = []
    waits = intake._Pace._on_disk

    def watched(one: IncomingBooking) -> IncomingBooking:
        read.append(one.booking_id)
        return one

    def waiting(pace: intake._Pace, future: Future[object], over: threading.Event) -> object:
        read_when_waiting.append(len(read))
        return waits(pace, future, over)

    monkeypatch.setattr(intake._Pace, "_on_disk", waiting)
    bring_in_all(store, map(watched, practice_bookings(700, 3, builders.NOW)))
    with store.read() as connection:
        bodies = fetch(
            connection, "SELECT body FROM audit WHERE action = 'import-chunk' ORDER BY seq"
        )
    stored_with = list(accumulate(json.loads(row.body)["added"] for row in bodies))
    assert len(stored_with) > 2
    pairs = zip(read_when_waiting, [*stored_with[1:], 700], strict=True)
    assert all(read_by_then >= next_chunk for read_by_then, next_chunk in pairs)


def test_what_a_booking_leaves_unsaid_of_a_person_is_still_found(store: Store) -> None:
    bring_in(store, booking())
    silent = replace(BETTE, phone="", email="")
    bring_in(store, booking(booking_id="WLATER1", transaction_id="7", contact=silent))
    with store.read() as connection:
        found = lookup(connection, BETTE.phone, 10)
    assert {hit.reference for hit in found.hits} == {"WPM8TS9", "WLATER1"}


AWKWARD = 100
"""Among so many first practice bookings some share an id, which ends a chunk early."""


@pytest.mark.parametrize(
    ("held_s", "sizes"),
    [
        (1 / 1024, [300, 375, 468, 585, 731, 913, 1_000, 57]),
        (1 / 16, [300, 336, 376, 421, 10]),
        (1 / 8, [300, 168, 94, 52, 29, 20, 20, 20]),
    ],
)
def test_chunks_are_as_large_as_the_lock_may_be_held(
    store: Store, monkeypatch: pytest.MonkeyPatch, held_s: float, sizes: list[int]
) -> None:
    moments = count(0.0, held_s)
    watch = SimpleNamespace(perf_counter=lambda: next(moments), monotonic=time.monotonic)
    monkeypatch.setattr(intake, "time", watch)
    every = practice_bookings(AWKWARD + sum(sizes), 3, builders.NOW)
    bring_in_all(store, list(islice(every, AWKWARD, None)))
    with store.read() as connection:
        bodies = fetch(
            connection, "SELECT body FROM audit WHERE action = 'import-chunk' ORDER BY seq"
        )
    assert [json.loads(row.body)["added"] for row in bodies] == sizes


def test_progress_counts_up_to_everything(store: Store) -> None:
    seen: list[int] = []
    intake.store_bookings(
        store,
        practice_bookings(610, 3, builders.NOW),
        caller=ADMIN,
        clock=SteppingClock(),
        progress=seen.append,
        pause=lambda _: None,
    )
    assert seen == sorted(seen)
    assert seen[-1] == 610


def test_a_claim_of_a_reseller_becomes_a_requested_refund(store: Store) -> None:
    claimed_at = builders.NOW - timedelta(days=2)
    resold = replace(
        with_line(booking(), 1, state=LineState.RESOLD),
        claims=(IncomingClaim(1, 900, claimed_at, "C-1"),),
    )
    bring_in(store, resold)
    again = bring_in(store, resold)
    assert again.unchanged == 1
    found = stored(store, "WPM8TS9")
    with store.read() as connection:
        (refund,) = refunds.of_booking(connection, found.id)
        balances = {
            account: books.balance(connection, account).get("CHF", 0)
            for account in ("resale_clearing", "refund_payable")
        }
    (leg,) = refund.legs
    assert (refund.number, refund.origin, refund.amount_minor) == ("R-10001", Origin.RESALE, 900)
    assert (leg.method, leg.state, leg.requested_at) == (
        Method.REQUESTED,
        LegState.REQUESTED,
        claimed_at,
    )
    assert found.contact is not None
    assert leg.payer_id == found.contact.id
    assert found.lines[0].state is LineState.RESOLD
    assert found.promised_minor == 900
    assert balances == {"resale_clearing": 900, "refund_payable": -900}
    assert findings(store) == []


def backend_reading(store: Store) -> LocalBackend:
    return LocalBackend(
        store,
        settings=Settings(),
        directory=PracticeDirectory(),
        settle=lambda _: None,
        recover=lambda: 0,
        read_source=read,
        clock=SteppingClock(builders.NOW),
        tokens=CountingTokens(),
    )


def test_the_sample_file_comes_in_through_the_backend(store: Store) -> None:
    source = ImportSource(str(SAMPLE), "connect", "0007", "CHF", "Europe/Zurich")
    report = backend_reading(store).import_bookings(ADMIN, source, lambda _: None)
    assert (report.read, report.added, report.contradicted) == (1, 1, ())
    assert report.defaults == {"site": "0007", "currency": "CHF"}
    found = stored(store, "0007:WPM8TS9:3679")
    assert found.left_minor == 1450
    assert found.payments[0].method is PaymentMethod.CARD
    again = backend_reading(store).import_bookings(ADMIN, source, lambda _: None)
    assert (again.added, again.unchanged) == (0, 1)


def test_nothing_of_a_file_with_a_wrong_line_is_kept(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "broken.ndjson"
    path.write_bytes(json.dumps(json.loads(SAMPLE.read_bytes())).encode() + b"\n{")
    source = ImportSource(str(path), "connect", "0007", "CHF", "Europe/Zurich")
    before = counts_and_hashes(store)
    with refused("import-refused") as caught:
        backend_reading(store).import_bookings(ADMIN, source, lambda _: None)
    assert caught.value.details["line"] == 2
    assert counts_and_hashes(store) == before


def test_a_cashier_does_not_import(store: Store) -> None:
    source = ImportSource(str(SAMPLE), "connect", "0007", "CHF", "Europe/Zurich")
    with refused("not-allowed"):
        backend_reading(store).import_bookings(
            builders.caller(Role.CASHIER), source, lambda _: None
        )
    assert rows(store, "SELECT count(*) FROM booking") == [(0,)]


def test_what_was_stored_before_a_reader_stops_stays(store: Store) -> None:
    class Stopped(Exception):
        pass

    def bookings() -> Iterator[IncomingBooking]:
        yield from islice(practice_bookings(400, 3, builders.NOW), 350)
        raise Stopped

    with pytest.raises(Stopped):
        bring_in_all(store, bookings())
    with store.read() as connection:
        kept = bookings_total(connection)
        assert 0 < kept < 350
        assert fetch(connection, "SELECT count(*) FROM search_doc")[0][0] == kept
        assert lookup(connection, "WPM8TS9", 5).exact
    assert findings(store) == []
