"""What no screen asks a backend for, answered as one in which nothing of the kind is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from backend_client.answers import CreditStatement, RefundOutcome
from backend_client.domain.acceptance import Acceptance, Accepted
from backend_client.domain.caller import Caller
from backend_client.domain.driving import DriveReport
from backend_client.domain.findings import Resolution
from backend_client.domain.mailing import MailRun
from backend_client.domain.plan import CreditSpend, MethodChange, MethodPlan, VoidPlan
from backend_client.domain.problems import Refused
from backend_client.domain.reconciliation import Reconciliation, TheirRefund
from backend_client.domain.resolution import ResolutionPlan
from backend_client.domain.restoring import Restored
from backend_client.domain.sale_payment import SalePayment, SaleTaken
from backend_client.domain.stored_value import StoredValueNumber
from backend_client.reports import AuditReport, DoctorReport, ImportReport, ImportSource, OutboxPage
from tests.functional.no_runs_there import NoRunsThere
from tests.functional.nobody_signs_in import NobodySignsIn


class NothingThere(NoRunsThere, NobodySignsIn):
    """The half of a backend that has no refund, no account, no mail and no file."""

    def preview_method_change(self, caller: Caller, change: MethodChange) -> MethodPlan:
        raise Refused("leg-not-found", text=change.leg_number)

    def approve_refund(self, caller: Caller, refund_number: str, fingerprint: str) -> RefundOutcome:
        raise Refused("refund-not-found", text=refund_number)

    def give_number(
        self, caller: Caller, leg_number: str, number: StoredValueNumber
    ) -> RefundOutcome:
        raise Refused("leg-not-found", text=leg_number)

    def execute_method_change(
        self, caller: Caller, plan: MethodPlan, number: StoredValueNumber | None = None
    ) -> RefundOutcome:
        raise Refused("leg-not-found", text=plan.change.leg_number)

    def preview_retry(self, caller: Caller, leg_number: str, reason: str) -> MethodPlan:
        raise Refused("leg-not-found", text=leg_number)

    def preview_resolution(self, caller: Caller, resolution: Resolution) -> ResolutionPlan:
        raise Refused("leg-not-found", text=resolution.leg_number)

    def execute_resolution(self, caller: Caller, plan: ResolutionPlan) -> RefundOutcome:
        raise Refused("leg-not-found", text=plan.resolution.leg_number)

    def settle(self, caller: Caller, *, patient: bool = False) -> DriveReport:
        return DriveReport()

    def stop_settling(self) -> None:
        """Nothing runs here."""

    def reconcile(
        self,
        caller: Caller,
        *,
        since: datetime | None = None,
        theirs: Iterable[TheirRefund] | None = None,
    ) -> Reconciliation:
        return Reconciliation()

    def go_on_restored(self, caller: Caller, evidence: str) -> Restored:
        raise Refused("store-not-behind")

    def accept_refund(self, caller: Caller, acceptance: Acceptance) -> Accepted:
        raise Refused(
            "found-refund-unknown", reference=acceptance.reference, payment=acceptance.payment
        )

    def take_sale_payment(self, caller: Caller, sale: SalePayment) -> SaleTaken:
        raise Refused("order-not-found")

    def preview_void(self, caller: Caller, refund_number: str, reason: str) -> VoidPlan:
        raise Refused("refund-not-found", text=refund_number)

    def execute_void(self, caller: Caller, plan: VoidPlan) -> RefundOutcome:
        raise Refused("refund-not-found", text=plan.refund_number)

    def credit(self, caller: Caller, contact_key: str) -> CreditStatement:
        raise Refused("contact-not-found", text=contact_key)

    def spend_credit(self, caller: Caller, spend: CreditSpend) -> CreditStatement:
        raise Refused("contact-not-found", text=spend.contact_key)

    def doctor(self, caller: Caller) -> DoctorReport:
        return DoctorReport((), {"store": "memory"})

    def audit_verify(self, caller: Caller) -> AuditReport:
        return AuditReport(0, "")

    def audit_export(self, caller: Caller) -> Iterator[str]:
        return iter(())

    def import_bookings(
        self, caller: Caller, source: ImportSource, progress: Callable[[int], None]
    ) -> ImportReport:
        raise Refused("file-not-found", path=source.path)

    def recover(self, caller: Caller) -> int:
        return 0

    def outbox(self, caller: Caller, *, limit: int = 200) -> OutboxPage:
        return OutboxPage((), {}, configured=False)

    def send_mail(self, caller: Caller) -> MailRun:
        raise Refused("mail-off")
