"""The contract suite over what Connect offers; what it does not is listed with the reason."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from backend_client.settings import House, Settings
from tests.connect_offices import connect_office
from tests.contract import test_reading, test_refunds
from tests.contract.offices import Office, sound
from tests.served_office import served_office

NO_SEARCH = "Connect finds by whole names, never by a part, a seat or as one types"
NO_REQUESTED = "Connect pays at once: nothing is requested, credited, kept back or handed out"
NO_PROVIDER = "the answers of the practice provider; Connect's own are in test_connect_faults"
NO_IMPORT = "bookings are at Connect: nothing is imported"
NO_ANSWER = "Connect names no refund of its own"
OTHER_DECIMALS = "Connect counts in cents"
NEVER_TWO = "at one cinema an id means one booking at a time"

NOT_OFFERED: Mapping[str, str] = {
    "test_a_backend_says_what_it_can_do": "test_connect_backend has its own",
    "test_a_booking_is_found_by_what_a_customer_knows": NO_SEARCH,
    "test_a_seat_looked_for_is_named_with_its_line": NO_SEARCH,
    "test_who_looks_for_no_seat_is_told_of_none": NO_SEARCH,
    "test_a_booking_id_used_twice_must_be_told_apart": NEVER_TWO,
    "test_a_booking_opens_by_any_of_its_names": "test_connect_backend has its own",
    "test_the_timeline_tells_everything_in_order": NO_REQUESTED,
    "test_importing_again_changes_nothing": NO_IMPORT,
    "test_every_role_may_do_its_own_and_nothing_else": "test_connect_backend has its own",
    "test_a_commit_does_the_plan": NO_ANSWER,
    "test_a_providers_answer_never_restores_lines": NO_PROVIDER,
    "test_a_mixed_refund_makes_exactly_its_amount": NO_REQUESTED,
    "test_never_more_than_was_paid": NO_REQUESTED,
    "test_a_payment_takes_back_no_more_than_it_brought": "a second payment is acknowledged first",
    "test_unsettled_debt_is_reduced_first": NO_REQUESTED,
    "test_several_payers_each_get_their_share": NO_REQUESTED,
    "test_currencies_without_and_with_three_decimals": OTHER_DECIMALS,
    "test_recovery_finishes_what_is_on_its_way": NO_PROVIDER,
}


def cases(module: ModuleType) -> Iterator[tuple[str, Callable[..., None]]]:
    for name, made in inspect.getmembers(module, inspect.isfunction):
        if name.startswith("test_") and made.__module__ == module.__name__:
            yield name, made


EVERY = dict([*cases(test_reading), *cases(test_refunds)])


def _sets(case: Callable[..., None]) -> list[dict[str, Any]]:
    """The arguments a case is run with, from its own marks."""
    marks = [mark for mark in getattr(case, "pytestmark", ()) if mark.name == "parametrize"]
    sets: list[dict[str, Any]] = [{}]
    for mark in marks:
        names, values = mark.args
        many = names if isinstance(names, tuple) else tuple(names.split(","))
        sets = [
            {**one, **dict(zip(many, value if len(many) > 1 else (value,), strict=True))}
            for one in sets
            for value in values
        ]
    return sets


OFFERED = [
    pytest.param(case, values, id=f"{name}{list(map(str, values.values())) or ''}")
    for name, case in sorted(EVERY.items())
    if name not in NOT_OFFERED
    for values in _sets(case)
]


AT: Mapping[str, Callable[[Path, Settings], AbstractContextManager[Office]]] = {
    "scripted": connect_office,
    "served": served_office,
}
"""A scripted system that knows the document alone, and our own face over a store."""


@pytest.fixture(params=sorted(AT))
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    with sound(AT[request.param](tmp_path, Settings(house=House(currency="CHF")))) as made:
        yield made


@pytest.mark.parametrize(("case", "values"), OFFERED)
def test_connect_keeps_the_contract(
    office: Office, case: Callable[..., None], values: dict[str, Any]
) -> None:
    case(office, **values)


def test_what_is_left_out_is_there_to_be_left_out() -> None:
    assert set(NOT_OFFERED) <= set(EVERY)
