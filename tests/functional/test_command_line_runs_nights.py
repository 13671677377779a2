"""One night after the other: what an earlier one left is finished first, if nobody began it."""

from __future__ import annotations

from typing import NoReturn

import pytest

from backend_client.local.running.dispatch_live import LiveDispatch
from backend_client.providers import practice
from tests.functional.beside_provider import states
from tests.functional.cancelled_evening import CANCEL, DISPATCH, sell_evening, with_ceilings
from tests.functional.desk import Desk, booking, card, ticket

NIGHTLY = (*DISPATCH, "never", "--unattended")
CASH = {"key": "K2", "method": "cash", "amount_minor": 700}


class _Killed(BaseException):
    """The program is gone: nobody writes down how it ended."""


@pytest.fixture
def house(desk: Desk) -> Desk:
    """B1 goes to a card whose provider serves us only when it is mended."""
    with_ceilings(desk, 10, 100_000)
    sold = booking("B1", [ticket(1, 1000)], [card("K1", 1000, "broke-1")])
    assert desk.import_native(sold).code == 0
    assert desk(*CANCEL, "--unattended").code == 0
    return desk


def mend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(practice, "_behaviour", lambda _order: "")


def request_another(desk: Desk) -> None:
    """R-10002.1, requested on the same day."""
    sold = booking("B2", [ticket(1, 500)], [card("K2", 500, "pay-2")])
    assert desk.import_native(sold).code == 0
    given = ("refund", "B2", "--all", "--reason", "goodwill", "--to", "requested", "--commit")
    assert desk(*given).code == 0


def test_what_was_paused_goes_on_first_and_the_night_follows(
    house: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert house(*NIGHTLY).code == 4
    request_another(house)
    mend(monkeypatch)
    answer = house(*NIGHTLY)
    assert answer.code == 0
    assert "Run 4 of an earlier night was paused: it goes on first." in answer.err
    resumed, own = answer.out.index("run 4 of simulation"), answer.out.index("run 6 of simulation")
    assert resumed < own
    assert sorted(states(house).values()) == ["replaced", "replaced", "succeeded", "succeeded"]
    assert house("doctor").code == 0


def test_a_program_is_told_of_both(house: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert house(*NIGHTLY).code == 4
    mend(monkeypatch)
    answer = house(*NIGHTLY, "--json")
    assert answer.code == 0
    assert (answer.json["resumed"]["id"], answer.json["resumed"]["state"]) == (4, "done")
    assert (answer.json["run"]["mode"], answer.json["run"]["taken"]) == ("simulation", 0)


def test_paused_again_it_is_4_and_nothing_else_begins(house: Desk) -> None:
    assert house(*NIGHTLY).code == 4
    request_another(house)
    answer = house(*NIGHTLY)
    assert answer.code == 4
    assert "paused" in answer.out
    assert "runs 4 --resume" in answer.err
    assert "runs 4 --end" in answer.err
    assert "Nothing else was begun." in answer.err
    assert states(house)["R-10002.1"] == "requested"
    assert house("runs", "5").code == 3, "tonight's own was not even simulated"


def test_what_was_left_behind_goes_on_too(house: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object, **__: object) -> NoReturn:
        raise _Killed

    with monkeypatch.context() as patched:
        patched.setattr(LiveDispatch, "carry_out", killed)
        patched.setattr("backend_client.local.running.runs.leave", lambda *_: False)
        with pytest.raises(_Killed):
            house(*NIGHTLY)
    house.clock.move(minutes=2)
    mend(monkeypatch)
    answer = house(*NIGHTLY)
    assert answer.code == 0
    assert "Run 4 of an earlier night was left behind" in answer.err
    assert sorted(states(house).values()) == ["replaced", "succeeded"]


def test_what_the_resumed_run_leaves_to_a_person_is_4(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_ceilings(desk, 10, 100_000)
    sold = booking("B1", [ticket(1, 1000)], [card("K1", 1000, "broke-1")])
    nobody = booking("B3", [ticket(1, 700)], [CASH], contact=None)
    assert desk.import_native(sold, nobody).code == 0
    assert desk(*CANCEL, "--unattended").code == 0
    nightly = (*DISPATCH, "when-not-possible", "--unattended")
    assert desk(*nightly).code == 4
    mend(monkeypatch)
    answer = desk(*nightly, "--json")
    assert (answer.code, answer.json["resumed"]["outcomes"]["person"]) == (4, 1)


@pytest.mark.parametrize("by", ["begun", "stopped"])
def test_what_a_person_began_or_stopped_is_left_alone(
    house: Desk, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    if by == "begun":
        assert house(*DISPATCH, "never", "--simulate").code == 0
        assert house("dispatch", "--live", "--simulation", "3").code == 4
    else:
        assert house(*NIGHTLY).code == 4
        with monkeypatch.context() as patched:
            patched.setattr(LiveDispatch, "carry_out", interrupted)
            house("runs", "4", "--resume")
        assert "stopped" in house("runs", "4").out
    request_another(house)
    mend(monkeypatch)
    answer = house(*NIGHTLY)
    assert (answer.code, "(run-scope-taken)" in answer.err) == (1, True)
    assert "runs 4 --resume" in answer.err
    assert "runs 4 --end" in answer.err
    assert states(house)["R-10002.1"] == "requested"
    assert house(*NIGHTLY, "--json").problem == "run-scope-taken"


def interrupted(*_: object, **__: object) -> NoReturn:
    raise RuntimeError


def test_the_newest_dispatch_decides(desk: Desk) -> None:
    """Runs of other kinds and simulations in between are passed over."""
    with_ceilings(desk, 10, 100_000)
    sell_evening(desk)
    assert desk(*CANCEL, "--unattended").code == 0
    for _ in range(3):
        assert desk(*NIGHTLY).code == 0
