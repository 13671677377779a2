"""The Backend on a Vista Connect system: bookings are there, the journal of calls is here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

from backend_client.access import AccessFace
from backend_client.answering import Answering, InForce
from backend_client.answers import BookingView, Capabilities
from backend_client.connect_settings import CONNECT_KINDS, ConnectSettings
from backend_client.domain.allocation import closed_payments
from backend_client.domain.caller import Action, Caller
from backend_client.domain.connect_intent import PROVIDER, refund_of
from backend_client.domain.permissions import may, may_touch
from backend_client.domain.refund import LegState, Method
from backend_client.ports import Clock, TokenSource
from backend_client.processes import own_token
from backend_client.remote.approving import Approving
from backend_client.remote.client import ConnectClient
from backend_client.remote.context import Context
from backend_client.remote.finding_out import FindingOut
from backend_client.remote.journal import Journal
from backend_client.remote.looking import Looking
from backend_client.remote.not_there import NO_ACCOUNTS, NO_CHANGES, NO_RUNS, NOT_HERE, NotThere
from backend_client.remote.refunding import Refunding
from backend_client.remote.refunds import is_shown, open_page, timeline
from backend_client.remote.resolving import Resolving
from backend_client.remote.tried import the_one
from backend_client.reports import OutboxPage

if TYPE_CHECKING:
    from backend_client.access import Doors
    from backend_client.answers import Hit, Lookup, OpenPage, RefundOutcome
    from backend_client.domain.driving import DriveReport
    from backend_client.domain.findings import Resolution
    from backend_client.domain.house_limits import HouseLimit, LimitName
    from backend_client.domain.plan import RefundPlan, RefundRequest, VoidPlan
    from backend_client.domain.resolution import ResolutionPlan
    from backend_client.domain.restoring import Restored
    from backend_client.domain.stored_value import StoredValueNumber
    from backend_client.reports import AuditReport, DoctorReport

RUNS, VOID, CREDIT, CHANGES, RETAINED = (
    "runs",
    "void",
    "credit_account",
    "method_change",
    "retained",
)
"""What screens ask for besides methods, as keys of `Capabilities.unavailable`."""


class KeptHere(Protocol):
    """What is asked of the store beside Connect: its health, its records, its operators, and the
    limits in force where they sign in."""

    @property
    def doors(self) -> Doors: ...

    @property
    def in_force(self) -> InForce: ...

    def house_limits(self, caller: Caller) -> tuple[HouseLimit, ...]: ...

    def set_limit(self, caller: Caller, name: LimitName, value: int | None) -> HouseLimit: ...

    def confirm_limit(self, caller: Caller, name: LimitName, value: int | None) -> HouseLimit: ...

    def doctor(self, caller: Caller) -> DoctorReport: ...

    def audit_verify(self, caller: Caller) -> AuditReport: ...

    def audit_export(self, caller: Caller) -> Iterator[str]: ...

    def go_on_restored(self, caller: Caller, evidence: str) -> Restored: ...

    def close(self) -> None: ...


class ConnectBackend(Answering, NotThere, AccessFace):
    """The `Backend` protocol over one Connect system and the journal in one store.

    `kept_here` is the store's own backend, for everything that is not at Connect; it is closed
    with this one.
    """

    def __init__(
        self,
        connect: ConnectSettings,
        *,
        client: ConnectClient,
        journal: Journal,
        kept_here: KeptHere,
        clock: Clock,
        tokens: TokenSource,
    ) -> None:
        self._kept_here = kept_here
        self._context = Context(
            settings=connect,
            in_force=kept_here.in_force,
            client=client,
            journal=journal,
            looking=Looking(connect, client, journal, clock),
            clock=clock,
            tokens=tokens,
            holder=own_token(),
        )
        self._refunding = Refunding(self._context)
        self._approving = Approving(self._context, self._refunding)
        self._finding_out = FindingOut(self._context, self._refunding)
        self._resolving = Resolving(self._context, self._refunding)

    def capabilities(self) -> Capabilities:
        """What all cinemas together can do; what one of them does not take is said by its plans."""
        self.in_force.look()
        context, house = self._context, self.in_force.now.house
        cinemas = tuple(context.settings.cinemas.values())
        unavailable = {RUNS: NO_RUNS, VOID: NO_CHANGES, CHANGES: NO_CHANGES}
        unavailable |= {CREDIT: NO_ACCOUNTS, RETAINED: "connect-no-retention", "import": NOT_HERE}
        for method in Method:
            code = context.house.why_not(method, cinemas)
            if code:
                unavailable[method.value] = code
        return Capabilities(
            environment=house.environment,
            site_name=house.name,
            currency=cinemas[0].currency,
            zone=house.zone,
            methods=frozenset(one for one in CONNECT_KINDS if one.value not in unavailable),
            unavailable=unavailable,
            owns_seats=False,
            read_only=context.journal.read_only,
            policy=context.house.policy,
            search_on_enter=True,
            external_details=True,
        )

    # ------------------------------------------------------------ looking

    def lookup(self, caller: Caller, text: str, *, limit: int = 50) -> Lookup:
        with self._answering(caller, "lookup") as known:
            may(known, Action.SEARCH)
            return self._context.looking.lookup(known, text, limit, self._context.house.policy)

    def recent(self, caller: Caller, *, limit: int = 50) -> tuple[Hit, ...]:
        with self._answering(caller, "recent") as known:
            may(known, Action.BROWSE)
            return self._context.looking.recent(known, limit, self._context.house.policy)

    def booking(self, caller: Caller, reference: str) -> BookingView:
        with self._answering(caller, "booking") as known:
            may(known, Action.LOOK_UP)
            return self._view(known, reference)

    def _view(self, caller: Caller, reference: str) -> BookingView:
        looking, house = self._context.looking, self._context.house
        reading = the_one(looking.find(caller, reference), reference)
        booking = reading.booking
        may_touch(caller, booking)
        policy = house.policy_of(looking.cinema(booking.key.site))
        able = dict.fromkeys(reading.reversible, PROVIDER)
        intents = self._context.journal.of_booking(booking.key)
        return BookingView(
            booking=booking,
            verdicts=looking.verdicts(booking, policy),
            refunds=tuple(refund_of(one, booking.id) for one in intents if is_shown(one)),
            timeline=timeline(booking, intents),
            policy=policy,
            closed=closed_payments(booking, policy, able),
        )

    def refund(self, caller: Caller, number: str) -> RefundOutcome:
        with self._answering(caller, "refund") as known:
            may(known, Action.LOOK_UP)
            intent = self._finding_out.look_there(known, self._context.journal.by_number(number))
            outcome = self._refunding.outcome(known, intent)
            may_touch(known, outcome.booking)
            return outcome

    def open_refunds(
        self,
        caller: Caller,
        *,
        states: frozenset[LegState] = frozenset(),
        after: int | None = None,
        limit: int = 200,
    ) -> OpenPage:
        with self._answering(caller, "open refunds") as known:
            may(known, Action.BROWSE)
            return open_page(self._context.journal.unfinished(), states, after, max(limit, 1))

    # ------------------------------------------------------------ giving back

    def preview_refund(self, caller: Caller, request: RefundRequest) -> RefundPlan:
        with self._answering(caller, "preview") as known:
            return self._refunding.preview(known, request)

    def execute_refund(
        self, caller: Caller, plan: RefundPlan, number: StoredValueNumber | None = None
    ) -> RefundOutcome:
        with self._answering(caller, "refund") as known:
            return self._refunding.execute(known, plan, number)

    def already_done(self, caller: Caller, commit_key: str) -> RefundOutcome | None:
        with self._answering(caller, "already done") as known:
            may(known, Action.LOOK_UP)
            outcome = self._refunding.already_done(known, commit_key)
            if outcome is not None:
                may_touch(known, outcome.booking)
            return outcome

    def approve_refund(self, caller: Caller, refund_number: str, fingerprint: str) -> RefundOutcome:
        with self._answering(caller, "approve") as known:
            return self._approving.approve(known, refund_number, fingerprint)

    def preview_void(self, caller: Caller, refund_number: str, reason: str) -> VoidPlan:
        with self._answering(caller, "preview void") as known:
            return self._approving.preview_void(known, refund_number, reason)

    def execute_void(self, caller: Caller, plan: VoidPlan) -> RefundOutcome:
        with self._answering(caller, "void") as known:
            return self._approving.execute_void(known, plan)

    # ------------------------------------------------------------ finding out

    def settle(self, caller: Caller, *, patient: bool = False) -> DriveReport:
        with self._answering(caller, "settle") as known:
            may(known, Action.SETTLE)
            return self._finding_out.go(known, patient=patient)

    def stop_settling(self) -> None:
        self._finding_out.stop()

    def recover(self, caller: Caller) -> int:
        return self.settle(caller).looked

    def preview_resolution(self, caller: Caller, resolution: Resolution) -> ResolutionPlan:
        with self._answering(caller, "preview resolution") as known:
            return self._resolving.preview(known, resolution)

    def execute_resolution(self, caller: Caller, plan: ResolutionPlan) -> RefundOutcome:
        with self._answering(caller, "resolve") as known:
            return self._resolving.execute(known, plan)

    # ------------------------------------------------------------ kept here

    @property
    def doors(self) -> Doors:
        return self._kept_here.doors

    @property
    def in_force(self) -> InForce:
        return self._kept_here.in_force

    def house_limits(self, caller: Caller) -> tuple[HouseLimit, ...]:
        return self._kept_here.house_limits(caller)

    def set_limit(self, caller: Caller, name: LimitName, value: int | None) -> HouseLimit:
        return self._kept_here.set_limit(caller, name, value)

    def confirm_limit(self, caller: Caller, name: LimitName, value: int | None) -> HouseLimit:
        return self._kept_here.confirm_limit(caller, name, value)

    def doctor(self, caller: Caller) -> DoctorReport:
        return self._kept_here.doctor(caller)

    def audit_verify(self, caller: Caller) -> AuditReport:
        return self._kept_here.audit_verify(caller)

    def audit_export(self, caller: Caller) -> Iterator[str]:
        return self._kept_here.audit_export(caller)

    def go_on_restored(self, caller: Caller, evidence: str) -> Restored:
        return self._kept_here.go_on_restored(caller, evidence)

    def outbox(self, caller: Caller, *, limit: int = 200) -> OutboxPage:
        with self._answering(caller, "outbox") as known:
            may(known, Action.BROWSE)
            return OutboxPage((), {})

    def close(self) -> None:
        self._finding_out.stop()
        self._context.client.close()
        self._kept_here.close()
