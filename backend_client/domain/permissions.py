"""Who may do what: one table and one function, asked before anything is decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from backend_client.domain.caller import Action, Caller, Role
from backend_client.domain.money import described
from backend_client.domain.policy import Policy
from backend_client.domain.problems import Refused
from backend_client.domain.refund import Method
from backend_client.domain.scopes import ScopeWord

if TYPE_CHECKING:
    from backend_client.domain.booking import Booking, Line
    from backend_client.domain.plan import PlannedLeg
    from backend_client.domain.scopes import Scope

PERMISSION_CODES = frozenset(
    {"not-allowed", "not-in-scope", "limit-exceeded", "limit-other-currency"}
    | {"approval-own", "approval-own-refund", "approval-by-nobody", "limit-own", "resolution-own"}
    | {"approval-for-programs", "sign-in-needed"}
)
"""The refusals that are about who asks, not about what is asked."""

_ALL = frozenset(
    {
        Action.LOOK_UP,
        Action.SEARCH,
        Action.BROWSE,
        Action.READ_RUNS,
        Action.SIMULATE_DISPATCH,
        Action.STOP_RUN,
        Action.DOCTOR,
        Action.SETTLE,
        Action.READ_OWN_AUDIT,
        Action.CHANGE_PIN,
    }
)
_CASHIER = _ALL | {
    Action.PREVIEW,
    Action.REFUND,
    Action.RECORD_EXTERNAL,
    Action.LOAD_GIFT_CARD,
    Action.CHOOSE_CREDIT,
    Action.CHANGE_METHOD,
    Action.HAND_OVER,
    Action.VOID_OWN,
    Action.SPEND_CREDIT,
}
_SUPERVISOR = _CASHIER | {
    Action.VOID,
    Action.REFUND_BROKEN_GROUP,
    Action.APPROVE_REFUND,
    Action.SIMULATE_CANCELLATION,
    Action.APPROVE_RUN,
    Action.CANCEL_PERFORMANCE,
    Action.DISPATCH,
    Action.RESOLVE,
    Action.RECONCILE,
    Action.IMPORT,
    Action.READ_AUDIT,
}
_ADMIN = _ALL | {
    Action.RECONCILE,
    Action.IMPORT,
    Action.READ_AUDIT,
    Action.MANAGE_ACCESS,
}
_QUOTING = frozenset({Action.LOOK_UP, Action.PREVIEW})
_REFUNDING = _QUOTING | {Action.REFUND, Action.VOID_OWN}

GRANTS: Mapping[ScopeWord, frozenset[Action]] = MappingProxyType(
    {
        ScopeWord.BOOKINGS_READ: frozenset({Action.LOOK_UP}),
        ScopeWord.BOOKINGS_SEARCH: frozenset({Action.LOOK_UP, Action.SEARCH}),
        ScopeWord.SALES_RECORD: frozenset({Action.TAKE_SALE_PAYMENT}),
        ScopeWord.REFUNDS_QUOTE: _QUOTING,
        ScopeWord.REFUNDS_MATCHED: _REFUNDING,
        ScopeWord.REFUNDS_EXTERNAL: _REFUNDING | {Action.RECORD_EXTERNAL},
        ScopeWord.REFUNDS_UNMATCHED: _REFUNDING | {Action.LOAD_GIFT_CARD},
        ScopeWord.REFUNDS_REQUESTED: _REFUNDING,
        ScopeWord.REFUNDS_CREDIT: _REFUNDING | {Action.CHOOSE_CREDIT},
        ScopeWord.RUNS_SIMULATE: frozenset(
            {Action.READ_RUNS, Action.SIMULATE_CANCELLATION, Action.SIMULATE_DISPATCH}
        ),
        ScopeWord.RUNS_EXECUTE: frozenset(
            {Action.READ_RUNS, Action.CANCEL_PERFORMANCE, Action.DISPATCH}
        ),
        ScopeWord.AUDIT_READ: frozenset({Action.READ_AUDIT}),
    }
)
"""What each word of a token's scope allows; whoever may give money back may read the booking."""

WITHOUT_WORD = frozenset({Action.STOP_RUN})
"""Anybody may stop a run."""
RUN_WORDS = frozenset({ScopeWord.RUNS_SIMULATE, ScopeWord.RUNS_EXECUTE})
"""These are for tokens that reach every booking, because a run does."""

ALLOWED: Mapping[Role, frozenset[Action]] = MappingProxyType(
    {
        Role.CASHIER: _CASHIER,
        Role.SUPERVISOR: _SUPERVISOR,
        Role.ADMIN: _ADMIN,
        Role.CLIENT: WITHOUT_WORD.union(*GRANTS.values()),
    }
)
"""An admin looks after the store and decides about no money: settling only carries out what others
have committed. A client may at most what there is a word for."""

LIMITED = frozenset({Action.CHANGE_METHOD, Action.HAND_OVER})
"""Actions that fall under the house's limit for cashiers. A refund above it is made and waits for
approval (approval.py); what is done to one later is refused."""

NEEDED: Mapping[Method, Action] = MappingProxyType(
    {
        Method.EXTERNAL: Action.RECORD_EXTERNAL,
        Method.UNMATCHED: Action.LOAD_GIFT_CARD,
        Method.CREDIT: Action.CHOOSE_CREDIT,
    }
)
"""Methods that are an action of their own: a person says where the money goes."""

NAMES: Mapping[Action, str] = MappingProxyType(
    {
        Action.SIMULATE_CANCELLATION: "simulate a mass cancellation",
        Action.SIMULATE_DISPATCH: "simulate a dispatch",
        Action.CANCEL_PERFORMANCE: "cancel a performance in a mass run",
        Action.DISPATCH: "dispatch refunds in a mass run",
        Action.VOID: "void a refund of somebody else",
        Action.VOID_OWN: "void a refund",
        Action.READ_AUDIT: "read the whole audit log",
        Action.READ_OWN_AUDIT: "read the audit log",
        Action.MANAGE_ACCESS: "say who may sign in",
        Action.TAKE_SALE_PAYMENT: "record the payment of a sale",
    }
)
"""What people call an action, where that is not its own name."""

_ASKED = ((Role.SUPERVISOR, "a supervisor"), (Role.ADMIN, "an admin"))
_FOR_A_TOKEN = "an admin for a token that allows it"
"""Whom to ask, the first one that helps."""


def may(
    caller: Caller,
    action: Action,
    amount_minor: int = 0,
    policy: Policy | None = None,
    *,
    currency: str = "",
) -> None:
    """Raise `not-allowed` or `limit-exceeded` unless this caller may do this with that amount."""
    if not allowed(caller, action):
        raise Refused(
            "not-allowed",
            role=caller.role.value,
            operator=caller.operator,
            action=action.value,
            action_name=NAMES.get(action, action.value.replace("_", " ")),
            who=next((words for role, words in _ASKED if action in ALLOWED[role]), _FOR_A_TOKEN),
        )
    limit = limit_of(caller, policy) if action in LIMITED else None
    if limit is None or policy is None:
        return
    if currency not in ("", policy.currency):
        amount = described(currency, amount=amount_minor)
        raise Refused("limit-other-currency", **amount, house_currency=policy.currency)
    if amount_minor > limit:
        raise above_limit(amount_minor, limit, currency)


def above_limit(amount_minor: int, limit_minor: int, currency: str = "") -> Refused:
    if currency:
        amounts = described(currency, amount=amount_minor, limit=limit_minor)
        return Refused("limit-exceeded", **amounts)
    return Refused("limit-exceeded", amount=amount_minor, limit=limit_minor)


def limit_of(caller: Caller, policy: Policy | None) -> int | None:
    """The most this caller may give back at once: by the house for cashiers and clients, and by
    the token; None without a limit."""
    limits = [caller.scope.limit_minor] if caller.scope else []
    if policy is not None and caller.role in (Role.CASHIER, Role.CLIENT):
        limits.append(policy.limit_minor)
    return min((limit for limit in limits if limit is not None), default=None)


def may_use(caller: Caller, legs: Iterable[PlannedLeg]) -> None:
    """Raise as `may` unless this caller may use the methods of these legs; whoever only asks what
    would be given back uses none."""
    if not allowed(caller, Action.REFUND):
        return
    used = {leg.method for leg in legs}
    for method, action in NEEDED.items():
        if method in used:
            may(caller, action)


def may_void(caller: Caller, made_by: str) -> None:
    """Raise `not-allowed` unless this caller may take back a refund that `made_by` made."""
    may(caller, Action.VOID_OWN if caller.operator == made_by else Action.VOID)


def may_touch(
    caller: Caller,
    booking: Booking,
    lines: Iterable[Line] = (),
    legs: Iterable[PlannedLeg] = (),
) -> None:
    """Raise `not-in-scope` unless the token reaches this booking, these parts of it and these
    kinds of payment; people reach all of them, and a token that gives nothing back every kind."""
    scope = caller.scope
    if scope is None:
        return
    if not scope.covers(booking, caller.operator):
        raise _outside(caller, f"booking {booking.key.booking_id}")
    for line in lines:
        if line.kind not in scope.parts:
            raise _outside(caller, f"{line.kind.value} lines")
    for leg in legs:
        if leg.method not in scope.kinds and allowed(caller, Action.REFUND):
            raise _outside(caller, f"{leg.method.value} payments")


def _outside(caller: Caller, what: str) -> Refused:
    return Refused("not-in-scope", operator=caller.operator, what=what)


def allowed(caller: Caller, action: Action) -> bool:
    """Is this action the role's, and for a client the token's too?"""
    return action in ALLOWED[caller.role] and (
        caller.role is not Role.CLIENT or action in WITHOUT_WORD or action in _granted(caller.scope)
    )


def _granted(scope: Scope | None) -> frozenset[Action]:
    if scope is None:
        return frozenset()
    words = scope.words - RUN_WORDS if scope.is_partial else scope.words
    return frozenset[Action]().union(*(GRANTS[word] for word in words))
