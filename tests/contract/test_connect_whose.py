"""A call without an answer, and a booking that shows all of it: was it ours, or somebody else's?

Another window may have given the same lines back for the same sum at the same moment. What it did
is not told as ours, or a customer is paid twice and nobody looks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from backend_client.domain.connect_outcome import Signal
from backend_client.domain.legs import Refund
from backend_client.domain.plan import Part, RefundRequest
from backend_client.domain.refund import Method, RefundStatus
from backend_client.remote.answers import Said
from backend_client.remote.client import ConnectClient
from backend_client.settings import House, Settings
from tests.cinema import Point, Trouble
from tests.connect_offices import ConnectOffice, sound_office
from tests.contract.offices import CASHIER, SUPERVISOR, Office, sale, sound
from tests.served_office import ServedOffice, served_office

S = RefundStatus
SLIP = Part(Method.EXTERNAL, reference="slip 7")
STRANGER = replace(CASHIER, correlation_id="their-call")
UNSURE = (Signal.UNSURE, Signal.ALREADY)
office = sound_office()


@pytest.fixture
def both(tmp_path: Path) -> Iterator[ServedOffice]:
    with sound(served_office(tmp_path, Settings(house=House(currency="CHF")))) as made:
        made.sell(sale())
        yield made


@contextmanager
def unanswered(before: Callable[[], object], signal: Signal, *, arrives: bool) -> Iterator[None]:
    """What happens at the other end while the call is made, and whether the call gets there."""
    sent = ConnectClient.refund

    def refund(client: ConnectClient, *named: object) -> Said:
        before()
        if arrives:
            assert sent(client, *named).signal is Signal.CLEAN  # type: ignore[arg-type]
        return Said(signal, "cut", "no whole answer")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ConnectClient, "refund", refund)
        yield


def in_the_end(office: Office, refund: Refund) -> RefundStatus:
    """What it is once nobody believes any more that its call is still running."""
    for _ in range(3):
        office.clock.move(minutes=2)
        office.backend.settle(SUPERVISOR)
    return office.backend.refund(CASHIER, refund.number).refund.status


def record(office: Office) -> Refund:
    plan = office.plan(office.request(1, 2, 3, parts=(SLIP,)))
    return office.backend.execute_refund(CASHIER, plan).refund


def theirs(both: ServedOffice, part: Part) -> None:
    """The same lines for the same sum, at the window of the house itself."""
    behind = both.behind
    booking = behind.booking(STRANGER, "WPM8TS9").booking
    request = RefundRequest(booking.id, (1, 2, 3), "customer-request", (part,))
    behind.execute_refund(STRANGER, behind.preview_refund(STRANGER, request))


@pytest.mark.parametrize("signal", UNSURE)
@pytest.mark.parametrize("part", [Part(Method.MATCHED), SLIP])
def test_what_another_window_did_meanwhile_needs_a_person(
    both: ServedOffice, part: Part, signal: Signal
) -> None:
    """The cashier has paid, and so has somebody else, by the card or as a record like ours."""
    with unanswered(lambda: theirs(both, part), signal, arrives=False):
        refund = record(both)
    assert refund.status in (S.BEING_CHECKED, S.REVIEW)
    assert in_the_end(both, refund) is S.REVIEW
    held = both.backend.refund(CASHIER, refund.number).refund
    assert held.legs[0].attempts[-1].outcome == "not_seen"


@pytest.mark.parametrize("signal", UNSURE)
def test_our_own_face_says_that_a_record_is_ours(both: ServedOffice, signal: Signal) -> None:
    """Also where somebody on the way sent it twice, and the second one was told that it is done."""
    with unanswered(lambda: None, signal, arrives=True):
        assert record(both).status is S.DONE


def test_a_card_that_was_reversed_is_no_record_of_ours(office: ConnectOffice) -> None:
    """A system that tells no more than the document: the entry names the payment it reversed."""
    office.sell(sale())
    cinema = office.cinema
    card = {"amountInCents": 1450, "paymentId": "OPH-1"}
    body = {"sequencesToRefund": [1, 2, 3], "matchedPaymentDetails": [card]}
    booking = cinema.bookings["0001", "WPM8TS9"]
    cinema.before_refund = lambda: cinema._carry_out(booking, body, Point.EVERYTHING)
    cinema.troubles = [Trouble(Point.NOTHING)]
    refund = record(office)
    assert refund.status is S.BEING_CHECKED
    assert in_the_end(office, refund) is S.REVIEW
