"""Role × function × entrance on a real store: every cell of one table written here.

A cell that may is not refused because of who asks; whether anything else is in the way (there is
no such leg, the run is not live) is not asked here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

import pytest

from backend_client.domain.acceptance import Acceptance
from backend_client.domain.caller import Action, Caller, Entrance, Role
from backend_client.domain.handing_over import HandOver
from backend_client.domain.house_limits import LimitName
from backend_client.domain.incoming import IncomingPerformance
from backend_client.domain.permissions import PERMISSION_CODES
from backend_client.domain.plan import CreditSpend, MethodChange, Part, RefundRequest
from backend_client.domain.problems import Refused
from backend_client.domain.refund import Method
from backend_client.domain.resolution import Finding, Resolution
from backend_client.domain.run_parameters import (
    CancellationParameters,
    CreditMode,
    DispatchParameters,
)
from backend_client.domain.scopes import Scope, ScopeWord
from backend_client.reports import ImportSource
from tests.shop import SUPERVISOR, Shop, opened_shop, sale, ticket

C, S, A, T = Role.CASHIER, Role.SUPERVISOR, Role.ADMIN, Role.CLIENT
EVERY_WORD = Scope(frozenset(ScopeWord))
CANCELLATION = CancellationParameters((1,), "performance-cancelled")
DISPATCH = DispatchParameters(date(2026, 3, 1), date(2026, 3, 31), CreditMode.NEVER)
FILE = ImportSource("none.json", "native", "0001", "EUR", "UTC")


@dataclass(frozen=True)
class World:
    """One of everything there is to ask about; made by S. Weber."""

    shop: Shop
    request: RefundRequest
    requested: str
    declined: str
    due: str
    voidable: str
    simulation: int
    dispatch: int
    own: dict[str, str]
    """The number of a refund everybody's own name stands on, by operator."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened_shop(tmp_path_factory.mktemp("roles")) as shop:
        hamlet = IncomingPerformance("35626", "Hamlet")
        played = replace(ticket(1), performance=hamlet.key)
        shop.sell([sale(number) for number in range(1, 20)])
        shop.sell([sale(20, payment="dead")])
        shop.sell([replace(sale(21, lines=(played,)), performances=(hamlet,))])
        later = (Part(Method.REQUESTED),)
        booking = shop.backend.booking(SUPERVISOR, "B-1").booking
        own = {}
        for number, role in enumerate((C, S, T), 10):
            refund = made_by(shop, asking(role), number)
            own[asking(role).operator] = refund
        yield World(
            shop=shop,
            request=RefundRequest(booking.id, (1,), "goodwill", later),
            requested=shop.refund(2, parts=later).refund.legs[0].number,
            declined=shop.refund(20).refund.legs[0].number,
            due=shop.refund(3, parts=(Part(Method.TRANSFER),)).refund.legs[0].number,
            voidable=shop.refund(4, parts=later).refund.number,
            simulation=shop.backend.simulate_cancellation(SUPERVISOR, CANCELLATION).id,
            dispatch=shop.backend.simulate_dispatch(SUPERVISOR, DISPATCH).id,
            own=own,
        )


def asking(role: Role, entrance: Entrance = Entrance.WINDOW) -> Caller:
    scope = EVERY_WORD if role is T else None
    return Caller(f"one {role.value}", role, "3", "box-office", entrance, "corr-7", scope)


def made_by(shop: Shop, caller: Caller, number: int) -> str:
    booking = shop.backend.booking(SUPERVISOR, f"B-{number}").booking
    request = RefundRequest(booking.id, (1,), "goodwill", (Part(Method.REQUESTED),))
    plan = shop.backend.preview_refund(caller, request)
    return shop.backend.execute_refund(caller, plan).refund.number


def change(world: World) -> MethodChange:
    return MethodChange(world.requested, (Part(Method.CREDIT),), "customer is here")


def resolution(world: World) -> Resolution:
    return Resolution(world.declined, Finding.NOT_FOUND, evidence="their list, page 3")


Ask = Callable[[World, Caller], object]
FUNCTIONS: dict[str, tuple[tuple[Role, ...], Ask]] = {
    # bookings
    "lookup": ((C, S, A, T), lambda w, c: w.shop.backend.lookup(c, "B-1")),
    "recent": ((C, S, A), lambda w, c: w.shop.backend.recent(c)),
    "booking": ((C, S, A, T), lambda w, c: w.shop.backend.booking(c, "B-1")),
    "refund": ((C, S, A, T), lambda w, c: w.shop.backend.refund(c, w.voidable)),
    "already done": ((C, S, A, T), lambda w, c: w.shop.backend.already_done(c, "key")),
    "open refunds": ((C, S, A), lambda w, c: w.shop.backend.open_refunds(c)),
    "credit": ((C, S, A), lambda w, c: w.shop.backend.credit(c, "C-1")),
    "outbox": ((C, S, A), lambda w, c: w.shop.backend.outbox(c)),
    # money
    "preview refund": ((C, S, T), lambda w, c: w.shop.backend.preview_refund(c, w.request)),
    "execute refund": (
        (C, S, T),
        lambda w, c: w.shop.backend.execute_refund(
            c, replace(w.shop.backend.preview_refund(SUPERVISOR, w.request), fingerprint="seen")
        ),
    ),
    "preview method": ((C, S), lambda w, c: w.shop.backend.preview_method_change(c, change(w))),
    "execute method": (
        (C, S),
        lambda w, c: w.shop.backend.execute_method_change(
            c,
            replace(
                w.shop.backend.preview_method_change(SUPERVISOR, change(w)), fingerprint="seen"
            ),
        ),
    ),
    "preview retry": ((C, S), lambda w, c: w.shop.backend.preview_retry(c, w.declined, "new card")),
    "preview hand over": (
        (C, S),
        lambda w, c: w.shop.backend.preview_hand_over(c, HandOver((w.due,), "slip 7")),
    ),
    "execute hand over": (
        (C, S),
        lambda w, c: w.shop.backend.execute_hand_over(
            c,
            replace(
                w.shop.backend.preview_hand_over(SUPERVISOR, HandOver((w.due,), "slip 7")),
                fingerprint="seen",
            ),
        ),
    ),
    "void of another's": ((S,), lambda w, c: w.shop.backend.preview_void(c, w.voidable, "oops")),
    "void of one's own": (
        (C, S, T),
        lambda w, c: w.shop.backend.preview_void(c, w.own.get(c.operator, w.voidable), "oops"),
    ),
    "spend credit": (
        (C, S),
        lambda w, c: w.shop.backend.spend_credit(c, CreditSpend("C-9", 1, "EUR", "sale 9")),
    ),
    "preview resolution": ((S,), lambda w, c: w.shop.backend.preview_resolution(c, resolution(w))),
    "accept a refund": (
        (S,),
        lambda w, c: w.shop.backend.accept_refund(c, Acceptance("pay", "ref", "their letter")),
    ),
    "go on restored": ((S,), lambda w, c: w.shop.backend.go_on_restored(c, "the disk broke")),
    # runs
    "performances": ((C, S, A, T), lambda w, c: w.shop.backend.performances(c)),
    "runs": ((C, S, A, T), lambda w, c: w.shop.backend.runs(c)),
    "run": ((C, S, A, T), lambda w, c: w.shop.backend.run(c, w.simulation)),
    "run items": ((C, S, A, T), lambda w, c: w.shop.backend.run_items(c, w.simulation)),
    "export run": ((C, S, A, T), lambda w, c: w.shop.backend.export_run(c, w.simulation)),
    "differences": ((C, S, A, T), lambda w, c: w.shop.backend.differences(c, w.simulation)),
    "simulate cancellation": (
        (S, T),
        lambda w, c: w.shop.backend.simulate_cancellation(c, CANCELLATION),
    ),
    "simulate dispatch": (
        (C, S, A, T),
        lambda w, c: w.shop.backend.simulate_dispatch(c, DISPATCH),
    ),
    "resume a cancellation": ((S, T), lambda w, c: w.shop.backend.resume_run(c, w.simulation)),
    "resume a dispatch": ((S, T), lambda w, c: w.shop.backend.resume_run(c, w.dispatch)),
    "end a run": ((S, T), lambda w, c: w.shop.backend.end_run(c, w.simulation)),
    "stop a run": ((C, S, A, T), lambda w, c: w.shop.backend.stop_run(c, w.simulation)),
    # the store
    "settle": ((C, S, A), lambda w, c: w.shop.backend.settle(c)),
    "recover": ((C, S, A), lambda w, c: w.shop.backend.recover(c)),
    "send mail": ((C, S, A), lambda w, c: w.shop.backend.send_mail(c)),
    "reconcile": ((S, A), lambda w, c: w.shop.backend.reconcile(c, theirs=())),
    "import": ((S, A), lambda w, c: w.shop.backend.import_bookings(c, FILE, lambda _: None)),
    "doctor": ((C, S, A), lambda w, c: w.shop.backend.doctor(c)),
    "verify the audit": ((S, A, T), lambda w, c: w.shop.backend.audit_verify(c)),
    "export the audit": ((C, S, A, T), lambda w, c: w.shop.backend.audit_export(c)),
    # people
    "limits": ((A,), lambda w, c: w.shop.backend.house_limits(c)),
    "set a limit": ((A,), lambda w, c: w.shop.backend.set_limit(c, LimitName.LIMIT_MINOR, -1)),
    "confirm a limit": (
        (A,),
        lambda w, c: w.shop.backend.confirm_limit(c, LimitName.LIMIT_MINOR, 1),
    ),
    "who may": ((C, S, A), lambda w, c: w.shop.backend.who_may(c, Action.APPROVE_RUN)),
    "operators": ((A,), lambda w, c: w.shop.backend.operators(c)),
    "disable operator": ((A,), lambda w, c: w.shop.backend.set_disabled(c, "nobody", True)),
    "change role": ((A,), lambda w, c: w.shop.backend.set_role(c, "nobody", S)),
    "clients": ((A,), lambda w, c: w.shop.backend.api_clients(c)),
    "add client": (
        (A,),
        lambda w, c: w.shop.backend.add_api_client(c, "", Scope(frozenset()), None),
    ),
    "revoke client": ((A,), lambda w, c: w.shop.backend.revoke_api_client(c, "nobody")),
}


def who_may(world: World, ask: Ask, caller: Caller) -> bool:
    try:
        ask(world, caller)
    except Refused as refusal:
        return refusal.code not in PERMISSION_CODES
    except AssertionError:
        return True  # it came as far as the file, which this shop never reads
    return True


@pytest.mark.parametrize("entrance", Entrance)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_cell(world: World, function: str, entrance: Entrance) -> None:
    roles, ask = FUNCTIONS[function]
    found = {role for role in Role if who_may(world, ask, asking(role, entrance))}
    assert found == set(roles)


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


# ------------------------------------------------------------ tokens


def scoped(**narrowed: object) -> Caller:
    return replace(asking(T, Entrance.API), scope=replace(EVERY_WORD, **narrowed))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "narrowed",
    [{"sites": frozenset({"0002"})}, {"channels": frozenset({"web"})}, {"own_only": True}],
)
def test_what_a_token_does_not_reach_is_not_found_shown_or_given_back(
    world: World, narrowed: dict[str, object]
) -> None:
    backend, by = world.shop.backend, scoped(**narrowed)
    found = backend.lookup(by, "B-1")
    assert (found.hits, found.exact, found.bookings_total) == ((), False, 0)
    for ask in (
        lambda: backend.booking(by, "B-1"),
        lambda: backend.refund(by, world.voidable),
        lambda: backend.preview_refund(by, world.request),
        lambda: backend.preview_void(by, world.own[by.operator], "oops"),
    ):
        with pytest.raises(Refused, match="not-in-scope"):
            ask()


def test_a_token_gives_back_only_its_parts_kinds_and_amounts(world: World) -> None:
    from backend_client.domain.kinds import LineKind

    backend = world.shop.backend
    words = frozenset({ScopeWord.REFUNDS_MATCHED})
    refused = {
        "not-in-scope": (
            scoped(parts=frozenset({LineKind.FEE})),
            replace(asking(T), scope=Scope(words)),
        ),
    }
    for code, callers in refused.items():
        for by in callers:
            with pytest.raises(Refused, match=code):
                backend.preview_refund(by, world.request)
    for by in (scoped(limit_minor=1450), scoped(parts=frozenset({LineKind.TICKET}))):
        plan = backend.preview_refund(by, world.request)
        assert (plan.amount_minor, plan.awaits_approval) == (1450, False)
    assert backend.preview_refund(scoped(limit_minor=1449), world.request).awaits_approval


def test_every_refusal_of_who_asked_is_on_record(world: World) -> None:
    def denied() -> int:
        log = world.shop.backend.audit_export(SUPERVISOR)
        return sum('"action": "denied"' in line for line in log)

    before = denied()
    for entrance in Entrance:
        with pytest.raises(Refused, match="not-allowed"):
            world.shop.backend.operators(asking(C, entrance))
    with pytest.raises(Refused, match="not-in-scope"):
        world.shop.backend.booking(scoped(sites=frozenset({"0002"})), "B-1")
    assert denied() == before + len(Entrance) + 1
