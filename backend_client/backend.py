"""The Backend protocol: everything a screen, the command line or a server may ask for.

Every call carries a `Caller`. Calls block and are made from worker threads; none of them may be
made on an event loop. Everything that goes wrong is a `Refused` from the catalogue of problems.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from backend_client.access import Access
from backend_client.house_limits import Limits
from backend_client.running import Running

if TYPE_CHECKING:
    from backend_client.answers import (
        BookingView,
        Capabilities,
        CreditStatement,
        Hit,
        Lookup,
        OpenPage,
        RefundOutcome,
    )
    from backend_client.domain.acceptance import Acceptance, Accepted
    from backend_client.domain.caller import Caller
    from backend_client.domain.driving import DriveReport
    from backend_client.domain.findings import Resolution
    from backend_client.domain.handing_over import HandOver, HandOverPlan
    from backend_client.domain.mailing import MailRun
    from backend_client.domain.plan import (
        CreditSpend,
        MethodChange,
        MethodPlan,
        RefundPlan,
        RefundRequest,
        VoidPlan,
    )
    from backend_client.domain.reconciliation import Reconciliation, TheirRefund
    from backend_client.domain.refund import LegState
    from backend_client.domain.resolution import ResolutionPlan
    from backend_client.domain.restoring import Restored
    from backend_client.domain.sale_payment import SalePayment, SaleTaken
    from backend_client.domain.stored_value import StoredValueNumber
    from backend_client.reports import (
        AuditReport,
        DoctorReport,
        ImportReport,
        ImportSource,
        OutboxPage,
    )


class Backend(Running, Access, Limits, Protocol):
    """What stands behind the screens."""

    def capabilities(self) -> Capabilities:
        """What this backend can do, and why not what it cannot; the same for every caller."""
        ...

    def lookup(self, caller: Caller, text: str, *, limit: int = 50) -> Lookup:
        """Bookings by id, number, name, e-mail, phone, last four, seat, provider reference or
        refund number; as typed, accents and case do not matter."""
        ...

    def recent(self, caller: Caller, *, limit: int = 50) -> tuple[Hit, ...]:
        """Bookings something was done to lately, newest first."""
        ...

    def booking(self, caller: Caller, reference: str) -> BookingView:
        """One booking by booking id, number, `site:booking:transaction` or internal `#id`."""
        ...

    def refund(self, caller: Caller, number: str) -> RefundOutcome:
        """A refund as it is now, by its number. Raises Refused: `refund-not-found`."""
        ...

    def preview_refund(self, caller: Caller, request: RefundRequest) -> RefundPlan:
        """What a commit would do. Writes nothing, sends nothing."""
        ...

    def execute_refund(
        self, caller: Caller, plan: RefundPlan, number: StoredValueNumber | None = None
    ) -> RefundOutcome:
        """Do exactly `plan`, once per `plan.commit_key`, or refuse with what changed.

        `number` is the gift card an unmatched leg goes to, used once by this call and kept nowhere;
        without it such a plan is refused with `number-required`.
        """
        ...

    def take_sale_payment(self, caller: Caller, sale: SalePayment) -> SaleTaken:
        """Record that an unpaid order was paid elsewhere, for programs that sell. The same payment
        told twice is recorded once."""
        ...

    def already_done(self, caller: Caller, commit_key: str) -> RefundOutcome | None:
        """What a commit with this key made before; None when there was none."""
        ...

    def approve_refund(self, caller: Caller, refund_number: str, fingerprint: str) -> RefundOutcome:
        """Let a refund go that waits for approval, for supervisors who did not make it.

        `fingerprint` is the `approval_fingerprint` of the refund that was looked at. To say no is
        to take the refund back (`preview_void`). Raises Refused: `approval-own-refund`,
        `already-decided`, `not-awaiting-approval`, `plan-stale`.
        """
        ...

    def preview_method_change(self, caller: Caller, change: MethodChange) -> MethodPlan:
        """How an open payment would be made another way. Writes nothing. Raises Refused:
        `leg-not-found`, `method-not-changeable`."""
        ...

    def execute_method_change(
        self, caller: Caller, plan: MethodPlan, number: StoredValueNumber | None = None
    ) -> RefundOutcome:
        """Do exactly `plan`; `number` as for `execute_refund`."""
        ...

    def give_number(
        self, caller: Caller, leg_number: str, number: StoredValueNumber
    ) -> RefundOutcome:
        """Send a leg that waits for the number of its gift card, if it is the same one.

        Raises Refused: `number-differs`, `number-not-needed`, `number-too-late`.
        """
        ...

    def preview_retry(self, caller: Caller, leg_number: str, reason: str) -> MethodPlan:
        """Once more to the same payment after a final refusal: a new leg with a new key, carried
        out by `execute_method_change`."""
        ...

    def preview_resolution(self, caller: Caller, resolution: Resolution) -> ResolutionPlan:
        """What would become of a leg in review. Writes nothing."""
        ...

    def execute_resolution(self, caller: Caller, plan: ResolutionPlan) -> RefundOutcome:
        """Do exactly `plan`, for supervisors; what may be sent again is sent at once."""
        ...

    def preview_hand_over(self, caller: Caller, hand_over: HandOver) -> HandOverPlan:
        """Which payments that are due would be recorded as handed over. Writes nothing."""
        ...

    def execute_hand_over(self, caller: Caller, plan: HandOverPlan) -> tuple[RefundOutcome, ...]:
        """Do exactly `plan` in one commit: all of them or none; the refunds they belong to."""
        ...

    def preview_void(self, caller: Caller, refund_number: str, reason: str) -> VoidPlan:
        """What taking a refund back would do. Writes nothing. Raises Refused: `refund-not-found`,
        `already-voided`, `void-not-possible`, `seat-taken`."""
        ...

    def execute_void(self, caller: Caller, plan: VoidPlan) -> RefundOutcome:
        """Do exactly `plan`, or refuse with what changed."""
        ...

    def open_refunds(
        self,
        caller: Caller,
        *,
        states: frozenset[LegState] = frozenset(),
        after: int | None = None,
        limit: int = 200,
    ) -> OpenPage:
        """Legs that are not final, oldest first by leg id; empty `states` means all of them."""
        ...

    def credit(self, caller: Caller, contact_key: str) -> CreditStatement:
        """A contact's credit account and its entries. Raises Refused: `contact-not-found`."""
        ...

    def spend_credit(self, caller: Caller, spend: CreditSpend) -> CreditStatement:
        """Use credit for a later sale; the same contact and reference twice spends once.

        Raises Refused: `credit-insufficient`, `reference-used`, `reference-required`.
        """
        ...

    def doctor(self, caller: Caller) -> DoctorReport:
        """Every invariant looked at, by check; changes nothing."""
        ...

    def settle(self, caller: Caller, *, patient: bool = False) -> DriveReport:
        """Send what waits, find out what became of the rest, check what succeeded.

        Done by one program at a time; the report says who, if it is another. `patient` leaves
        alone what is not due yet and stays the one who drives until closed, for who asks again and
        again.
        """
        ...

    def stop_settling(self) -> None:
        """End `settle` in an orderly way, from any thread or signal handler: calls on the wire get
        a few seconds, those without an answer then are unknown."""
        ...

    def reconcile(
        self,
        caller: Caller,
        *,
        since: datetime | None = None,
        theirs: Iterable[TheirRefund] | None = None,
    ) -> Reconciliation:
        """Everything sent since then beside what the providers list, or beside an export.

        Asking the providers also writes down what is found: late failures, and refunds of others,
        which block their payment.
        """
        ...

    def accept_refund(self, caller: Caller, acceptance: Acceptance) -> Accepted:
        """Take a refund that was found only at a provider into the books, for supervisors: its
        payment is free again for what is left of it. Asked twice it is done once."""
        ...

    def go_on_restored(self, caller: Caller, evidence: str) -> Restored:
        """Go on from an older copy of the store that was put back, for supervisors.

        Until then nothing can be written to it. What may have been sent since it was taken is
        looked up before anything is sent.
        """
        ...

    def audit_verify(self, caller: Caller) -> AuditReport:
        """Is the chain of the audit log whole, from its first record to its last?"""
        ...

    def audit_export(self, caller: Caller) -> Iterator[str]:
        """Every audit record as one JSON line, oldest first."""
        ...

    def import_bookings(
        self, caller: Caller, source: ImportSource, progress: Callable[[int], None]
    ) -> ImportReport:
        """Take the bookings of a file in, all of it or nothing; `progress` hears how many so far.

        Raises Refused: `import-refused` with line, field and reason, never the value.
        """
        ...

    def recover(self, caller: Caller) -> int:
        """Finish what a crash left unfinished; how many legs were looked at."""
        ...

    def outbox(self, caller: Caller, *, limit: int = 200) -> OutboxPage:
        """The mails to customers, and the refunds nobody could be told of."""
        ...

    def send_mail(self, caller: Caller) -> MailRun:
        """Send what is due. Raises Refused: `mail-off`, `mail-server`, `mail-login`; whatever
        becomes of mail, no refund is touched."""
        ...

    def close(self) -> None:
        """Let the store and everything that drives go; nothing is asked afterwards."""
        ...
