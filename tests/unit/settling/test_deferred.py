"""The settler that is made when it is first needed."""

from __future__ import annotations

from typing import Any, cast

from backend_client.settling.deferred import DeferredSettler
from backend_client.settling.settler import Settler


class Noted:
    """Writes down what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: self.asked.append(name)


def test_nothing_is_made_for_who_only_stops_and_leaves() -> None:
    deferred = DeferredSettler(lambda: 1 / 0)  # type: ignore[arg-type, return-value]
    deferred.stop()
    deferred.let_go()
    assert deferred.stopped


def test_it_is_made_once_and_does_what_it_is_asked() -> None:
    made: list[Noted] = []

    def make() -> Settler:
        made.append(Noted())
        return cast("Settler", made[0])

    deferred = DeferredSettler(make)
    assert not made
    deferred.settle([1])
    deferred.recover()
    deferred.drive(patient=True)
    deferred.let_go()
    deferred.stop()
    assert [one.asked for one in made] == [["settle", "recover", "drive", "let_go", "stop"]]


def test_who_was_stopped_before_it_was_made_is_stopped() -> None:
    noted = Noted()
    deferred = DeferredSettler(lambda: cast("Settler", noted))
    deferred.stop()
    deferred.drive()
    assert noted.asked == ["stop", "drive"]
