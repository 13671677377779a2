"""What a cancellation takes up: performances of one event, filters, names, reasons of the house."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from backend_client.domain.booking import Contact, Performance
from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.policy import Policy
from backend_client.domain.problems import Refused
from backend_client.settings import Settings
from tests.unit.builders import (
    BETTE,
    LEAR,
    LUC,
    NOW,
    payment,
    ticket,
)
from tests.unit.local.cancelled_house import BOSS, House
from tests.unit.local.venue import Desk

OTHER_HAMLET = Performance(3, "35628", "Hamlet", NOW)


def test_performances_of_two_events_are_refused(house: House) -> None:
    """Trap 3. Two dates of Hamlet go together, Hamlet and Lear do not."""
    house.sell("A", (ticket(1, 1000), ticket(2, 1000, performance=LEAR)))
    house.sell("B", (ticket(1, 1000, performance=OTHER_HAMLET),))
    hamlet = [one.id for one in house.backend.performances(BOSS, "hamlet").performances]
    assert house.simulate(performances=tuple(hamlet)).taken == 2
    with pytest.raises(Refused, match="performances-of-two-events") as refused:
        house.simulate(performances=(*hamlet, house.performance("Lear")))
    keys = [one.key for one in house.backend.performances(BOSS).performances]
    assert len(keys) == 3
    assert all(key in refused.value.message for key in keys), "names alone may be alike"


@pytest.mark.parametrize("performances", [(), (99,)])
def test_an_unknown_performance_is_refused(house: House, performances: tuple[int, ...]) -> None:
    house.sell("A")
    with pytest.raises(Refused, match="performance-unknown"):
        house.simulate(performances=performances)


def filtered(house: House, **filters: Any) -> set[str]:
    return set(house.named(house.simulate(**filters)))


def test_filters_of_bookings(house: House) -> None:
    """Traps 2 and 4. Channels and methods narrow together, files include, contacts exclude, and
    "exclude" with no method chosen leaves nobody out."""
    house.sell("CARD", channel="internet")
    house.sell("CASH", payments=[payment(1, 1000, PaymentMethod.CASH)], channel="internet")
    house.sell("BOTH", payments=[payment(1, 600), payment(2, 400, PaymentMethod.CASH, payer=LUC)])
    house.sell("FREE", (ticket(1, 0),), (), channel="box-office", contact=None)
    cash = {"methods": (PaymentMethod.CASH,)}
    assert filtered(house) == {"CARD", "CASH", "BOTH", "FREE"}
    assert filtered(house, **cash) == {"CASH", "BOTH"}
    assert filtered(house, **cash, methods_excluded=True) == {"CARD", "FREE"}
    assert filtered(house, methods_excluded=True) == {"CARD", "CASH", "BOTH", "FREE"}
    assert filtered(house, sold_through=("box-office",)) == {"FREE"}
    assert filtered(house, **cash, files=("BOTH",)) == {"BOTH"}
    assert filtered(house, files=("CARD", "N-FREE")) == {"CARD", "FREE"}
    assert filtered(house, contacts=(LUC.key,)) == {"CARD", "CASH", "FREE"}
    assert filtered(house, contacts=(BETTE.key,)) == {"FREE"}


def test_filters_of_lines_and_their_spelling(house: House) -> None:
    """Trap 2. A value nothing sold has is refused, with what there is."""
    house.sell("A", (replace(ticket(1, 1000), category="Stalls", tariff="Full"),))
    house.sell("B", (replace(ticket(1, 1000), category="Circle", tariff="Full"),))
    assert filtered(house, categories=("Stalls",), tariffs=("Full",)) == {"A"}
    with pytest.raises(Refused, match="run-filter-unknown") as refused:
        house.simulate(categories=("Stals",))
    assert refused.value.details == {
        "field": "category",
        "value": "Stals",
        "known": ["Circle", "Stalls"],
    }
    for field, value, problem in (
        ("files", "Z", "run-booking-unknown"),
        ("contacts", "C-99", "run-contact-unknown"),
        ("sold_through", "fax", "run-filter-unknown"),
    ):
        with pytest.raises(Refused, match=problem) as refused:
            filtered(house, **{field: (value,)})
        assert value in str(refused.value)
        assert "…" not in f"{refused.value} {refused.value.action}"


@pytest.mark.parametrize("field", ["files", "contacts"])
def test_four_hundred_may_be_named_and_no_more(house: House, field: str) -> None:
    """Trap 4."""
    for number in range(2):
        house.sell(f"B{number}", contact=Contact(9, f"K{number}", "Somebody"))
    named = ("B0", "K0")[field == "contacts"]
    assert len(filtered(house, **{field: (named,) * 400})) == 1
    with pytest.raises(Refused, match="run-too-many-named"):
        filtered(house, **{field: (named,) * 401})


@pytest.mark.parametrize(
    ("reason", "code"), [("", "reason-required"), ("Rain of frogs", "reason-unknown")]
)
def test_a_reason_of_the_house_is_needed(desk: Desk, reason: str, code: str) -> None:
    house = House(desk)
    house.sell("A")
    desk.settings = Settings(policy=Policy(free_reasons=False))
    with pytest.raises(Refused, match=code):
        house.simulate(reason=reason)
