"""What a token lets in: its words, and the bookings, parts, kinds and amounts it reaches."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from backend_client.domain.caller import Caller, Entrance
from backend_client.domain.permissions import PERMISSION_CODES, RUN_WORDS
from backend_client.domain.plan import Part, RefundRequest
from backend_client.domain.problems import Refused
from backend_client.domain.refund import Method
from backend_client.domain.scopes import KINDS, Scope, ScopeWord
from backend_client.domain.stored_value import StoredValueNumber
from tests.contract.functions import (
    EVERY_WORD,
    FUNCTIONS,
    T,
    World,
    asking,
    denied,
    made_by,
    refused_with,
)
from tests.shop import SUPERVISOR, opened_shop, sale
from tests.unit.local.venue import findings

GRANTED_BY: dict[str, set[ScopeWord]] = {
    "lookup": {ScopeWord.BOOKINGS_SEARCH},
    "booking": set(ScopeWord) - RUN_WORDS - {ScopeWord.SALES_RECORD, ScopeWord.AUDIT_READ},
    "refund": set(ScopeWord) - RUN_WORDS - {ScopeWord.SALES_RECORD, ScopeWord.AUDIT_READ},
    "already done": set(ScopeWord) - RUN_WORDS - {ScopeWord.SALES_RECORD, ScopeWord.AUDIT_READ},
    "preview refund": {*KINDS, ScopeWord.REFUNDS_QUOTE},
    "execute refund": set(KINDS),
    "give a gift card's number": {ScopeWord.REFUNDS_UNMATCHED},
    "record the payment of a sale": {ScopeWord.SALES_RECORD},
    "void of one's own": set(KINDS),
    "performances": {ScopeWord.BOOKINGS_SEARCH},
    "runs": set(RUN_WORDS),
    "run": set(RUN_WORDS),
    "run items": set(RUN_WORDS),
    "export run": set(RUN_WORDS),
    "differences": set(RUN_WORDS),
    "simulate cancellation": {ScopeWord.RUNS_SIMULATE},
    "simulate dispatch": {ScopeWord.RUNS_SIMULATE},
    "resume a cancellation": {ScopeWord.RUNS_EXECUTE},
    "resume a dispatch": {ScopeWord.RUNS_EXECUTE},
    "end a run": {ScopeWord.RUNS_EXECUTE},
    "stop a run": set(ScopeWord),
    "verify the audit": {ScopeWord.AUDIT_READ},
    "export the audit": {ScopeWord.AUDIT_READ},
}
"""The words of which each alone lets a token in; what is not named is for people."""


@pytest.mark.parametrize("word", ScopeWord)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_word_of_a_token(world: World, function: str, word: ScopeWord) -> None:
    """A kind of payment beside what the word is for is `not-in-scope`, which is no answer here."""
    caller = replace(asking(T, Entrance.API), scope=Scope(frozenset({word})))
    world.shop.clock.move(minutes=1)
    before = denied(world, caller)
    refusal = refused_with(world, FUNCTIONS[function][1], caller)
    may = refusal not in PERMISSION_CODES - {"not-in-scope"}
    assert may == (word in GRANTED_BY.get(function, set()))
    assert denied(world, caller) - before == (refusal in PERMISSION_CODES)


def test_the_words_and_the_roles_say_the_same() -> None:
    assert {name for name, (roles, _) in FUNCTIONS.items() if T in roles} == set(GRANTED_BY)


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
        lambda: backend.give_number(by, world.requested, StoredValueNumber("035464666587")),
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


ASKED = (
    (Part(Method.MATCHED),),
    (Part(Method.CREDIT),),
    (Part(Method.REQUESTED),),
    (Part(Method.EXTERNAL, reference="slip 7"),),
)


@pytest.mark.parametrize("parts", ASKED)
def test_a_token_that_only_asks_sees_every_kind_and_gives_nothing_back(
    world: World, parts: tuple[Part, ...]
) -> None:
    backend, request = world.shop.backend, replace(world.request, parts=parts)
    quotes = replace(asking(T), scope=Scope(frozenset({ScopeWord.REFUNDS_QUOTE})))
    plan = backend.preview_refund(quotes, request)
    assert {leg.method for leg in plan.legs} == {parts[0].method}
    with pytest.raises(Refused, match="not-allowed"):
        backend.execute_refund(quotes, plan)
    words = frozenset({ScopeWord.REFUNDS_QUOTE, ScopeWord.REFUNDS_UNMATCHED})
    with pytest.raises(Refused, match=r"not-in-scope|not-allowed"):
        backend.preview_refund(replace(quotes, scope=Scope(words)), request)


def test_a_program_takes_back_its_own_refund_until_it_is_sent(tmp_path: Path) -> None:
    """And nobody else's; what was recorded or sent is not to be taken back by anybody."""
    program = scoped()
    with opened_shop(tmp_path) as shop:
        shop.sell([sale(number) for number in (1, 2, 3)])
        own = made_by(shop, program, 1)
        plan = shop.backend.preview_void(program, own, "a mistake")
        assert shop.backend.execute_void(program, plan).refund.voided_at is not None
        assert all(line.is_sold for line in shop.backend.booking(program, "B-1").booking.lines)
        others = shop.refund(2, parts=(Part(Method.REQUESTED),)).refund.number
        with pytest.raises(Refused, match="not-allowed"):
            shop.backend.preview_void(program, others, "a mistake")
        stolen = shop.backend.preview_void(SUPERVISOR, others, "a mistake")
        with pytest.raises(Refused, match="not-allowed"):
            shop.backend.execute_void(program, stolen)
        booking = shop.backend.booking(program, "B-3").booking
        request = RefundRequest(booking.id, (1, 2), "goodwill", (Part(Method.MATCHED),))
        sent = shop.backend.execute_refund(program, shop.backend.preview_refund(program, request))
        with pytest.raises(Refused, match="void-not-possible"):
            shop.backend.preview_void(program, sent.refund.number, "a mistake")
        assert findings(shop.store) == []
