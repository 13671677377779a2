"""Open payments page by page, of all states or of some, and where one of them stands."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from backend_client.answers import OpenLeg, OpenPage
from backend_client.backend import Backend
from backend_client.domain.caller import Caller
from backend_client.domain.refund import LegState
from tui.widgets.virtual_list import PAGE_ROWS

S = LegState
FILTERS: tuple[tuple[str, frozenset[LegState]], ...] = (
    ("all", frozenset()),
    ("awaiting_approval", frozenset({S.AWAITING_APPROVAL})),
    ("requested", frozenset({S.REQUESTED})),
    ("due", frozenset({S.DUE})),
    ("to_be_sent", frozenset({S.PENDING})),
    ("on_its_way", frozenset({S.SENDING, S.ACCEPTED})),
    ("being_checked", frozenset({S.UNKNOWN})),
    ("declined", frozenset({S.DECLINED, S.FAILED_LATE})),
    ("review", frozenset({S.REVIEW})),
)
"""What can be looked at by itself; together they are every open state."""
WAITING = "awaiting_approval"
"""The filter of what another person decides about."""
del S


def place_of(name: str) -> int:
    """Where a filter stands among the others."""
    return next(place for place, (one, _states) in enumerate(FILTERS) if one == name)


class OpenLegs:
    """Pages of open legs by number over a backend that only knows "after this one".

    Where each page begins is remembered; a page far down is reached by walking there once. Called
    from worker threads.
    """

    def __init__(self, backend: Backend, caller: Caller, states: frozenset[LegState]) -> None:
        self._backend = backend
        self._caller = caller
        self._states = states
        self._begins: list[int | None] = [None]
        self._lock = threading.Lock()

    def first(self) -> OpenPage:
        page = self._read(None)
        self._begins = [None] if page.next_after is None else [None, page.next_after]
        return page

    def page(self, number: int) -> Sequence[OpenLeg]:
        with self._lock:
            while len(self._begins) <= number:
                page = self._read(self._begins[-1])
                if page.next_after is None:
                    return ()
                self._begins.append(page.next_after)
            return self._read(self._begins[number]).legs

    def index_of(self, leg_id: int) -> int:
        """Where this leg stands; if it is not open any more, where the next one does."""
        number = 0
        while legs := self.page(number):
            if legs[-1].leg_id >= leg_id:
                return number * PAGE_ROWS + sum(one.leg_id < leg_id for one in legs)
            number += 1
        return max(number * PAGE_ROWS - 1, 0)

    def _read(self, after: int | None) -> OpenPage:
        return self._backend.open_refunds(
            self._caller, states=self._states, after=after, limit=PAGE_ROWS
        )
