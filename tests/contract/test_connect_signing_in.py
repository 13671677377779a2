"""Operators of a house whose bookings are at Connect: nobody asks or gives back before signing in.

What the store alone answers is asked in `tests/unit/local/access`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend_client.domain.caller import Caller, Role
from backend_client.domain.findings import Finding, Resolution
from backend_client.domain.pins import Pin
from backend_client.domain.plan import RefundRequest
from backend_client.domain.refund import RefundStatus
from tests.connect_offices import ConnectOffice, connect_office
from tests.contract.offices import ADMIN, CASHIER, SUPERVISOR, caller, sale
from tests.sound import wrong
from tests.unit.refusing import refused

PIN, ADMIN_PIN = Pin("5071"), Pin("481516")
HEAD = caller(Role.ADMIN, "C. Admin")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[ConnectOffice]:
    """A. Rochat is a cashier of the store, whatever role she says."""
    with connect_office(tmp_path) as made:
        made.sell(sale())
        made.backend.add_operator(HEAD, HEAD.operator, Role.ADMIN, ADMIN_PIN)
        admin = made.backend.sign_in(HEAD, ADMIN_PIN)
        made.backend.add_operator(admin, CASHIER.operator, Role.CASHIER, PIN)
        yield made
        assert wrong(made.backend.doctor(made.backend.sign_in(HEAD, ADMIN_PIN))) == {}


ASKED: dict[str, Callable[[ConnectOffice, Caller], object]] = {
    "lookup": lambda o, c: o.backend.lookup(c, "davis"),
    "recent": lambda o, c: o.backend.recent(c),
    "booking": lambda o, c: o.backend.booking(c, "WPM8TS9"),
    "refund": lambda o, c: o.backend.refund(c, "R-10001"),
    "open refunds": lambda o, c: o.backend.open_refunds(c),
    "preview": lambda o, c: o.backend.preview_refund(c, RefundRequest(1, (2,), "illness")),
    "already done": lambda o, c: o.backend.already_done(c, "key"),
    "settle": lambda o, c: o.backend.settle(c),
    "resolve": lambda o, c: o.backend.preview_resolution(c, Resolution("R-1.1", Finding.OTHER)),
    "outbox": lambda o, c: o.backend.outbox(c),
    "doctor": lambda o, c: o.backend.doctor(c),
    "audit": lambda o, c: o.backend.audit_verify(c),
    "runs": lambda o, c: o.backend.runs(c),
    "operators": lambda o, c: o.backend.operators(c),
}


@pytest.mark.parametrize("asked", ASKED)
def test_before_signing_in_nothing_is_answered(office: ConnectOffice, asked: str) -> None:
    for by in (CASHIER, SUPERVISOR, ADMIN):
        with refused("sign-in-needed"):
            ASKED[asked](office, by)
    assert office.cinema.reads == 0


def test_signed_in_it_is_the_store_that_says_who_may(office: ConnectOffice) -> None:
    known = office.backend.sign_in(SUPERVISOR, PIN)
    assert (known.operator, known.role) == (CASHIER.operator, Role.CASHIER)
    number = office.backend.booking(known, "WPM8TS9").booking.id
    plan = office.backend.preview_refund(known, RefundRequest(number, (2,), "illness"))
    with refused("sign-in-needed"):
        office.backend.execute_refund(SUPERVISOR, plan)
    assert office.cinema.refunds == []
    assert office.backend.execute_refund(known, plan).refund.status is RefundStatus.DONE
    with refused("not-allowed"):
        office.backend.preview_resolution(known, Resolution("R-10001.1", Finding.OTHER))


def test_a_wrong_pin_is_refused_and_on_record(office: ConnectOffice) -> None:
    with refused("sign-in-refused"):
        office.backend.sign_in(CASHIER, Pin("9021"))
    with refused("sign-in-needed"):
        office.backend.booking(CASHIER, "WPM8TS9")
    log = list(office.backend.audit_export(office.backend.sign_in(HEAD, ADMIN_PIN)))
    assert sum('"sign_in_refused"' in line for line in log) == 1
    assert not any("9021" in line for line in log)
