"""A performance that is cancelled: five bookings whose figures are easy to follow."""

from __future__ import annotations

from typing import Any

from tests.functional.desk import Desk, booking, card, fee, ticket

REASON = "performance-cancelled"
HAMLET = {"key": "P-1", "event": "Hamlet", "starts_at": "2026-12-02T19:30:00+01:00"}
FAUST = {"key": "P-2", "event": "Faust", "starts_at": "2026-12-03T19:30:00+01:00"}
CANCEL = ("cancel-performance", "P-1", "--reason", REASON)
DISPATCH = ("dispatch", "--from", "today", "--credit")


def cash(key: str, amount: int) -> dict[str, Any]:
    return {"key": key, "method": "cash", "amount_minor": amount}


def sell_evening(desk: Desk, *more: dict[str, Any]) -> None:
    """11.00 to a card, 20.00 to one that is dead, 30.00 in cash by somebody whose name is a
    formula, and a reservation nobody paid."""
    formula = {"key": "C-A3", "name": "=HYPERLINK(1)"}
    bookings = (
        booking(
            "A1",
            [ticket(1, 1000, tariff="Adult"), fee(2, 100, parent_sequence=1)],
            [card("K1", 1100, "pay-1")],
            channel="internet",
        ),
        booking("A2", [ticket(1, 2000, tariff="Adult")], [card("K2", 2000, "dead-2")]),
        booking("A3", [ticket(1, 3000, tariff="Child")], [cash("K3", 3000)], contact=formula),
        booking("A4", [ticket(1, 4000)], [], is_paid=False),
        *more,
    )
    assert desk.import_native(*bookings).code == 0


def package() -> dict[str, Any]:
    """What goes back together reaches into another performance: a person decides."""
    lines = [
        ticket(1, 1500, groups=["G"], product="pass"),
        ticket(2, 1500, groups=["G"], product="pass", performance="P-2"),
    ]
    return booking("A5", lines, [card("K5", 3000, "pay-5")], performances=[HAMLET, FAUST])


def with_ceilings(desk: Desk, items: int, minor: int) -> None:
    """The house allows so much while nobody looks."""
    ceilings = f"\n[runs]\nunattended_items = {items}\nunattended_minor = {minor}\n"
    desk.config.write_text(desk.config.read_text(encoding="utf-8") + ceilings, encoding="utf-8")


def figures(answer: dict[str, Any]) -> dict[tuple[str, str], tuple[int, int]]:
    """The totals of a run in JSON: how many and how much, by name and detail."""
    return {
        (one["name"], one["detail"]): (one["count"], one["amount_minor"])
        for one in answer["run"]["totals"]
        if one["count"]
    }
