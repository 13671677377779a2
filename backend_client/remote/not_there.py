"""What no Connect system can be asked for, each refused with the reason the screens show."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING, NoReturn

from backend_client.domain.caller import Action, Caller
from backend_client.domain.permissions import may
from backend_client.domain.problems import Refused

if TYPE_CHECKING:
    from backend_client.answers import CreditStatement, RefundOutcome
    from backend_client.domain.acceptance import Acceptance, Accepted
    from backend_client.domain.handing_over import HandOver, HandOverPlan
    from backend_client.domain.mailing import MailRun
    from backend_client.domain.plan import CreditSpend, MethodChange, MethodPlan
    from backend_client.domain.reconciliation import Reconciliation, TheirRefund
    from backend_client.domain.run_parameters import CancellationParameters, DispatchParameters
    from backend_client.domain.runs import (
        Differences,
        ItemOutcome,
        ItemPage,
        ItemPlan,
        PerformancePage,
        Run,
        RunPage,
    )
    from backend_client.domain.sale_payment import SalePayment, SaleTaken
    from backend_client.domain.stored_value import StoredValueNumber
    from backend_client.reports import ImportReport, ImportSource

NO_RUNS, NO_CHANGES = "connect-no-runs", "connect-no-changes"
NO_ACCOUNTS, NOT_HERE = "connect-no-accounts", "connect-not-here"


class NotThere(ABC):
    """Who may not even ask is told so first, as everywhere."""

    @abstractmethod
    def _answering(
        self, caller: Caller, asked: str, *, anybody: bool = False
    ) -> AbstractContextManager[Caller]: ...

    def _refuse(self, caller: Caller, action: Action, code: str) -> NoReturn:
        with self._answering(caller, action.value) as known:
            may(known, action)
        raise Refused(code)

    # ------------------------------------------------------------ done is done

    def preview_method_change(self, caller: Caller, change: MethodChange) -> MethodPlan:
        self._refuse(caller, Action.CHANGE_METHOD, NO_CHANGES)

    def execute_method_change(
        self, caller: Caller, plan: MethodPlan, number: StoredValueNumber | None = None
    ) -> RefundOutcome:
        self._refuse(caller, Action.CHANGE_METHOD, NO_CHANGES)

    def give_number(
        self, caller: Caller, leg_number: str, number: StoredValueNumber
    ) -> RefundOutcome:
        self._refuse(caller, Action.CHANGE_METHOD, NO_CHANGES)

    def preview_retry(self, caller: Caller, leg_number: str, reason: str) -> MethodPlan:
        self._refuse(caller, Action.CHANGE_METHOD, NO_CHANGES)

    def preview_hand_over(self, caller: Caller, hand_over: HandOver) -> HandOverPlan:
        self._refuse(caller, Action.CHANGE_METHOD, NO_CHANGES)

    def execute_hand_over(self, caller: Caller, plan: HandOverPlan) -> tuple[RefundOutcome, ...]:
        self._refuse(caller, Action.CHANGE_METHOD, NO_CHANGES)

    # ------------------------------------------------------------ kept elsewhere

    def take_sale_payment(self, caller: Caller, sale: SalePayment) -> SaleTaken:
        self._refuse(caller, Action.TAKE_SALE_PAYMENT, NOT_HERE)

    def credit(self, caller: Caller, contact_key: str) -> CreditStatement:
        self._refuse(caller, Action.LOOK_UP, NO_ACCOUNTS)

    def spend_credit(self, caller: Caller, spend: CreditSpend) -> CreditStatement:
        self._refuse(caller, Action.SPEND_CREDIT, NO_ACCOUNTS)

    def reconcile(
        self,
        caller: Caller,
        *,
        since: datetime | None = None,
        theirs: Iterable[TheirRefund] | None = None,
    ) -> Reconciliation:
        self._refuse(caller, Action.RECONCILE, NOT_HERE)

    def accept_refund(self, caller: Caller, acceptance: Acceptance) -> Accepted:
        self._refuse(caller, Action.RESOLVE, NOT_HERE)

    def import_bookings(
        self, caller: Caller, source: ImportSource, progress: Callable[[int], None]
    ) -> ImportReport:
        self._refuse(caller, Action.IMPORT, NOT_HERE)

    def send_mail(self, caller: Caller) -> MailRun:
        self._refuse(caller, Action.LOOK_UP, "mail-off")

    # ------------------------------------------------------------ mass runs

    def performances(
        self, caller: Caller, text: str = "", *, start: int = 0, limit: int = 200
    ) -> PerformancePage:
        self._refuse(caller, Action.BROWSE, NO_RUNS)

    def simulate_cancellation(
        self,
        caller: Caller,
        parameters: CancellationParameters,
        progress: Callable[[int], None] = lambda _items: None,
    ) -> Run:
        self._refuse(caller, Action.SIMULATE_CANCELLATION, NO_RUNS)

    def simulate_dispatch(
        self,
        caller: Caller,
        parameters: DispatchParameters,
        progress: Callable[[int], None] = lambda _items: None,
    ) -> Run:
        self._refuse(caller, Action.SIMULATE_DISPATCH, NO_RUNS)

    def differences(self, caller: Caller, simulation_id: int) -> Differences:
        self._refuse(caller, Action.READ_RUNS, NO_RUNS)

    def go_live(self, caller: Caller, simulation_id: int) -> Run:
        self._refuse(caller, Action.READ_RUNS, NO_RUNS)

    def approve_run(self, caller: Caller, simulation_id: int, fingerprint: str) -> Run:
        self._refuse(caller, Action.APPROVE_RUN, NO_RUNS)

    def resume_run(self, caller: Caller, run_id: int) -> Run:
        self._refuse(caller, Action.READ_RUNS, NO_RUNS)

    def stop_run(self, caller: Caller, run_id: int) -> Run:
        self._refuse(caller, Action.STOP_RUN, NO_RUNS)

    def end_run(self, caller: Caller, run_id: int) -> Run:
        self._refuse(caller, Action.READ_RUNS, NO_RUNS)

    def runs(self, caller: Caller, *, before: int | None = None, limit: int = 50) -> RunPage:
        self._refuse(caller, Action.READ_RUNS, NO_RUNS)

    def run(self, caller: Caller, run_id: int) -> Run:
        self._refuse(caller, Action.READ_RUNS, NO_RUNS)

    def run_items(
        self,
        caller: Caller,
        run_id: int,
        *,
        plans: frozenset[ItemPlan] = frozenset(),
        outcomes: frozenset[ItemOutcome] = frozenset(),
        start: int = 0,
        limit: int = 200,
    ) -> ItemPage:
        self._refuse(caller, Action.READ_RUNS, NO_RUNS)

    def export_run(self, caller: Caller, run_id: int) -> Iterator[dict[str, object]]:
        self._refuse(caller, Action.READ_RUNS, NO_RUNS)
