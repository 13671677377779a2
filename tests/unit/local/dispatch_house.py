"""A shop in which refunds were requested, and the words to dispatch them with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

from backend_client.domain.incoming import IncomingPayment
from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.plan import Part
from backend_client.domain.refund import LegState, Method
from backend_client.domain.run_parameters import CreditMode, DispatchParameters
from backend_client.domain.runs import ItemOutcome, Run, RunItem
from backend_client.local.doctor import examine
from backend_client.providers.port import Provider
from backend_client.settings import Settings
from tests.shop import SUPERVISOR, Shop, card, opened_shop, sale, ticket
from tests.sound import wrong

DAY = date(2026, 3, 14)
"""The day on which the clock of tests stands."""
OTHER = replace(SUPERVISOR, operator="M. Keller", desk="4", correlation_id="corr-2")
NEVER, FALLBACK, ALWAYS = CreditMode.NEVER, CreditMode.WHEN_NOT_POSSIBLE, CreditMode.ALWAYS


def parameters(credit: CreditMode = NEVER, **more: object) -> DispatchParameters:
    return DispatchParameters(DAY, DAY, credit, **more)  # type: ignore[arg-type]


@contextmanager
def house(
    folder: Path, *, settings: Settings | None = None, provider: Provider | None = None
) -> Iterator[Shop]:
    """Ends with a doctor's visit."""
    with opened_shop(folder, settings=settings, provider=provider) as shop:
        yield shop
        healthy(shop)


def healthy(shop: Shop) -> None:
    assert wrong(examine(shop.store)) == {}


def sell(
    shop: Shop, number: int, *cards: tuple[str, int], payers: Sequence[str] = (), email: str = ""
) -> None:
    """Booking B-<number>, paid with these cards (reference, amount), by C-1 unless named."""
    payments = []
    for place, (reference, amount) in enumerate(cards, 1):
        payment = card(reference, amount, key=f"P-{number}-{place}")
        payments.append(replace(payment, payer=payers[place - 1]) if payers else payment)
    total = sum(amount for _, amount in cards)
    shop.sell([sale(number, lines=(ticket(1, total),), payments=payments, email=email)])


def cash(amount: int, key: str) -> IncomingPayment:
    return IncomingPayment(key, PaymentMethod.CASH, amount, amount, payer="C-1")


def request(shop: Shop, number: int, *sequences: int) -> int:
    """Give lines back and leave the money to dispatch; the first leg's id."""
    outcome = shop.refund(number, *sequences, parts=(Part(Method.REQUESTED),))
    assert {leg.state for leg in outcome.refund.legs} == {LegState.REQUESTED}
    return outcome.refund.legs[0].id


def simulate(shop: Shop, credit: CreditMode = NEVER, **more: object) -> Run:
    return shop.backend.simulate_dispatch(SUPERVISOR, parameters(credit, **more))


def dispatch(shop: Shop, credit: CreditMode = NEVER, **more: object) -> Run:
    """Simulate, and carry exactly that out."""
    return shop.backend.go_live(SUPERVISOR, simulate(shop, credit, **more).id)


def totals(run: Run) -> dict[str, tuple[int, int]]:
    """Count and amount by "name detail", those that are not nothing."""
    return {
        f"{row.name} {row.detail}".strip(): (row.count, row.amount_minor)
        for row in run.totals
        if row.count
    }


def items(shop: Shop, run: Run) -> tuple[RunItem, ...]:
    return shop.backend.run_items(SUPERVISOR, run.id, limit=1000).items


def outcomes(run: Run) -> dict[ItemOutcome, int]:
    return {outcome: count for outcome, count in run.outcomes.items() if count}


def legs(shop: Shop, number: int) -> list[tuple[str, str, int]]:
    """Method, state and amount of everything that counts for a booking, oldest first."""
    view = shop.backend.booking(SUPERVISOR, f"B-{number}")
    return [
        (leg.method.value, leg.state.value, leg.amount_minor)
        for refund in view.refunds
        for leg in refund.legs
        if leg.is_live
    ]


def everything(shop: Shop) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table but those of runs, the audit log and the doctor's own."""
    with shop.store.read() as connection:
        names = connection.exec_driver_sql(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'run%' "
            "AND name NOT LIKE 'search%' AND name NOT IN ('audit', 'sequence', 'lease')"
        )
        return {
            name: [tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {name}")]
            for (name,) in names.all()
        }
