"""Everything a backend can be asked, each with the roles that may; and a store with one of
everything there is to ask about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from backend_client.domain.acceptance import Acceptance
from backend_client.domain.caller import Action, Caller, Entrance, Role
from backend_client.domain.findings import Finding, Resolution
from backend_client.domain.handing_over import HandOver
from backend_client.domain.house_limits import LimitName
from backend_client.domain.incoming import IncomingPerformance
from backend_client.domain.permissions import PERMISSION_CODES
from backend_client.domain.pins import Pin
from backend_client.domain.plan import CreditSpend, MethodChange, Part, RefundRequest
from backend_client.domain.problems import Refused
from backend_client.domain.refund import LegState, Method
from backend_client.domain.resolution import ResolutionPlan
from backend_client.domain.run_parameters import (
    CancellationParameters,
    CreditMode,
    DispatchParameters,
)
from backend_client.domain.sale_payment import SalePayment
from backend_client.domain.scopes import Scope, ScopeWord
from backend_client.domain.stored_value import StoredValueNumber
from backend_client.local.rows import fetch
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


@contextmanager
def opened_world(folder: Path) -> Iterator[World]:
    with opened_shop(folder) as shop:
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


def resolved(world: World) -> ResolutionPlan:
    """A decision about a leg nobody waits for a decision about."""
    booking = world.shop.backend.refund(SUPERVISOR, world.declined.rpartition(".")[0]).booking
    return ResolutionPlan(
        resolution(world), "R-1", 1, booking.key, 1, "EUR", 1, LegState.DECLINED, "seen"
    )


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
    "execute void": (
        (S,),
        lambda w, c: w.shop.backend.execute_void(
            c, replace(w.shop.backend.preview_void(SUPERVISOR, w.voidable, "oops"), reason="why")
        ),
    ),
    "give a gift card's number": (
        (C, S, T),
        lambda w, c: w.shop.backend.give_number(c, w.requested, StoredValueNumber("035464666587")),
    ),
    "record the payment of a sale": (
        (T,),
        lambda w, c: w.shop.backend.take_sale_payment(c, SalePayment("no such session", 100)),
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
    "execute resolution": (
        (S,),
        lambda w, c: w.shop.backend.execute_resolution(c, resolved(w)),
    ),
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
    "change one's PIN": (
        (C, S, A),
        lambda w, c: w.shop.backend.change_pin(c, Pin("4815"), Pin("5071")),
    ),
    "reset a PIN": ((A,), lambda w, c: w.shop.backend.reset_pin(c, "nobody", Pin("5071"))),
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
    return refused_with(world, ask, caller) not in PERMISSION_CODES


def refused_with(world: World, ask: Ask, caller: Caller) -> str:
    try:
        ask(world, caller)
    except Refused as refusal:
        return refusal.code
    except AssertionError:
        return ""  # it came as far as the file, which this shop never reads
    return ""


def denied(world: World, caller: Caller) -> int:
    asked = "SELECT COUNT(*) AS n FROM audit WHERE action = 'denied' AND operator = ? "
    asked += "AND entrance = ?"
    with world.shop.store.read() as connection:
        return int(fetch(connection, asked, caller.operator, caller.entrance.value)[0].n)
