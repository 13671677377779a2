"""One night after the other: what an earlier one left is finished first, if nobody began it."""

from __future__ import annotations

from typing import NoReturn

import pytest

from backend_client.domain.problems import Refused
from backend_client.local.running import cancelling, dispatch_live
from backend_client.local.running.cancelling import Cancelling
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


# ------------------------------------------------------------ it broke off


def full(*_: object, **__: object) -> NoReturn:
    raise Refused("store-full")


def full_after(
    monkeypatch: pytest.MonkeyPatch, kind: type[LiveDispatch] | type[Cancelling]
) -> None:
    """Of the items taken one by one, the disk has room for the first."""
    for room, name in ((dispatch_live, "TOGETHER"), (cancelling, "CANCELLED_TOGETHER")):
        monkeypatch.setattr(room, name, 1)
    following = kind._next
    steps = iter((following, full))
    monkeypatch.setattr(kind, "_next", lambda *asked: next(steps)(*asked))


@pytest.fixture
def two(desk: Desk) -> Desk:
    """R-10001 and R-10002, for two cards."""
    with_ceilings(desk, 10, 100_000)
    sold = [booking(f"B{n}", [ticket(1, 500)], [card(f"K{n}", 500, f"pay-{n}")]) for n in (1, 2)]
    assert desk.import_native(*sold).code == 0
    assert desk(*CANCEL, "--unattended").code == 0
    return desk


def test_what_broke_off_goes_on_and_nothing_is_sent_twice(
    two: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        full_after(patched, LiveDispatch)
        answer = two(*NIGHTLY)
    assert answer.code == 5
    assert "The disk is full." in answer.err
    assert "Or leave it: the next unattended dispatch goes on with it first." in answer.err
    begun = set(states(two).values()) - {"replaced", "requested"}
    assert begun in ({"pending"}, {"succeeded"}), "sent, or not yet, when the disk was full"
    assert "Why: it broke off: The disk is full." in two("runs", "4").out
    answer = two(*NIGHTLY)
    assert answer.code == 0
    assert "Run 4 of an earlier night was stopped: it goes on first." in answer.err
    assert sorted(states(two).values()) == ["replaced", "replaced", "succeeded", "succeeded"]
    assert "succeeded" not in two(*NIGHTLY, "--json").json["run"]["totals"]
    assert two("doctor").code == 0


def test_while_the_cause_is_there_every_night_says_so_and_begins_nothing(
    two: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LiveDispatch, "carry_out", full)
    assert two(*NIGHTLY).code == 5
    for _ in range(2):
        answer = two(*NIGHTLY)
        assert answer.code == 5
        assert "Run 4 of an earlier night was stopped: it goes on first." in answer.err
        assert "(store-full)" in answer.err
        assert "Nothing else was begun." in answer.err
    answer = two(*NIGHTLY, "--json")
    assert (answer.code, answer.problem, answer.json["run"]["id"]) == (5, "store-full", 4)
    assert two("runs", "5").code == 3
    assert set(states(two).values()) == {"requested"}


def test_where_not_even_its_end_could_be_written_it_goes_on_too(
    two: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(LiveDispatch, "carry_out", full)
        patched.setattr("backend_client.local.running.runs.leave", full)
        answer = two(*NIGHTLY)
    assert answer.code == 5
    assert "runs 4 --resume" in answer.err
    assert "the next unattended dispatch goes on with it" in answer.err
    assert "Another program" not in answer.err
    two.clock.move(minutes=2)
    assert two(*NIGHTLY).code == 0
    assert sorted(states(two).values()) == ["replaced", "replaced", "succeeded", "succeeded"]


def test_a_cancellation_that_broke_off_goes_on_too(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_ceilings(desk, 10, 100_000)
    sell_evening(desk)
    with monkeypatch.context() as patched:
        full_after(patched, Cancelling)
        answer = desk(*CANCEL, "--unattended")
    assert (answer.code, len(states(desk))) == (5, 1)
    assert "the next unattended cancellation of the same goes on with it" in answer.err
    answer = desk(*CANCEL, "--unattended", "--json")
    assert (answer.code, answer.json["run"]["taken"]) == (0, 0)
    assert (answer.json["resumed"]["id"], answer.json["resumed"]["state"]) == (2, "done")
    assert len(states(desk)) == 3
    assert desk("doctor").code == 0


def test_a_mistake_of_ours_waits_for_a_person(two: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would come again, and only somebody who looks can tell what it did."""
    with monkeypatch.context() as patched:
        patched.setattr(LiveDispatch, "carry_out", interrupted)
        assert two(*NIGHTLY).code != 0
    answer = two(*NIGHTLY)
    assert (answer.code, "(run-scope-taken)" in answer.err) == (1, True)
    assert set(states(two).values()) == {"requested"}


def test_the_newest_dispatch_decides(desk: Desk) -> None:
    """Runs of other kinds and simulations in between are passed over."""
    with_ceilings(desk, 10, 100_000)
    sell_evening(desk)
    assert desk(*CANCEL, "--unattended").code == 0
    for _ in range(3):
        assert desk(*NIGHTLY).code == 0
