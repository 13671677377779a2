"""Who may do what: the whole table."""

from __future__ import annotations

import pytest

from backend_client.domain.caller import Action, Role
from backend_client.domain.permissions import ALLOWED, LIMITED, allowed, may
from backend_client.domain.policy import Policy
from tests.unit.builders import caller
from tests.unit.refusing import refused

CASHIER = {
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
TABLE = {
    Role.CASHIER: CASHIER,
    Role.SUPERVISOR: CASHIER
    | {
        Action.VOID,
        Action.REFUND_BROKEN_GROUP,
        Action.READ_AUDIT,
        Action.IMPORT,
        Action.RESOLVE,
        Action.RECONCILE,
        Action.SIMULATE_RUN,
        Action.CANCEL_PERFORMANCE,
        Action.DISPATCH,
    },
    Role.ADMIN: {
        Action.DOCTOR,
        Action.IMPORT,
        Action.READ_AUDIT,
        Action.LOOK_UP,
        Action.SETTLE,
        Action.RECONCILE,
    },
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_every_role_and_action(role: Role, action: Action) -> None:
    expected = action in TABLE[role]
    assert allowed(caller(role), action) is expected
    if expected:
        may(caller(role), action)
        return
    with refused("not-allowed") as refusal:
        may(caller(role), action)
    assert refusal.value.details["operator"] == "A. Rochat"
    assert "_" not in refusal.value.message


def test_the_table_covers_every_role_and_an_admin_moves_no_money() -> None:
    assert set(ALLOWED) == set(Role)
    assert not ALLOWED[Role.ADMIN] & LIMITED


@pytest.mark.parametrize("action", sorted(LIMITED))
def test_limits_are_for_cashiers(action: Action) -> None:
    policy = Policy(limit_minor=1000)
    may(caller(), action, 1000, policy)
    may(caller(Role.SUPERVISOR), action, 1001, policy)
    may(caller(), action, 1001, Policy())
    with refused("limit-exceeded") as refusal:
        may(caller(), action, 1001, policy, currency="CHF")
    assert "10.01 CHF is more than the 10.00 CHF" in refusal.value.message
    with refused("limit-exceeded"):
        may(caller(), action, 1001, policy)


def test_looking_is_never_limited() -> None:
    may(caller(), Action.LOOK_UP, 10**9, Policy(limit_minor=0))
