"""The settler, made when there is first something to settle.

A window shows its first bookings without it: loading it is a tenth of the time until then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend_client.domain.driving import DriveReport
    from backend_client.domain.reconciliation import Reconciliation, TheirRefund
    from backend_client.domain.stored_value import SealedNumber
    from backend_client.settling.feed import Supply
    from backend_client.settling.settler import Settler


class DeferredSettler:
    """Does what a `Settler` does; `make` is called at most once."""

    def __init__(self, make: Callable[[], Settler]) -> None:
        self._make = make
        self._stop = False

    @cached_property
    def _settler(self) -> Settler:
        settler = self._make()
        if self._stop:
            settler.stop()
        return settler

    @property
    def _is_made(self) -> bool:
        return "_settler" in vars(self)

    @property
    def stopped(self) -> bool:
        return self._stop

    def settle(self, leg_ids: Sequence[int]) -> None:
        self._settler.settle(leg_ids)

    def send(
        self,
        supply: Supply,
        keep: Callable[[], bool] = lambda: True,
        come_back: Callable[[], bool] = lambda: True,
    ) -> DriveReport:
        return self._settler.send(supply, keep, come_back)

    def load(self, gift_cards: Mapping[int, SealedNumber]) -> None:
        self._settler.load(gift_cards)

    def recover(self) -> int:
        return self._settler.recover()

    def drive(self, *, patient: bool = False) -> DriveReport:
        return self._settler.drive(patient=patient)

    def reconcile(self, since: datetime | None) -> Reconciliation:
        return self._settler.reconcile(since)

    def compare(self, since: datetime | None, theirs: Iterable[TheirRefund]) -> Reconciliation:
        return self._settler.compare(since, theirs)

    def stop(self) -> None:
        """End what runs and what is asked for later: a flag, so a signal handler may do it."""
        self._stop = True
        if self._is_made:
            self._settler.stop()

    def let_go(self) -> None:
        if self._is_made:
            self._settler.let_go()
