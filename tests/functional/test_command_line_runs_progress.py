"""How far a run is, at the command line: its progress, and what it says when it gets no further."""

from __future__ import annotations

import sys
from dataclasses import replace
from types import SimpleNamespace
from typing import NoReturn, cast

import pytest

from backend_client.domain.problems import Refused
from backend_client.domain.runs import ItemOutcome, Run, RunKind, RunMode, RunState
from backend_client.local.running.cancelling import Cancelling
from backend_client.local.running.dispatching import Dispatching
from backend_client.local.running.live import StopAskedError
from tests.clocks import SteppingClock
from tests.functional.cancelled_evening import (
    CANCEL,
    DISPATCH,
)
from tests.functional.desk import NOW, Desk
from tui.commands import running_live
from tui.commands.console import Console
from tui.commands.session import Session
from tui.text.wording import Wording

LIVE = Run(2, RunKind.CANCELLATION, RunMode.LIVE, RunState.RUNNING, {}, "B. Keller", "3", "", NOW)


def test_a_run_that_gets_no_further_says_how_it_goes_on(
    evening: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> NoReturn:
        raise Refused("store-full")

    assert evening(*CANCEL, "--simulate").code == 0
    with monkeypatch.context() as patched:
        patched.setattr(Cancelling, "carry_out", full)
        answer = evening("cancel-performance", "--live", "--simulation", "1")
    assert (answer.code, "(store-full)" in answer.err) == (5, True)
    assert "runs 2 --resume" in answer.err
    assert evening("runs", "2", "--resume").code == 0
    assert evening("doctor").code == 0


@pytest.mark.parametrize("step", ["--simulate", "--unattended"])
def test_a_simulation_that_was_stopped_is_none(
    cancelled: Desk, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def stopped(*_: object) -> NoReturn:
        raise StopAskedError

    monkeypatch.setattr(Dispatching, "freeze", stopped)
    answer = cancelled(*DISPATCH, "never", step)
    assert answer.code == 4
    assert "was stopped before it was through" in answer.err
    assert "--live" not in answer.err


def test_progress_moves_on_a_terminal_and_is_a_line_now_and_then_elsewhere(
    evening: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "so far" not in evening(*CANCEL, "--simulate").err
    monkeypatch.setattr(running_live, "LINE_EVERY_S", 0)
    assert "Simulating: 4 items so far\n" in evening(*CANCEL, "--simulate").err
    monkeypatch.setattr(running_live, "LOOK_S", 0)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    answer = evening(*CANCEL, "--simulate")
    assert "\rSimulating: 4 items so far\x1b[K\r\x1b[K" in answer.err
    assert "so far" not in answer.out


def test_a_live_run_says_how_far_and_how_fast_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(Console, "progress", lambda _, text: shown.append(text))
    monkeypatch.setattr(running_live, "LOOK_S", 0)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    clock = SteppingClock(NOW)
    session = cast(
        "Session",
        SimpleNamespace(
            clock=clock, wording=Wording("en"), console=Console(Wording("en"), json=False)
        ),
    )
    progress = running_live.Progress(session)
    for done in (0, 40):
        outcomes = {ItemOutcome.CANCELLED: done, ItemOutcome.WAITING: 100 - done}
        progress.run(replace(LIVE, outcomes=outcomes))
        clock.move(seconds=4)
    assert shown == [
        "Run 2: 0 %   0 of 100",
        "Run 2: 40 %   40 of 100   10/s   6 s left",
    ]
