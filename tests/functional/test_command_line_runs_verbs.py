"""Every verb of `runs` on every state a run can be in: done, or refused in words that fit both."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from backend_client.domain.runs import RunState
from tests.functional.cancelled_evening import CANCEL, DISPATCH, sell_evening
from tests.functional.desk import Desk
from tests.unit.local.doctors_ward import break_in

SIMULATION, LIVE = 1, 2
ALIVE = "owner = 'elsewhere.example:1::ab', owner_until_us = 4102444800000000"
GONE = "owner = 'elsewhere.example:1::ab', owner_until_us = 0"
MADE_SO: Mapping[str, tuple[int, str]] = {
    "simulating": (SIMULATION, f"state = 'simulating', {ALIVE}"),
    "simulated": (SIMULATION, "note = ''"),
    "expired": (SIMULATION, "expires_at_us = 0"),
    "nothing to do": (SIMULATION, "taken = 0"),
    "given up while simulating": (SIMULATION, "state = 'stopped'"),
    "carried out": (SIMULATION, ""),
    "live": (LIVE, f"state = 'running', {ALIVE}"),
    "left behind": (LIVE, f"state = 'running', {GONE}"),
    "stopped": (LIVE, "state = 'stopped'"),
    "paused": (LIVE, "state = 'paused'"),
    "done": (LIVE, "note = ''"),
    "given up": (LIVE, "note = 'ended by B. Keller'"),
}
"""Of which run what is changed in the store; a simulation that was carried out has a live run."""
NO_RUN = {"--resume": "run-only-simulated", "--end": "run-only-simulated"}
OVER = {
    "--stop": "run-not-running",
    "--resume": "run-not-resumable",
    "--end": "run-not-endable",
    "--approve": "run-not-simulated",
}
GOES_ON = {"--stop": "run-not-running", "--resume": "", "--end": "", "--approve": OVER["--approve"]}
ANSWERS: Mapping[str, Mapping[str, str]] = {
    "simulating": {"--stop": "", **NO_RUN, "--approve": "run-not-simulated"},
    "simulated": {"--stop": "run-not-running", **NO_RUN, "--approve": ""},
    "expired": {"--stop": "run-not-running", **NO_RUN, "--approve": "run-expired"},
    "nothing to do": {"--stop": "run-not-running", **NO_RUN, "--approve": "run-nothing-to-do"},
    "given up while simulating": {
        "--stop": "run-not-running",
        **NO_RUN,
        "--approve": "run-not-simulated",
    },
    "carried out": {"--stop": "run-not-running", **NO_RUN, "--approve": "run-used"},
    "live": {**OVER, "--stop": ""},
    "left behind": {**GOES_ON, "--stop": ""},
    "stopped": GOES_ON,
    "paused": GOES_ON,
    "done": OVER,
    "given up": OVER,
}
"""The code of the refusal, or nothing where it is done."""
WORDS = {
    "run-only-simulated": "Simulation 1 is no live run: there is nothing to go on with or to give",
    "run-not-resumable": "only what was stopped, paused or left behind goes on.",
    "run-not-endable": "only what was stopped, paused or left behind can be given up.",
    "run-not-running": "only what runs can be stopped.",
}


@pytest.fixture
def run_of(desk: Desk, request: pytest.FixtureRequest) -> int:
    state: str = request.getfixturevalue("state")
    run, change = MADE_SO[state]
    sell_evening(desk)
    assert desk(*CANCEL, "--simulate").code == 0
    if run == LIVE or not change:
        assert desk("cancel-performance", "--live", "--simulation", "1").code == 0
    if change:
        break_in(desk.store, [f"UPDATE run SET {change} WHERE id = {run}"])
    return run


@pytest.mark.parametrize("verb", ["--stop", "--resume", "--end", "--approve"])
@pytest.mark.parametrize("state", MADE_SO)
def test_every_verb_on_every_state(desk: Desk, run_of: int, state: str, verb: str) -> None:
    who = ("--operator", "S. Other") if verb == "--approve" else ()
    desk.config.write_text(desk.config.read_text() + '"S. Other" = "supervisor"\n')
    refusal = ANSWERS[state][verb]
    answer = desk("runs", str(run_of), verb, "--json", *who)
    told = answer.json
    assert told.get("code", "") == refusal, answer.out
    if not refusal:
        assert answer.code in (0, 4)
        return
    said = desk("runs", str(run_of), verb, *who)
    assert (answer.code, said.code) == (1, 1)
    assert WORDS.get(refusal, "") in said.err
    assert said.err.splitlines()[-1].endswith("."), "and what to do about it"


def test_a_cashier_who_simulates_is_told_who_goes_live(desk: Desk) -> None:
    sell_evening(desk)
    assert desk(*CANCEL, "--simulate").code == 0
    desk("cancel-performance", "--live", "--simulation", "1")
    by = ("--operator", "A. Rochat")
    said = desk(*DISPATCH, "never", "--simulate", *by).err
    assert "Going live is for others (supervisor), A. Rochat is cashier here:" in said
    command = said.splitlines()[-1]
    assert "dispatch --live --simulation 3" in command
    assert command.endswith("--operator NAME")
    assert "A. Rochat" not in command
    assert "Go live with exactly this:" in desk("runs", "3").err, "whose it is"
    break_in(desk.store, ["UPDATE run SET state = 'stopped' WHERE id = 2"])
    halted = desk("runs", "2", *by).err
    assert "Going on with it is for others (supervisor)" in halted
    assert "Go on with it:" in desk("runs", "2").err


@pytest.mark.parametrize("verb", ["--stop", "--resume", "--end", "--approve"])
def test_every_verb_on_no_run(desk: Desk, verb: str) -> None:
    sell_evening(desk)
    assert desk("runs", "9", verb, "--json").problem == "run-not-found"
    assert desk("runs", verb).code == 2, "whose?"


def test_every_state_there_is_stands_in_the_table() -> None:
    made = {change.partition("'")[2].partition("'")[0] for _, change in MADE_SO.values()}
    assert made >= {state.value for state in RunState} - {RunState.SIMULATED, RunState.DONE}
