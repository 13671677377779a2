"""A booking that changed at its source is taken over, unless refunds of ours contradict it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from backend_client.domain.booking import Booking
from backend_client.domain.caller import Role
from backend_client.domain.incoming import (
    IncomingBooking,
    IncomingClaim,
    IncomingContact,
    IncomingLine,
)
from backend_client.domain.kinds import LineKind, LineState, PaymentMethod
from backend_client.domain.plan import Part
from backend_client.domain.refund import LegState, Method
from backend_client.local import intake_chunk
from backend_client.local.bookings import find_one, load_one
from backend_client.local.rows import fetch
from backend_client.local.search import lookup
from backend_client.local.store import Store
from tests.unit import builders
from tests.unit.local.arriving import (
    BETTE,
    CARD,
    HAMLET,
    JOAN,
    booking,
    bring_in,
    with_line,
    with_payment,
)
from tests.unit.local.venue import Desk, answer, counts_and_hashes, findings

CASHIER = builders.caller()
Change = Callable[[IncomingBooking], IncomingBooking]


def stored(store: Store, booking_id: str = "WPM8TS9") -> Booking:
    with store.read() as connection:
        return load_one(connection, find_one(connection, booking_id))


def found(store: Store, text: str) -> list[str]:
    with store.read() as connection:
        return [hit.reference for hit in lookup(connection, text, 50).hits]


def everything_but_audit(store: Store) -> dict[str, tuple[int, str]]:
    return {
        name: rows
        for name, rows in counts_and_hashes(store).items()
        if name not in ("audit", "sequence")
    }


POP_CORN = IncomingLine(4, LineKind.CONCESSION, "Nachos", 500, 500)


@pytest.mark.parametrize(
    "change",
    [
        lambda one: with_line(one, 1, collected=True, collected_at=builders.NOW),
        lambda one: with_line(one, 2, price_minor=400, value_minor=400),
        lambda one: with_line(one, 2, state=LineState.CANCELLED),
        lambda one: replace(one, lines=(*one.lines, POP_CORN)),
        lambda one: replace(one, lines=one.lines[:1]),
        lambda one: with_payment(one, "OPH-29299", settled_minor=1000),
        lambda one: with_payment(one, "OPH-29299", method=PaymentMethod.CASH),
        lambda one: replace(one, payments=(replace(CARD, key="OPH-2"),)),
        lambda one: replace(one, payments=()),
        lambda one: replace(one, channel="box-office"),
        lambda one: replace(one, is_paid=False, payments=(replace(CARD, settled_minor=0),)),
        lambda one: replace(one, contact=JOAN, payers=(BETTE,)),
        lambda one: replace(one, contact=None, payments=(replace(CARD, payer=""),)),
        lambda one: replace(one, prior_refunded_minor=200),
        lambda one: replace(one, number="9999"),
    ],
)
def test_a_change_is_taken_over_and_counted(desk: Desk, change: Change) -> None:
    bring_in(desk.store, booking(), booking("OTHER01", number="1"))
    other = stored(desk.store, "OTHER01")
    new = change(booking())
    counts = bring_in(desk.store, new)
    assert (counts.added, counts.updated, counts.unchanged, counts.contradicted) == (0, 1, 0, [])
    after = stored(desk.store)
    assert after.version == 2
    assert [line.sequence for line in after.lines] == [line.sequence for line in new.lines]
    assert [(line.price_minor, line.state) for line in after.lines] == [
        (line.price_minor, line.state) for line in new.lines
    ]
    assert [(one.key, one.method, one.settled_minor) for one in after.payments] == [
        (one.key, one.method, one.settled_minor) for one in new.payments
    ]
    assert (after.channel, after.number, after.is_paid, after.prior_refunded_minor) == (
        new.channel,
        new.number,
        new.is_paid,
        new.prior_refunded_minor,
    )
    assert (after.contact.key if after.contact else None) == (
        new.contact.key if new.contact else None
    )
    assert stored(desk.store, "OTHER01") == other
    assert bring_in(desk.store, new).unchanged == 1
    events = desk.backend.booking(CASHIER, "WPM8TS9").timeline
    assert [event.what for event in events].count("updated") == 1


def test_details_of_a_person_change_no_version_but_every_search(desk: Desk) -> None:
    bring_in(desk.store, booking(), booking("OTHER01", number="1"))
    midler = IncomingContact("C-1", "Bette Midler", "midler@example.org", BETTE.phone)
    counts = bring_in(desk.store, booking(contact=midler))
    assert counts.updated == 1
    assert stored(desk.store).version == 1
    assert found(desk.store, "midler") == ["OTHER01", "WPM8TS9"]
    assert found(desk.store, "davis") == []
    assert stored(desk.store, "OTHER01").contact == stored(desk.store).contact


def test_a_payers_new_name_is_found_too(desk: Desk) -> None:
    paid_by_joan = booking(payers=(JOAN,), payments=(replace(CARD, payer="C-2"),))
    bring_in(desk.store, paid_by_joan)
    bring_in(
        desk.store,
        booking("JOANS01", number="2", payments=(), contact=replace(JOAN, name="Joan LeSueur")),
    )
    assert found(desk.store, "lesueur") == ["JOANS01", "WPM8TS9"]
    assert found(desk.store, "crawford") == []


def test_a_performance_that_moves_or_gets_another_name_does_so_for_all(desk: Desk) -> None:
    bring_in(desk.store, booking(), booking("OTHER01", number="1"))
    moved = replace(HAMLET, event="Hamlet (moved)", starts_at=builders.NOW + timedelta(days=9))
    counts = bring_in(desk.store, booking(performances=(moved,)))
    assert counts.updated == 1
    for booking_id in ("WPM8TS9", "OTHER01"):
        show = stored(desk.store, booking_id).lines[0].performance
        assert show is not None
        assert (show.event, show.starts_at) == (moved.event, moved.starts_at)
    assert found(desk.store, "moved") == ["OTHER01", "WPM8TS9"]


def test_words_of_very_many_bookings_are_put_right_in_steps(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_chunk, "REWRITTEN_AT_ONCE", 2)
    bring_in(desk.store, *[booking(f"MANY{n:03d}", number=str(n)) for n in range(9)])
    ruth = IncomingContact("C-1", "Ruth Elizabeth", "ruth@example.org")
    bring_in(desk.store, booking("MANY000", number="0", contact=ruth))
    assert len(found(desk.store, "ruth")) == 9
    assert found(desk.store, "davis") == []


def give_back(desk: Desk, *sequences: int, method: Method = Method.MATCHED) -> int:
    """Give lines back at the window; the id of the first leg."""
    plan = desk.plan(
        builders.request(
            *sequences,
            parts=[Part(method)],
            acknowledged=["fee-stranded"],
        )
    )
    return desk.backend.execute_refund(CASHIER, plan).refund.legs[0].id


CONTRADICTIONS: dict[str, Change] = {
    "currency": lambda one: replace(one, currency="EUR"),
    "line gone": lambda one: replace(one, lines=one.lines[1:2]),
    "line worth less": lambda one: with_line(one, 1, price_minor=900, value_minor=900),
    "line of another kind": lambda one: with_line(one, 1, kind=LineKind.CONCESSION),
    "line worth unknown": lambda one: with_line(one, 1, value_minor=None),
    "line resold": lambda one: with_line(one, 1, state=LineState.RESOLD),
    "line exchanged": lambda one: with_line(one, 1, state=LineState.EXCHANGED),
    "given back at both ends": lambda one: with_payment(
        with_line(replace(one, prior_refunded_minor=1000), 1, state=LineState.CANCELLED),
        "OPH-29299",
        prior_refunded_minor=400,
    ),
    "payment gone": lambda one: replace(one, payments=(replace(CARD, key="OPH-2"),)),
    "payment shrunk": lambda one: with_payment(one, "OPH-29299", settled_minor=999),
    "payment refunded elsewhere": lambda one: with_payment(
        replace(one, prior_refunded_minor=451), "OPH-29299", prior_refunded_minor=451
    ),
    "payment of another kind": lambda one: with_payment(
        one, "OPH-29299", method=PaymentMethod.CASH
    ),
    "another payer": lambda one: with_payment(
        replace(one, payers=(JOAN,)), "OPH-29299", payer="C-2"
    ),
    "not paid": lambda one: replace(one, is_paid=False, payments=(replace(CARD, settled_minor=0),)),
    "less left on the booking": lambda one: replace(one, prior_refunded_minor=451),
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_what_our_refunds_contradict_is_listed_and_not_stored(desk: Desk, name: str) -> None:
    bring_in(desk.store, booking(), booking("OTHER01", number="1", contact=JOAN, payments=()))
    give_back(desk, 1)
    before = everything_but_audit(desk.store)
    counts = bring_in(desk.store, CONTRADICTIONS[name](booking()))
    assert counts.contradicted == ["0001:WPM8TS9:3679"]
    assert (counts.added, counts.updated, counts.unchanged) == (0, 0, 0)
    assert everything_but_audit(desk.store) == before


def test_a_contradicted_booking_does_not_stop_the_others(desk: Desk) -> None:
    bring_in(desk.store, booking())
    give_back(desk, 1)
    counts = bring_in(
        desk.store,
        booking("BEFORE1", number="1"),
        CONTRADICTIONS["line gone"](booking()),
        booking("AFTER01", number="2"),
    )
    assert (counts.added, len(counts.contradicted)) == (2, 1)
    assert found(desk.store, "BEFORE1") == ["BEFORE1"]


@pytest.mark.parametrize(
    "change",
    [
        lambda one: with_line(one, 2, collected=True),
        lambda one: with_line(one, 2, price_minor=300, value_minor=300),
        lambda one: with_line(one, 1, state=LineState.CANCELLED, collected=True),
        lambda one: replace(one, lines=(*one.lines, POP_CORN)),
        lambda one: replace(one, lines=(one.lines[0], one.lines[2])),
        lambda one: with_payment(
            replace(one, prior_refunded_minor=450), "OPH-29299", prior_refunded_minor=450
        ),
        lambda one: replace(one, channel="phone"),
    ],
)
def test_what_our_refunds_can_live_with_is_taken_over(desk: Desk, change: Change) -> None:
    bring_in(desk.store, booking())
    give_back(desk, 1)
    version = stored(desk.store).version
    new = change(booking())
    counts = bring_in(desk.store, new)
    assert (counts.updated, counts.contradicted) == (1, [])
    after = stored(desk.store)
    assert after.version == version + 1
    line = after.line(1)
    assert line is not None
    assert line.state is LineState.CANCELLED
    assert line.collected == new.lines[0].collected
    assert after.payments[0].taken_minor == 1000
    assert after.promised_minor == 1000


def test_a_source_that_knows_nothing_of_our_refund_sells_nothing_again(desk: Desk) -> None:
    bring_in(desk.store, booking())
    give_back(desk, 1, 2, 3)
    counts = bring_in(desk.store, booking(source_digest="c" * 32))
    assert (counts.updated, counts.unchanged) == (0, 1)
    assert all(not line.is_sold for line in stored(desk.store).lines)


def test_after_a_void_the_line_may_change_but_not_vanish(desk: Desk) -> None:
    bring_in(desk.store, booking())
    give_back(desk, 1, method=Method.REQUESTED)
    boss = builders.caller(Role.SUPERVISOR)
    plan = desk.backend.preview_void(boss, "R-10001", "mistake")
    desk.backend.execute_void(boss, plan)
    cheaper = with_line(booking(), 1, price_minor=900, value_minor=900)
    assert bring_in(desk.store, cheaper).updated == 1
    assert stored(desk.store).lines[0].value_minor == 900
    assert bring_in(desk.store, replace(booking(), lines=booking().lines[1:2])).contradicted


def test_a_payment_whose_leg_was_declined_may_shrink_but_not_vanish(desk: Desk) -> None:
    bring_in(desk.store, booking())
    leg = give_back(desk, 1)
    answer(desk.store, leg, LegState.DECLINED)
    smaller = with_payment(booking(), "OPH-29299", settled_minor=1200)
    assert bring_in(desk.store, smaller).updated == 1
    assert bring_in(desk.store, replace(booking(), payments=())).contradicted


def test_money_on_a_waiting_account_that_was_given_up_stays_given_up(desk: Desk) -> None:
    account = replace(
        CARD,
        method=PaymentMethod.WAITING_ACCOUNT,
        settled_minor=0,
        provider="",
        provider_reference="",
    )
    on_account = booking(payments=(account,))
    bring_in(desk.store, on_account)
    give_back(desk, 1, method=Method.WAITING)
    assert stored(desk.store).payments[0].waiting_taken_minor == 1000
    partly = with_payment(on_account, "OPH-29299", settled_minor=400)
    wholly = with_payment(on_account, "OPH-29299", settled_minor=1450)
    assert bring_in(desk.store, partly).updated == 1
    assert bring_in(desk.store, wholly).contradicted == ["0001:WPM8TS9:3679"]


def test_a_claim_that_changes_or_vanishes_contradicts_its_refund(desk: Desk) -> None:
    claim = IncomingClaim(1, 900, builders.NOW, "C-1")
    resold = replace(with_line(booking(), 1, state=LineState.RESOLD), claims=(claim,))
    bring_in(desk.store, with_line(booking(), 1, state=LineState.RESOLD))
    assert bring_in(desk.store, resold).updated == 1
    assert findings(desk.store) == []
    for other in (
        replace(resold, claims=()),
        replace(resold, claims=(replace(claim, amount_minor=800),)),
        replace(resold, claims=(replace(claim, payer=""),)),
    ):
        assert bring_in(desk.store, other).contradicted == ["0001:WPM8TS9:3679"]
    with desk.store.read() as connection:
        assert fetch(connection, "SELECT count(*) FROM refund")[0][0] == 1


def test_a_claim_for_more_than_is_left_is_listed(desk: Desk) -> None:
    bring_in(desk.store, booking())
    give_back(desk, 2, 3)
    resold = with_line(booking(), 1, state=LineState.RESOLD)
    claim = IncomingClaim(1, 1001, builders.NOW, "C-1")
    assert bring_in(desk.store, replace(resold, claims=(claim,))).contradicted
    fitting = replace(resold, claims=(replace(claim, amount_minor=1000),))
    assert bring_in(desk.store, fitting).updated == 1
    assert stored(desk.store).left_minor == 0


def test_a_claim_for_a_line_we_gave_back_is_listed(desk: Desk) -> None:
    bring_in(desk.store, booking())
    give_back(desk, 1)
    resold = with_line(booking(), 1, state=LineState.RESOLD)
    claim = IncomingClaim(1, 100, builders.NOW, "C-1")
    assert bring_in(desk.store, replace(resold, claims=(claim,))).contradicted


def test_a_plan_made_before_an_import_is_stale_after_it(desk: Desk) -> None:
    bring_in(desk.store, booking())
    plan = desk.plan(builders.request(1, 2, 3))
    bring_in(desk.store, with_line(booking(), 2, price_minor=400, value_minor=400))
    with pytest.raises(Exception, match="plan-stale"):
        desk.backend.execute_refund(CASHIER, plan)
