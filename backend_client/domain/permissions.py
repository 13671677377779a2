"""Who may do what: one table and one function, asked before anything is decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from backend_client.domain.caller import Action, Caller, Role
from backend_client.domain.money import described
from backend_client.domain.policy import Policy
from backend_client.domain.problems import Refused
from backend_client.domain.refund import Method

if TYPE_CHECKING:
    from backend_client.domain.plan import PlannedLeg

PERMISSION_CODES = frozenset({"not-allowed", "limit-exceeded"})
"""The refusals that are about who asks, not about what is asked."""

_CASHIER = frozenset(
    {
        Action.LOOK_UP,
        Action.PREVIEW,
        Action.REFUND,
        Action.RECORD_EXTERNAL,
        Action.LOAD_GIFT_CARD,
        Action.CHANGE_METHOD,
        Action.SPEND_CREDIT,
        Action.DOCTOR,
        Action.SETTLE,
    }
)
_SUPERVISOR = _CASHIER | {
    Action.VOID,
    Action.REFUND_BROKEN_GROUP,
    Action.READ_AUDIT,
    Action.IMPORT,
    Action.RESOLVE,
    Action.RECONCILE,
    Action.SIMULATE_RUN,
    Action.CANCEL_PERFORMANCE,
    Action.DISPATCH,
}
_ADMIN = frozenset(
    {
        Action.DOCTOR,
        Action.IMPORT,
        Action.READ_AUDIT,
        Action.LOOK_UP,
        Action.SETTLE,
        Action.RECONCILE,
    }
)

ALLOWED: Mapping[Role, frozenset[Action]] = MappingProxyType(
    {Role.CASHIER: _CASHIER, Role.SUPERVISOR: _SUPERVISOR, Role.ADMIN: _ADMIN}
)
"""An admin looks after the store and decides about no money: settling only carries out what others
have committed."""

LIMITED = frozenset(
    {
        Action.PREVIEW,
        Action.REFUND,
        Action.RECORD_EXTERNAL,
        Action.LOAD_GIFT_CARD,
        Action.CHANGE_METHOD,
    }
)
"""Actions that fall under the house's limit for cashiers."""

NEEDED: Mapping[Method, Action] = MappingProxyType(
    {Method.EXTERNAL: Action.RECORD_EXTERNAL, Method.UNMATCHED: Action.LOAD_GIFT_CARD}
)
"""Methods that take the word of a person for where the money goes."""

NAMES: Mapping[Action, str] = MappingProxyType(
    {
        Action.SIMULATE_RUN: "simulate a mass run",
        Action.CANCEL_PERFORMANCE: "cancel a performance in a mass run",
        Action.DISPATCH: "dispatch refunds in a mass run",
    }
)
"""What people call an action, where that is not its own name."""


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
        )
    limit = policy.limit_minor if policy else None
    if caller.role is Role.CASHIER and action in LIMITED and limit is not None:
        if amount_minor <= limit:
            return
        if currency:
            raise Refused("limit-exceeded", **described(currency, amount=amount_minor, limit=limit))
        raise Refused("limit-exceeded", amount=amount_minor, limit=limit)


def may_use(caller: Caller, legs: Iterable[PlannedLeg], policy: Policy, currency: str) -> None:
    """Raise as `may` unless this caller may use the methods of these legs for what they make."""
    sums = Counter[Method]()
    for leg in legs:
        sums[leg.method] += leg.amount_minor
    for method, action in NEEDED.items():
        if sums[method]:
            may(caller, action, sums[method], policy, currency=currency)


def allowed(caller: Caller, action: Action) -> bool:
    return action in ALLOWED[caller.role]
