"""A program with a token, asking a house whose bookings are at Connect: its scope is the same there
as in a store of ours."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend_client.domain.caller import Caller, Entrance, Role
from backend_client.domain.kinds import LineKind
from backend_client.domain.plan import Part
from backend_client.domain.refund import Method, RefundStatus
from backend_client.domain.scopes import Scope, ScopeWord
from tests.connect_offices import ConnectOffice, sound_office
from tests.contract.offices import ADMIN, sale, ticket
from tests.unit.refusing import refused

W = ScopeWord
READER = frozenset({W.BOOKINGS_READ, W.BOOKINGS_SEARCH})
EVERY = Scope(frozenset(ScopeWord))


office = sound_office(sale())


def program(scope: Scope) -> Caller:
    return Caller("shop", Role.CLIENT, "", "internet", Entrance.API, "corr-9", scope)


@pytest.mark.parametrize(
    "narrowed",
    [{"sites": frozenset({"0002"})}, {"channels": frozenset({"web"})}, {"own_only": True}],
)
def test_a_booking_out_of_reach_is_neither_shown_nor_given_back(
    office: ConnectOffice, narrowed: dict[str, object]
) -> None:
    refund = office.refund(3).refund
    by = program(replace(EVERY, **narrowed))  # type: ignore[arg-type]
    with refused("not-in-scope"):
        office.backend.booking(by, "WPM8TS9")
    with refused("not-in-scope"):
        office.backend.refund(by, refund.number)
    with refused("not-in-scope"):
        office.backend.already_done(by, refund.commit_key)
    with refused("not-in-scope"):
        office.plan(office.request(2), by)
    for text in ("WPM8TS9", "bette davis"):
        found = office.backend.lookup(by, text)
        assert (found.hits, found.exact, found.bookings_total) == ((), False, 0)
    log = list(office.backend.audit_export(ADMIN))
    assert sum('"action": "denied"' in line for line in log) == 4


def test_within_reach_it_sees_and_gives_back(office: ConnectOffice) -> None:
    by = program(replace(EVERY, sites=frozenset({"0001"})))
    assert office.backend.lookup(by, "WPM8TS9").exact
    plan = office.plan(office.request(2), by)
    assert office.backend.execute_refund(by, plan).refund.status is RefundStatus.DONE


def test_parts_and_kinds_are_the_token_s(office: ConnectOffice) -> None:
    tickets = program(replace(EVERY, parts=frozenset({LineKind.TICKET})))
    matched = program(Scope(READER | {W.REFUNDS_MATCHED}))
    outside = (Part(Method.EXTERNAL, reference="slip 7"),)
    with refused("not-in-scope"):
        office.plan(office.request(2), tickets)
    with refused("not-allowed"):
        office.plan(office.request(2, parts=outside), matched)
    assert office.plan(office.request(2), matched).amount_minor == 350


def test_who_may_only_ask_gives_nothing_back(office: ConnectOffice) -> None:
    """Not even what costs nothing."""
    office.sell(sale((ticket(1, 0),), booking_id="FREE"))
    by = program(Scope(READER | {W.REFUNDS_QUOTE}))
    plan = office.plan(office.request(1, booking="FREE"), by)
    with refused("not-allowed"):
        office.backend.execute_refund(by, plan)
    assert office.cinema.refunds == []
