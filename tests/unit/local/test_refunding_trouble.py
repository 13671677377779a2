"""A commit in trouble: all of it or nothing, and what is not certain is not called done."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from backend_client.domain.booking import Booking
from backend_client.domain.plan import Part
from backend_client.domain.problems import Refused
from backend_client.domain.refund import LegState, Method, RefundStatus
from backend_client.local import refunding
from tests.unit import builders
from tests.unit.local.venue import Desk, answer, counts_and_hashes, opened, put, url_of
from tests.unit.refusing import refused

CASHIER = builders.caller()


def failing_at(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Break one step of the commit after everything before it has been written."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(refunding, step, broken)


@pytest.mark.parametrize("step", ["insert_rows", "give_birth", "move_lines", "touch", "post"])
def test_a_commit_that_breaks_anywhere_leaves_nothing(
    desk: Desk, booking: Booking, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    plan = desk.plan(
        builders.request(1, 2, 3, parts=[Part(Method.CREDIT, 50), Part(Method.REQUESTED)])
    )
    before = counts_and_hashes(desk.store)
    failing_at(step, monkeypatch)
    with pytest.raises(ZeroDivisionError):
        desk.backend.execute_refund(CASHIER, plan)
    assert counts_and_hashes(desk.store) == before


def test_trouble_while_sending_does_not_undo_the_refund(desk: Desk, booking: Booking) -> None:
    def unavailable(leg_ids: Sequence[int]) -> None:
        raise Refused("store-locked", seconds=5)

    desk.settle = unavailable
    outcome = desk.backend.execute_refund(CASHIER, desk.plan(builders.request(2)))
    assert outcome.refund.legs[0].state is LegState.PENDING


def test_trouble_nobody_foresaw_while_sending_is_an_unknown_outcome(
    desk: Desk, booking: Booking
) -> None:
    def broken(leg_ids: Sequence[int]) -> None:
        raise ZeroDivisionError

    desk.settle = broken
    with refused("outcome-unknown") as caught:
        desk.backend.execute_refund(CASHIER, desk.plan(builders.request(2)))
    assert caught.value.details["refund"] == "R-10001"
    assert desk.backend.refund(CASHIER, "R-10001").refund.amount_minor == 350


def test_a_store_lost_after_the_commit_is_not_certain(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with opened(url_of(path)) as store:
        desk = Desk(store, settle=lambda leg_ids: path.unlink())
        put(store, builders.sample_booking())
        plan = desk.plan(builders.request(2))
        with refused("commit-unknown"):
            desk.backend.execute_refund(CASHIER, plan)


def test_a_second_commit_sends_what_the_first_could_not(desk: Desk, booking: Booking) -> None:
    plan = desk.plan(builders.request(2))
    first = desk.backend.execute_refund(CASHIER, plan)
    desk.sent.clear()
    desk.backend.execute_refund(CASHIER, plan)
    assert desk.sent == [first.refund.legs[0].id]
    answer(desk.store, first.refund.legs[0].id, LegState.SUCCEEDED)
    desk.sent.clear()
    assert desk.backend.execute_refund(CASHIER, plan).refund.status is RefundStatus.DONE
    assert desk.sent == []
