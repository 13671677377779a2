"""Pages that are read ahead: all of them, in order, one at a time, and none after a mistake."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from backend_client.local.running.ahead import ahead


class Pages:
    """Pages 1 to `count`; `read` is what was begun, `reading` lets the second be read."""

    def __init__(self, count: int, broken: int = 0) -> None:
        self.read: list[int] = []
        self.reading = threading.Event()
        self.reading.set()
        self._count = count
        self._broken = broken

    def __iter__(self) -> Iterator[int]:
        for number in range(1, self._count + 1):
            self.read.append(number)
            if number > 1:
                self.reading.wait()
            if number == self._broken:
                raise ValueError("broken")
            yield number


@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_every_page_comes_once_and_in_order(count: int) -> None:
    assert [*ahead(iter(Pages(count)))] == [*range(1, count + 1)]


def test_a_page_is_out_while_the_next_one_is_read() -> None:
    pages = Pages(2)
    pages.reading.clear()
    coming = ahead(iter(pages))
    assert next(coming) == 1, "does not wait for the second"
    pages.reading.set()
    assert [*coming] == [2]


def test_no_more_than_one_is_read_ahead() -> None:
    pages = Pages(5)
    coming = ahead(iter(pages))
    next(coming)
    coming.close()
    assert pages.read in ([1], [1, 2]), "memory stays flat"


def test_a_mistake_comes_in_the_place_of_its_page() -> None:
    pages = Pages(3, broken=2)
    coming = ahead(iter(pages))
    assert next(coming) == 1
    with pytest.raises(ValueError, match="broken"):
        next(coming)
    assert pages.read == [1, 2]


def test_nobody_reads_any_more_once_it_is_closed() -> None:
    coming = ahead(iter(Pages(9)))
    next(coming)
    coming.close()
    names = [thread.name for thread in threading.enumerate()]
    assert not [name for name in names if name.startswith("run-pages")]
