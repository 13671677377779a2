"""Steps that are written behind the one who makes them: in order, and none after a mistake."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING, cast

import pytest

from backend_client.local.running.freezing import Behind

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from backend_client.local.running.live import Live


class Steps:
    """Stands for a run: does each step when it is let."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.may_write = Event()
        self.may_write.set()

    def step(self, job: Callable[[Connection | None], None], *, label: str) -> None:
        self.may_write.wait()
        job(None)
        self.written.append(label)


@pytest.fixture
def steps() -> Steps:
    return Steps()


def behind_of(steps: Steps) -> Behind:
    return Behind(cast("Live", steps))


def nothing(_connection: object) -> None:
    """A step that does nothing."""


def broken(_connection: object) -> None:
    raise ValueError("broken")


def test_the_next_is_made_while_the_last_is_written(steps: Steps) -> None:
    steps.may_write.clear()
    with behind_of(steps) as behind:
        behind.step(nothing, label="first")
        assert steps.written == []
        steps.may_write.set()
        behind.step(nothing, label="second")
        assert steps.written[0] == "first", "one at a time"
        behind.done()
        assert steps.written == ["first", "second"]


def test_nothing_is_begun_after_a_mistake(steps: Steps) -> None:
    with behind_of(steps) as behind:
        behind.step(broken, label="first")
        with pytest.raises(ValueError, match="broken"):
            behind.step(nothing, label="second")
        with pytest.raises(ValueError, match="broken"):
            behind.done()
    assert steps.written == []


def test_the_mistake_of_the_last_step_is_told(steps: Steps) -> None:
    with behind_of(steps) as behind:
        behind.step(nothing, label="first")
        behind.step(broken, label="second")
        with pytest.raises(ValueError, match="broken"):
            behind.done()
    assert steps.written == ["first"]


def test_who_breaks_off_waits_for_what_is_under_way(steps: Steps) -> None:
    def break_off() -> None:
        with behind_of(steps) as behind:
            behind.step(nothing, label="first")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()
    assert steps.written == ["first"]
