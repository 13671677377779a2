"""Random venues, parameters and answers: live is what was simulated, and nothing is ever counted
or paid twice."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_client.domain.incoming import IncomingContact, IncomingPayment
from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.plan import Part
from backend_client.domain.policy import AllocationOrder, Policy
from backend_client.domain.problems import Refused
from backend_client.domain.refund import IN_FLIGHT, LegState, Method
from backend_client.domain.run_parameters import CreditMode
from backend_client.domain.runs import TAKEN, ItemOutcome, PartRole, Run, RunState
from backend_client.local.running.items import parts_of
from backend_client.local.store import Store
from backend_client.mail_settings import MailSettings
from backend_client.providers.practice import PracticeProvider
from backend_client.settings import Settings
from tests.clocks import SteppingClock
from tests.shop import SUPERVISOR, Shop, open_shop, sale, ticket
from tests.unit.local.dispatch_house import healthy, parameters

WORDS = ("pay", "pay", "dead", "slow", "lost", "gone", "late")
PAYERS = ("C-1", "C-1", "C-2", "")
MODES = st.sampled_from(CreditMode)
CANDIDATES = frozenset({LegState.REQUESTED, LegState.DECLINED, LegState.FAILED_LATE})
"""What a dispatch takes, unless it was changed by hand: that left the automation for good."""


@dataclass(frozen=True)
class Sold:
    payments: tuple[tuple[str, str, int], ...]
    """Word ("cash" for cash), payer, amount."""
    lines: int


@dataclass(frozen=True)
class Step:
    credit: CreditMode
    batch: int
    email: bool
    hours: int
    """Driven so many hours afterwards."""


SOLD = st.builds(
    Sold,
    st.lists(
        st.tuples(st.sampled_from((*WORDS, "cash")), st.sampled_from(PAYERS), st.integers(1, 900)),
        min_size=1,
        max_size=3,
    ).map(tuple),
    st.integers(1, 3),
)
STEPS = st.lists(
    st.builds(
        Step, MODES, st.sampled_from((0, 0, 1, 3)), st.booleans(), st.sampled_from((0, 0, 2))
    ),
    min_size=1,
    max_size=4,
)


def venue(sold: Sequence[Sold], order: AllocationOrder) -> Shop:
    clock = SteppingClock()
    store = Store.open("sqlite://", create=True, clock=clock)
    mail = MailSettings(date(2026, 3, 1), "office@palais.example", "localhost")
    house = Settings(policy=Policy(allocation_order=order), mail=mail)
    provider = PracticeProvider()
    shop = open_shop(Path(), clock=clock, store=store, provider=provider, settings=house)
    for number, one in enumerate(sold, 1):
        payments = [
            _payment(f"{word}-{number}-{place}", f"P-{place}", payer, amount)
            for place, (word, payer, amount) in enumerate(one.payments)
        ]
        total = sum(payment.amount_minor for payment in payments)
        share, rest = divmod(total, one.lines)
        prices = [share + rest, *[share] * (one.lines - 1)]
        lines = [ticket(sequence, price) for sequence, price in enumerate(prices, 1)]
        booking = sale(number, lines=lines, payments=payments, email="bette@example.org")
        shop.sell([replace(booking, payers=(IncomingContact("C-2", "Luc Besson"),))])
        for sequence in range(1, one.lines + 1):
            if prices[sequence - 1]:
                shop.refund(number, sequence, parts=(Part(Method.REQUESTED),))
    return shop


def _payment(reference: str, key: str, payer: str, amount: int) -> IncomingPayment:
    if reference.startswith("cash"):
        return IncomingPayment(key, PaymentMethod.CASH, amount, amount, payer=payer)
    method = PaymentMethod.CARD
    card = IncomingPayment(key, method, amount, amount, payer=payer, provider="practice")
    return replace(card, provider_reference=reference)


@settings(max_examples=50)
@given(st.lists(SOLD, min_size=1, max_size=5), STEPS, st.sampled_from(AllocationOrder))
def test_live_is_what_was_simulated_and_nothing_counts_twice(
    sold: list[Sold], steps: list[Step], order: AllocationOrder
) -> None:
    shop = venue(sold, order)
    owed = _owed(shop)
    try:
        for step in steps:
            _one(shop, step)
            assert _owed(shop) == owed, "a dispatch changes how, never how much"
        healthy(shop)
    finally:
        shop.backend.close()


def _one(shop: Shop, step: Step) -> None:
    wish = parameters(step.credit, batch=step.batch, email=step.email)
    simulated = shop.backend.simulate_dispatch(SUPERVISOR, wish)
    before = _legs(shop)
    open_before = sum(leg[1] in CANDIDATES and not leg[3] for leg in before.values())
    assert simulated.candidates == open_before
    assert simulated.items == min(open_before, step.batch or open_before)
    if not simulated.taken:
        with pytest.raises(Refused, match="run-nothing-to-do"):
            shop.backend.go_live(SUPERVISOR, simulated.id)
        assert _legs(shop) == before
        return
    run = shop.backend.go_live(SUPERVISOR, simulated.id)
    assert run.state is RunState.DONE
    after = _legs(shop)
    for leg_id, (_, state, attempts, _) in before.items():
        if state in IN_FLIGHT or state == "succeeded":
            assert after[leg_id][2] == attempts, "what is on its way is not sent again"
            assert after[leg_id][1] != "replaced"
    _as_simulated(shop, simulated, run)
    _identities(shop, simulated, run)
    for _ in range(step.hours):
        shop.clock.move(hours=1)
        shop.settler.drive()
    _identities(shop, simulated, shop.backend.run(SUPERVISOR, run.id))


def _legs(shop: Shop) -> dict[int, tuple[int, str, int, int]]:
    with shop.store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT id, amount_minor, state, attempts, by_hand FROM leg"
        ).all()
    return {row[0]: (row[1], row[2], row[3], row[4]) for row in rows}


def _owed(shop: Shop) -> list[tuple[int, int]]:
    """What each refund comes to, by the payments that stand for it."""
    with shop.store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT refund_id, SUM(amount_minor) FROM leg WHERE state <> 'replaced' GROUP BY 1"
        ).all()
    return sorted((row[0], row[1]) for row in rows)


def _as_simulated(shop: Shop, simulated: Run, run: Run) -> None:
    """Exactly the frozen parts were born, of every item that was to be done, and of no other."""
    with shop.store.read() as connection:
        frozen = connection.exec_driver_sql(
            "SELECT ordinal, plan, body, outcome FROM run_item WHERE run_id = ?", (simulated.id,)
        ).all()
        born = connection.exec_driver_sql(
            "SELECT m.ordinal, m.role, l.amount_minor, l.payment_id, l.payer_id FROM run_leg m "
            "JOIN leg l ON l.id = m.leg_id WHERE m.run_id = ?",
            (run.id,),
        ).all()
    made: dict[int, Counter[tuple[str, int, int | None]]] = {}
    for row in born:
        if row.role != PartRole.CREDIT_AFTER_REFUSAL:
            made.setdefault(row.ordinal, Counter())[row.role, row.amount_minor, row.payment_id] += 1
    for row in frozen:
        assert row.outcome not in (ItemOutcome.WAITING, ItemOutcome.CHANGED)
        planned = Counter(
            (part.role.value, part.amount_minor, part.payment_id)
            for part in parts_of(json.loads(row.body))
        )
        assert made.get(row.ordinal, Counter()) == (planned if row.plan in TAKEN else Counter())


def _identities(shop: Shop, simulated: Run, run: Run) -> None:
    """Planned to cards = refunded + on its way + being checked + declined; declined = credited +
    left; every item counted once."""
    assert sum(run.outcomes.values()) == simulated.items
    amounts = Counter[tuple[str, str]]()
    for row in run.totals:
        amounts[row.name, row.detail] += row.amount_minor
    planned = {row.name: row.amount_minor for row in simulated.totals if not row.detail}
    cards = {detail: minor for (name, detail), minor in amounts.items() if name == PartRole.CARD}
    known = {"pending", "sending", "accepted", "unknown", "review", "succeeded", "declined"}
    assert set(cards) <= known | {"failed_late"}
    assert sum(cards.values()) == planned.get(PartRole.CARD, 0)
    assert amounts[PartRole.CREDIT, "credited"] == planned.get(PartRole.CREDIT, 0)
    credited = amounts[PartRole.CREDIT_AFTER_REFUSAL, "credited"]
    assert credited <= cards.get("declined", 0)
