"""How much of a run one commit takes: little at first, then what keeps nobody waiting long."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from sqlalchemy.engine import Connection

from backend_client.local.running.live import HELD_S, LEAST, PAUSE_S, Live, fitting, pause

MOST = 250


@pytest.mark.parametrize(
    ("taken", "held_s", "next_one"),
    [
        (100, HELD_S, 100),
        (100, HELD_S * 2, 50),
        (100, HELD_S / 4, 200),
        (200, HELD_S / 4, MOST),
        (100, HELD_S * 100, LEAST),
        (LEAST, 0.0, 2 * LEAST),
        (3, HELD_S / 100, LEAST),
    ],
)
def test_a_step_takes_what_fits(taken: int, held_s: float, next_one: int) -> None:
    assert fitting(taken, held_s, MOST) == next_one


def test_a_step_never_takes_more_than_its_kind_allows() -> None:
    assert fitting(5, HELD_S * 100, most=5) == 5


def test_steps_go_on_until_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine where as many items as here fit into what a step may take."""
    fit = 128
    asked: list[int] = []
    now_s = 0.0

    def job(_connection: Connection, count: int) -> int:
        nonlocal now_s
        taken = min(count, 1000 - sum(asked))
        now_s += taken / fit
        if taken:
            asked.append(taken)
        return taken

    monkeypatch.setattr(Live, "step", lambda _live, step, *, label: step(None))
    monkeypatch.setattr("backend_client.local.running.live.HELD_S", 1.0)
    ticking = SimpleNamespace(perf_counter=lambda: now_s)
    monkeypatch.setattr("backend_client.local.running.live.time", ticking)
    object.__new__(Live).steps(job, most=MOST, label="test")
    assert asked[:4] == [LEAST, 2 * LEAST, 4 * LEAST, fit]
    assert set(asked[3:-1]) == {fit}
    assert sum(asked) == 1000


@pytest.mark.parametrize(
    ("passed_s", "left_s"), [(0, PAUSE_S), (PAUSE_S / 4, PAUSE_S * 3 / 4), (1, 0)]
)
def test_what_is_done_between_two_steps_is_part_of_their_pause(
    monkeypatch: pytest.MonkeyPatch, passed_s: float, left_s: float
) -> None:
    slept: list[float] = []
    clock = SimpleNamespace(perf_counter=lambda: passed_s, sleep=slept.append)
    monkeypatch.setattr("backend_client.local.running.live.time", clock)
    pause(0.0)
    assert slept == [pytest.approx(left_s)]
