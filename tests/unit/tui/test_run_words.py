"""A run in a few words: what distinguishes it stands before whatever has to be cut."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from backend_client.domain.run_parameters import (
    CancellationParameters,
    CreditMode,
    DispatchParameters,
)
from backend_client.domain.run_record import cancellation_record, dispatch_record
from backend_client.domain.runs import Run, RunKind, RunMode, RunPerformance, RunState
from tui.text.columns import cells
from tui.text.dates import Dates
from tui.text.run_words import RunWords
from tui.text.wording import Wording

NOW = datetime(2026, 11, 22, 13, 30, tzinfo=UTC)
WORDING = Wording()
WORDS = RunWords(WORDING, Dates("UTC", WORDING))
NARROW = 61
"""Cells of a title at eighty columns, beside PRACTICE and the clock."""
LAC = RunPerformance(8, "Le lac des cygnes", NOW + timedelta(days=15), "35627")


def dispatched(credit: CreditMode = CreditMode.NEVER, **changes: object) -> Run:
    told = DispatchParameters(date(2026, 10, 28), date(2026, 11, 3), credit, ("internet", "app"))
    return run(RunKind.DISPATCH, dispatch_record(told), **changes)


def cancelled(*performances: RunPerformance, tariffs: tuple[str, ...] = ()) -> Run:
    ids = tuple(one.id for one in performances)
    told = CancellationParameters(ids, "performance-cancelled", tariffs=tariffs)
    return run(RunKind.CANCELLATION, cancellation_record(told), performances=performances)


def run(kind: RunKind, parameters: dict[str, object], **changes: object) -> Run:
    values: dict[str, object] = {
        "mode": RunMode.LIVE,
        "state": RunState.DONE,
        "simulation_id": 41,
        **changes,
    }
    return Run(
        id=42,
        kind=kind,
        parameters=parameters,
        operator="B. Keller",
        desk="3",
        channel="box-office",
        started_at=NOW,
        **values,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("credit", CreditMode)
def test_days_and_credit_stand_before_the_channels_that_may_be_cut(credit: CreditMode) -> None:
    kind, (which, told) = WORDS.title(dispatched(credit), NARROW)
    assert which == "run 42", "of which simulation gives way first"
    assert told.startswith(f"28 Oct – 3 Nov, {WORDING.text(f'run_words.credit.{credit.value}')}")
    assert cells(f"{kind} · {which} · {told}") <= NARROW
    _kind, (which, told) = WORDS.title(dispatched(credit), 118)
    assert which == "run 42 of simulation 41"
    assert told.endswith("internet, app")


def test_of_a_long_name_as_much_is_left_as_leaves_room_for_when() -> None:
    for restricted in ((), ("child",)):
        kind, (which, told) = WORDS.title(cancelled(LAC, tariffs=restricted), NARROW)
        assert which == "run 42"
        assert "07 Dec 13:30" in told
        assert ("restricted" in told) == bool(restricted)
        assert cells(f"{kind} · {which} · {told}") <= NARROW
    assert WORDS.told(cancelled(LAC), 23) == "Le lac … · 07 Dec 13:30"


def test_two_of_one_event_are_told_apart_by_when_or_else_by_their_keys() -> None:
    first, second = (RunPerformance(at, "Hamlet", None, f"3562{at}") for at in (6, 7))
    assert WORDS.told(cancelled(first, second)) == "Hamlet · 35626, 35627"
    assert WORDS.told(cancelled(first, second, LAC)) == "Hamlet · 3 performances"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"taken": 3, "expires_at": NOW + timedelta(minutes=1)}, "simulated"),
        ({"taken": 3, "expires_at": NOW}, "expired"),
        ({"taken": 0, "expires_at": NOW}, "nothing to do"),
        ({"taken": 3, "expires_at": NOW, "live_id": 43}, "by run 43"),
    ],
)
def test_a_simulation_stands_as_what_can_become_of_it(
    changes: dict[str, object], said: str
) -> None:
    mode, state = RunMode.SIMULATION, RunState.SIMULATED
    simulation = dispatched(CreditMode.NEVER, mode=mode, state=state, **changes)
    assert WORDS.state(simulation, NOW) == said
    assert WORDS.state(dispatched(is_lost=True), NOW) == "left behind"
