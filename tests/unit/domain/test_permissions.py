"""Who may do what: every role, every action, by every entrance, against one table written here."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend_client.domain.booking import BookingKey
from backend_client.domain.caller import PEOPLE, Action, Caller, Entrance, Role
from backend_client.domain.kinds import LineKind
from backend_client.domain.permissions import (
    ALLOWED,
    GRANTS,
    LIMITED,
    RUN_WORDS,
    allowed,
    limit_of,
    may,
    may_touch,
    may_void,
)
from backend_client.domain.plan import PlannedLeg
from backend_client.domain.policy import Policy
from backend_client.domain.refund import BORN_AS, Method
from backend_client.domain.scopes import Scope, ScopeWord, scope_of
from tests.unit.builders import booking, caller, concession, fee, ticket
from tests.unit.refusing import refused

C, S, A, T = Role.CASHIER, Role.SUPERVISOR, Role.ADMIN, Role.CLIENT
MATRIX: dict[Action, tuple[Role, ...]] = {
    # bookings
    Action.LOOK_UP: (C, S, A, T),
    Action.SEARCH: (C, S, A, T),
    Action.BROWSE: (C, S, A),
    # money
    Action.PREVIEW: (C, S, T),
    Action.REFUND: (C, S, T),
    Action.RECORD_EXTERNAL: (C, S, T),
    Action.LOAD_GIFT_CARD: (C, S, T),
    Action.CHOOSE_CREDIT: (C, S, T),
    Action.CHANGE_METHOD: (C, S),
    Action.HAND_OVER: (C, S),
    Action.VOID_OWN: (C, S, T),
    Action.VOID: (S,),
    Action.REFUND_BROKEN_GROUP: (S,),
    Action.SPEND_CREDIT: (C, S),
    Action.APPROVE_REFUND: (S,),
    Action.RESOLVE: (S,),
    # runs
    Action.READ_RUNS: (C, S, A, T),
    Action.SIMULATE_CANCELLATION: (S, T),
    Action.SIMULATE_DISPATCH: (C, S, A, T),
    Action.APPROVE_RUN: (S,),
    Action.CANCEL_PERFORMANCE: (S, T),
    Action.DISPATCH: (S, T),
    Action.STOP_RUN: (C, S, A, T),
    # the store
    Action.RECONCILE: (S, A),
    Action.SETTLE: (C, S, A),
    Action.IMPORT: (S, A),
    Action.DOCTOR: (C, S, A),
    Action.READ_OWN_AUDIT: (C, S, A),
    Action.READ_AUDIT: (S, A, T),
    # people
    Action.CHANGE_PIN: (C, S, A),
    Action.MANAGE_ACCESS: (A,),
    Action.TAKE_SALE_PAYMENT: (T,),
}
"""For a client: what a token with every word may do."""
MONEY = LIMITED | {
    Action.CHOOSE_CREDIT,
    Action.VOID,
    Action.VOID_OWN,
    Action.SPEND_CREDIT,
    Action.APPROVE_REFUND,
    Action.APPROVE_RUN,
    Action.CANCEL_PERFORMANCE,
    Action.DISPATCH,
    Action.RESOLVE,
    Action.REFUND_BROKEN_GROUP,
}
EVERY_WORD = Scope(frozenset(ScopeWord))
SALE = replace(
    booking((ticket(1, 1000), fee(2, 100), concession(3, 300))),
    key=BookingKey("0001", "B-1", "1"),
    channel="web",
)


def asking(role: Role, entrance: Entrance = Entrance.WINDOW, scope: Scope = EVERY_WORD) -> Caller:
    by = replace(caller(role), entrance=entrance)
    return replace(by, scope=scope) if role is Role.CLIENT else by


def client(*words: ScopeWord, **narrowed: object) -> Caller:
    return asking(T, Entrance.API, replace(Scope(frozenset(words)), **narrowed))  # type: ignore[arg-type]


def legs(method: Method) -> list[PlannedLeg]:
    return [PlannedLeg(method, 100, BORN_AS[method])]


def test_the_matrix_names_every_action_and_the_rules_every_role() -> None:
    assert set(MATRIX) == set(Action)
    assert set(ALLOWED) == set(Role)
    assert set(GRANTS) == set(ScopeWord)


@pytest.mark.parametrize("entrance", Entrance)
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_every_cell(action: Action, role: Role, entrance: Entrance) -> None:
    by = asking(role, entrance)
    expected = role in MATRIX[action]
    assert allowed(by, action) is expected
    if expected:
        may(by, action)
        return
    with refused("not-allowed") as refusal:
        may(by, action)
    assert refusal.value.details["operator"] == "A. Rochat"
    assert "_" not in refusal.value.message


def test_an_admin_moves_no_money_and_a_client_manages_nobody() -> None:
    assert not ALLOWED[A] & MONEY
    assert Action.MANAGE_ACCESS not in ALLOWED[T]
    assert not ALLOWED[T] & {Action.APPROVE_REFUND, Action.APPROVE_RUN, Action.RESOLVE}


@pytest.mark.parametrize("action", Action)
def test_a_client_without_scope_or_words_may_stop_a_run_and_nothing_else(action: Action) -> None:
    for by in (replace(client(), scope=None), client()):
        assert allowed(by, action) is (action is Action.STOP_RUN)


@pytest.mark.parametrize("word", ScopeWord)
@pytest.mark.parametrize("action", Action)
def test_a_word_allows_what_it_grants_and_nothing_else(word: ScopeWord, action: Action) -> None:
    granted = action in GRANTS[word] or action is Action.STOP_RUN
    assert allowed(client(word), action) is granted


@pytest.mark.parametrize(
    "narrowed",
    [
        {"sites": frozenset({"0001"})},
        {"channels": frozenset({"web"})},
        {"own_only": True},
        {"parts": frozenset({LineKind.TICKET})},
        {"limit_minor": 1000},
    ],
)
@pytest.mark.parametrize("word", sorted(RUN_WORDS))
def test_runs_are_not_for_tokens_that_reach_only_some(
    word: ScopeWord, narrowed: dict[str, object]
) -> None:
    by = client(word, ScopeWord.BOOKINGS_READ, **narrowed)
    assert allowed(by, Action.LOOK_UP)
    assert not any(allowed(by, action) for action in GRANTS[word])


@pytest.mark.parametrize("action", sorted(LIMITED))
def test_limits_are_for_cashiers(action: Action) -> None:
    policy = Policy(currency="CHF", limit_minor=1000)
    may(caller(), action, 1000, policy, currency="CHF")
    may(caller(Role.SUPERVISOR), action, 1001, policy)
    may(caller(), action, 1001, Policy())
    with refused("limit-exceeded") as refusal:
        may(caller(), action, 1001, policy, currency="CHF")
    assert "10.01 CHF is more than the 10.00 CHF" in refusal.value.message
    with refused("limit-exceeded"):
        may(caller(), action, 1001, policy)
    with refused("limit-other-currency") as refusal:
        may(caller(), action, 1, policy, currency="JPY")
    assert "Limits are in CHF: 1 JPY is not yours" in refusal.value.message
    may(caller(Role.SUPERVISOR), action, 1, policy, currency="JPY")
    may(caller(), action, 10**9, Policy(), currency="JPY")


@pytest.mark.parametrize(
    ("token", "house", "most"),
    [(500, None, 500), (None, 700, 700), (500, 700, 500), (900, 700, 700)],
)
def test_a_client_keeps_the_smaller_of_its_own_limit_and_the_house_s(
    token: int | None, house: int | None, most: int
) -> None:
    by = client(ScopeWord.REFUNDS_MATCHED, limit_minor=token)
    assert limit_of(by, Policy(limit_minor=house)) == most


@pytest.mark.parametrize("role", PEOPLE)
@pytest.mark.parametrize("action", [Action.PREVIEW, Action.REFUND, Action.RECORD_EXTERNAL])
def test_a_refund_above_the_limit_is_not_refused_it_waits(action: Action, role: Role) -> None:
    if role in MATRIX[action]:
        may(asking(role), action, 10**9, Policy(limit_minor=0))


def test_looking_is_never_limited() -> None:
    may(caller(), Action.LOOK_UP, 10**9, Policy(limit_minor=0))


@pytest.mark.parametrize("role", Role)
def test_everybody_takes_back_their_own_and_supervisors_any(role: Role) -> None:
    by = asking(role)
    own, any_other = role in MATRIX[Action.VOID_OWN], role in MATRIX[Action.VOID]
    for made_by, expected in ((by.operator, own), ("B. Keller", any_other)):
        if expected:
            may_void(by, made_by)
        else:
            with refused("not-allowed"):
                may_void(by, made_by)


@pytest.mark.parametrize("role", PEOPLE)
def test_people_reach_every_booking_and_every_kind(role: Role) -> None:
    for method in Method:
        may_touch(caller(role), SALE, SALE.lines, legs(method))


@pytest.mark.parametrize(
    ("narrowed", "reached"),
    [
        ({}, True),
        ({"sites": frozenset({"0001", "0002"})}, True),
        ({"sites": frozenset({"0002"})}, False),
        ({"channels": frozenset({"web"})}, True),
        ({"channels": frozenset({"box-office"})}, False),
        ({"sites": frozenset({"0001"}), "channels": frozenset({"box-office"})}, False),
        ({"own_only": True}, False),
    ],
)
def test_a_token_reaches_its_bookings_and_no_others(
    narrowed: dict[str, object], reached: bool
) -> None:
    by = client(ScopeWord.BOOKINGS_READ, **narrowed)
    if reached:
        may_touch(by, SALE)
        return
    with refused("not-in-scope") as refusal:
        may_touch(by, SALE)
    assert "A. Rochat" in refusal.value.message


def test_its_own_are_what_was_sold_through_the_channel_of_its_name() -> None:
    by = client(ScopeWord.BOOKINGS_READ, own_only=True)
    may_touch(replace(by, operator="Web"), SALE)
    with refused("not-in-scope"):
        may_touch(replace(by, operator="webshop"), SALE)


@pytest.mark.parametrize("kind", LineKind)
def test_a_token_gives_back_the_parts_it_names(kind: LineKind) -> None:
    by = client(ScopeWord.REFUNDS_MATCHED, parts=frozenset({kind}))
    for line in SALE.lines:
        if line.kind is kind:
            may_touch(by, SALE, [line])
        else:
            with refused("not-in-scope"):
                may_touch(by, SALE, [line])


@pytest.mark.parametrize("method", Method)
def test_a_token_gives_back_by_the_kinds_of_payment_it_has_a_word_for(method: Method) -> None:
    words = {
        Method.MATCHED: ScopeWord.REFUNDS_MATCHED,
        Method.EXTERNAL: ScopeWord.REFUNDS_EXTERNAL,
        Method.UNMATCHED: ScopeWord.REFUNDS_UNMATCHED,
        Method.REQUESTED: ScopeWord.REFUNDS_REQUESTED,
        Method.CREDIT: ScopeWord.REFUNDS_CREDIT,
    }
    for word in ScopeWord:
        by = client(word)
        gives_nothing = word not in words.values()
        if method is Method.WAITING or words.get(method) is word or gives_nothing:
            assert allowed(by, Action.REFUND) is not gives_nothing
            may_touch(by, SALE, legs=legs(method))
        else:
            with refused("not-in-scope"):
                may_touch(by, SALE, legs=legs(method))


def test_a_scope_is_kept_and_read_again_as_it_was() -> None:
    narrow = Scope(
        frozenset({ScopeWord.REFUNDS_MATCHED, ScopeWord.BOOKINGS_READ}),
        sites=frozenset({"0001"}),
        channels=frozenset({"web", "app"}),
        own_only=True,
        parts=frozenset({LineKind.TICKET}),
        limit_minor=5000,
    )
    for scope in (narrow, EVERY_WORD):
        assert scope_of(scope.told()) == scope
