"""Role × function × entrance on a real store: every cell of one table.

A cell that may is not refused because of who asks; whether anything else is in the way (there is
no such leg, the run is not live) is not asked here. Whoever is refused is on record.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from backend_client.backend import Backend
from backend_client.domain.caller import Caller, Entrance, Role
from backend_client.domain.plan import RefundRequest
from backend_client.domain.policy import Policy
from backend_client.domain.problems import Refused
from backend_client.domain.scopes import Scope, ScopeWord
from backend_client.settings import House, Settings
from tests.contract.functions import (
    FUNCTIONS,
    A,
    C,
    S,
    T,
    World,
    asking,
    denied,
    who_may,
)
from tests.shop import SUPERVISOR, opened_shop, sale


@pytest.mark.parametrize("entrance", Entrance)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_cell(world: World, function: str, entrance: Entrance) -> None:
    """Who may and who may not, and that only who may not is on record."""
    roles, ask = FUNCTIONS[function]
    for role in Role:
        caller = asking(role, entrance)
        world.shop.clock.move(minutes=1)  # a program's refusals are counted by the minute
        before = denied(world, caller)
        assert who_may(world, ask, caller) == (role in roles), role
        assert denied(world, caller) - before == (role not in roles), role


APART = {"approve_refund", "approve_run", "go_live", "sign_in", "add_operator"}
"""These have tests of their own below, or among those of operators."""
FOR_ANYBODY = {"capabilities", "close", "operator_names", "sign_in_needed", "stop_settling"}
"""What is asked before anybody signs in, or of one's own program."""


def test_every_method_of_a_backend_is_in_the_table() -> None:
    methods = {name for name in dir(Backend) if not name.startswith("_")}
    asked = {name for _, ask in FUNCTIONS.values() for name in ask.__code__.co_names}
    assert methods - asked == APART | FOR_ANYBODY


@pytest.mark.parametrize("entrance", Entrance)
def test_a_refund_is_approved_by_a_supervisor_who_is_there(
    world: World, entrance: Entrance
) -> None:
    def ask(caller: Caller) -> object:
        return world.shop.backend.approve_refund(caller, world.voidable, "seen")

    there = entrance in (Entrance.WINDOW, Entrance.COMMAND_LINE)
    with pytest.raises(Refused, match="not-awaiting-approval" if there else "approval-by-nobody"):
        ask(asking(S, entrance))
    for role in (C, A, T):
        with pytest.raises(Refused, match="not-allowed"):
            ask(asking(role, entrance))


@pytest.mark.parametrize("entrance", Entrance)
def test_a_run_is_approved_by_a_supervisor_who_is_there(world: World, entrance: Entrance) -> None:
    """The one function that asks for a person too."""

    def ask(world: World, caller: Caller) -> object:
        return world.shop.backend.approve_run(caller, world.simulation, "seen")

    found = {role for role in Role if who_may(world, ask, asking(role, entrance))}
    assert found == ({S} if entrance in (Entrance.WINDOW, Entrance.COMMAND_LINE) else set())


def test_going_live_is_for_supervisors_and_clients_with_the_word(world: World) -> None:
    """Apart from the others: it is done once."""
    for role in (C, A):
        with pytest.raises(Refused, match="not-allowed"):
            world.shop.backend.go_live(asking(role), world.dispatch)
    reader = replace(asking(T), scope=Scope(frozenset(ScopeWord) - {ScopeWord.RUNS_EXECUTE}))
    with pytest.raises(Refused, match="not-allowed"):
        world.shop.backend.go_live(reader, world.dispatch)


def test_who_may_give_back_above_a_limit_waits_and_is_not_refused(tmp_path: Path) -> None:
    """A cashier and a program above the house's limit, a supervisor above the second one's, and
    whoever else asks is refused."""
    house = House(currency="EUR", zone="Europe/Zurich")
    policy = Policy(limit_minor=1450, second_supervisor_minor=2899)
    with opened_shop(tmp_path, settings=Settings(house=house, policy=policy)) as shop:
        shop.sell([sale(1)])
        booking = shop.backend.booking(SUPERVISOR, "B-1").booking
        for role in (C, S, T):
            found = []
            for sequences in ((1,), (1, 2)):
                request = RefundRequest(booking.id, sequences, "goodwill")
                plan = shop.backend.preview_refund(asking(role), request)
                found.append(plan.awaits_approval)
            assert found == [False, True], role
        with pytest.raises(Refused, match="not-allowed"):
            shop.backend.preview_refund(asking(A), request)
