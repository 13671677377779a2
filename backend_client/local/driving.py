"""The methods of the local backend about what is on its way: sent, found out, compared with what
the providers list, told by mail. The rooms behind load when asked."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING

from backend_client.domain.caller import Action, Caller
from backend_client.domain.permissions import may
from backend_client.domain.problems import Refused

if TYPE_CHECKING:
    from backend_client.domain.acceptance import Acceptance, Accepted
    from backend_client.domain.driving import DriveReport
    from backend_client.domain.mailing import MailRun
    from backend_client.domain.reconciliation import Reconciliation, TheirRefund
    from backend_client.domain.restoring import Restored
    from backend_client.local.context import Driver
    from backend_client.local.rooms import Rooms
    from backend_client.local.store import Store


class DrivingFace(ABC):
    """What a backend with a store and a driver answers; without a driver nothing is on its way."""

    _store: Store
    _driver: Driver
    _rooms: Rooms
    _recover: Callable[[], int]
    _send_mail: Callable[[], MailRun] | None

    @abstractmethod
    def _answering(
        self, caller: Caller, asked: str, *, anybody: bool = False
    ) -> AbstractContextManager[Caller]:
        """Every answer is a value or a row of the catalogue; who was denied is on record."""

    def settle(self, caller: Caller, *, patient: bool = False) -> DriveReport:
        with self._answering(caller, "settle") as known:
            may(known, Action.SETTLE)
            report = self._driver.drive(patient=patient)
            self._rooms.finish_runs()
            return report

    def stop_settling(self) -> None:
        self._driver.stop()

    def recover(self, caller: Caller) -> int:
        with self._answering(caller, "recover") as known:
            may(known, Action.SETTLE)
            looked = self._recover()
            self._rooms.finish_runs()
            return looked

    def reconcile(
        self,
        caller: Caller,
        *,
        since: datetime | None = None,
        theirs: Iterable[TheirRefund] | None = None,
    ) -> Reconciliation:
        from backend_client.local.accepting import told_apart

        with self._answering(caller, "reconcile") as known:
            may(known, Action.RECONCILE)
            if theirs is not None:
                found = self._driver.compare(since, theirs)
            else:
                found = self._driver.reconcile(since)
            with self._store.read() as connection:
                return told_apart(connection, found)

    def accept_refund(self, caller: Caller, acceptance: Acceptance) -> Accepted:
        with self._answering(caller, "accept") as known:
            return self._rooms.accepting.accept(known, acceptance)

    def go_on_restored(self, caller: Caller, evidence: str) -> Restored:
        with self._answering(caller, "restored") as known:
            return self._rooms.restoring.go_on(known, evidence)

    def send_mail(self, caller: Caller) -> MailRun:
        with self._answering(caller, "send mail") as known:
            may(known, Action.SETTLE)
            if self._send_mail is None:
                raise Refused("mail-off")
            return self._send_mail()
