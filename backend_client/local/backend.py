"""The Backend on the embedded store: asks the domain, keeps what it decides, shows what is.

What a window does not ask for at its start (refunds, imports, the doctor) is imported where it is
used: loading it took half of the time to the first lookup.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError, IntegrityError

from backend_client.access import AccessFace
from backend_client.answering import Answering
from backend_client.answers import BookingView, Capabilities
from backend_client.domain.caller import Action, Caller
from backend_client.domain.permissions import allowed, may, may_touch
from backend_client.domain.problems import Refused
from backend_client.domain.refund import LegState, Method
from backend_client.domain.refundability import line_verdicts
from backend_client.house_limits import LimitsFace
from backend_client.local import bookings, search
from backend_client.local.context import Context, Driver, Nobody, PaymentDirectory
from backend_client.local.doors import LocalDoors
from backend_client.local.driving import DrivingFace
from backend_client.local.house_limits import LocalLimits, SettingsInForce
from backend_client.local.reaching import within_scope
from backend_client.local.rooms import Rooms
from backend_client.local.rows import fetch
from backend_client.local.running.face import RunningFace
from backend_client.local.search_hits import hits
from backend_client.local.search_left import Rules
from backend_client.local.store import Store
from backend_client.ports import Clock, TokenSource
from backend_client.settings import Settings

if TYPE_CHECKING:
    from backend_client.access import Doors
    from backend_client.answers import CreditStatement, Hit, Lookup, OpenPage, RefundOutcome
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
    from backend_client.domain.resolution import ResolutionPlan
    from backend_client.domain.sale_payment import SalePayment, SaleTaken
    from backend_client.domain.stored_value import SealedNumber, StoredValueNumber
    from backend_client.local.intake_rows import ReadSource
    from backend_client.local.running.room import RunRoom
    from backend_client.reports import (
        AuditReport,
        DoctorReport,
        ImportReport,
        ImportSource,
        OutboxPage,
    )

MOST_HITS = 200


class LocalBackend(Answering, DrivingFace, RunningFace, AccessFace, LimitsFace):
    """The `Backend` protocol over one `Store`. Providers, importing and settling are injected.

    `settle` is given legs that wait to be sent, after their commit, and `load` those that go to a
    gift card, with its number (nobody sends them where it is not given); `recover` looks at what a
    crash left; `read_source` reads a file, every line checked; `let_go` closes what was injected;
    `send_mail` sends what is due in the outbox, None where no mail is configured.
    """

    def __init__(
        self,
        store: Store,
        *,
        settings: Settings,
        directory: PaymentDirectory,
        settle: Callable[[Sequence[int]], None],
        load: Callable[[Mapping[int, SealedNumber]], None] = lambda _gift_cards: None,
        recover: Callable[[], int],
        read_source: ReadSource,
        clock: Clock,
        tokens: TokenSource,
        let_go: Callable[[], None] = lambda: None,
        send_mail: Callable[[], MailRun] | None = None,
        driver: Driver | None = None,
    ) -> None:
        self._store = store
        self._let_go = let_go
        self._said = settings
        self._in_force = SettingsInForce(store, settings)
        self._context = Context(store, self._in_force, directory, clock, tokens, settle, load)
        self._recover = recover
        self._send_mail = send_mail
        self._driver: Driver = driver or Nobody()
        self._rooms = Rooms(self._context, self._driver)
        self._doors = LocalDoors(store, clock, channel=settings.channel)
        self._read_source = read_source

    @property
    def _settings(self) -> Settings:
        return self._in_force.now

    def capabilities(self) -> Capabilities:
        self._in_force.look()
        house, allowed = self._settings.house, self._settings.policy.methods
        directory = self._context.directory
        unavailable = {
            method.value: "method-not-allowed" for method in Method if method not in allowed
        }
        if not directory.loads_gift_cards(self._settings.channel):
            unavailable[Method.UNMATCHED.value] = "unmatched-disabled"
        arrival_days = dict(directory.arrival_days())
        if not arrival_days:
            unavailable.setdefault(Method.MATCHED.value, "no-provider")
        return Capabilities(
            environment=directory.environment,
            site_name=house.name,
            currency=house.currency,
            zone=house.zone,
            methods=frozenset(method for method in allowed if method.value not in unavailable),
            unavailable=unavailable,
            sends_mail=self._send_mail is not None,
            read_only=self._store.read_only,
            copied=self._store.is_copied,
            arrival_days=arrival_days,
            policy=self._settings.policy,
        )

    def lookup(self, caller: Caller, text: str, *, limit: int = 50) -> Lookup:
        with self._answering(caller, "lookup") as known:
            may(known, Action.SEARCH)
            with self._store.read() as connection:
                found = search.lookup(connection, text, _size(limit), self._rules())
                return found if known.scope is None else within_scope(connection, known, found)

    def recent(self, caller: Caller, *, limit: int = 50) -> tuple[Hit, ...]:
        with self._answering(caller, "recent") as known:
            may(known, Action.BROWSE)
            with self._store.read() as connection:
                rows = fetch(
                    connection,
                    "SELECT id FROM booking WHERE touched_at_us > 0 "
                    "ORDER BY touched_at_us DESC, id DESC LIMIT ?",
                    _size(limit),
                )
                return hits(connection, [row.id for row in rows], self._rules())

    def _rules(self) -> Rules:
        return Rules(self._settings.policy, self._context.now())

    def booking(self, caller: Caller, reference: str) -> BookingView:
        from backend_client.domain.allocation import closed_payments
        from backend_client.local import refunds, timeline

        with self._answering(caller, "booking") as known:
            may(known, Action.LOOK_UP)
            with self._store.read() as connection:
                found = bookings.find_one(connection, reference)
                booking = bookings.load_one(connection, found)
                may_touch(known, booking)
                given_back = refunds.of_booking(connection, booking.id)
                events = timeline.events_of(connection, booking, given_back)
            policy, now = self._settings.policy, self._context.now()
            house = self._context.circumstances(booking, known, now)
            closed = closed_payments(house.reaching(booking), policy, house.provider_of)
            verdicts = line_verdicts(booking, policy, now)
            return BookingView(booking, verdicts, given_back, events, policy, closed)

    def refund(self, caller: Caller, number: str) -> RefundOutcome:
        from backend_client.local import refunds
        from backend_client.local.finishing import read_outcome

        with self._answering(caller, "refund") as known:
            may(known, Action.LOOK_UP)
            with self._store.read() as connection:
                refund_id = refunds.find_refund(connection, number)
            outcome = read_outcome(self._context, refund_id)
            may_touch(known, outcome.booking)
            return outcome

    def preview_refund(self, caller: Caller, request: RefundRequest) -> RefundPlan:
        with self._answering(caller, "preview") as known:
            return self._rooms.refunding.preview(known, request)

    def execute_refund(
        self, caller: Caller, plan: RefundPlan, number: StoredValueNumber | None = None
    ) -> RefundOutcome:
        with self._answering(caller, "refund") as known:
            return self._rooms.refunding.execute(known, plan, number)

    def take_sale_payment(self, caller: Caller, sale: SalePayment) -> SaleTaken:
        with self._answering(caller, "take payment") as known:
            return self._rooms.taking_payment.take(known, sale)

    def already_done(self, caller: Caller, commit_key: str) -> RefundOutcome | None:
        with self._answering(caller, "already done") as known:
            may(known, Action.LOOK_UP)
            outcome = self._rooms.refunding.already_done(commit_key)
            if outcome is not None:
                may_touch(known, outcome.booking)
            return outcome

    def approve_refund(self, caller: Caller, refund_number: str, fingerprint: str) -> RefundOutcome:
        with self._answering(caller, "approve") as known:
            return self._rooms.approving.approve(known, refund_number, fingerprint)

    def preview_method_change(self, caller: Caller, change: MethodChange) -> MethodPlan:
        with self._answering(caller, "preview method") as known:
            return self._rooms.method_changes.preview(known, change)

    def execute_method_change(
        self, caller: Caller, plan: MethodPlan, number: StoredValueNumber | None = None
    ) -> RefundOutcome:
        with self._answering(caller, "change method") as known:
            return self._rooms.method_changes.execute(known, plan, number)

    def give_number(
        self, caller: Caller, leg_number: str, number: StoredValueNumber
    ) -> RefundOutcome:
        with self._answering(caller, "give number") as known:
            return self._rooms.gift_cards.give(known, leg_number, number)

    def preview_retry(self, caller: Caller, leg_number: str, reason: str) -> MethodPlan:
        with self._answering(caller, "preview retry") as known:
            return self._rooms.method_changes.preview_retry(known, leg_number, reason)

    def preview_resolution(self, caller: Caller, resolution: Resolution) -> ResolutionPlan:
        with self._answering(caller, "preview resolution") as known:
            return self._rooms.resolving.preview(known, resolution)

    def execute_resolution(self, caller: Caller, plan: ResolutionPlan) -> RefundOutcome:
        with self._answering(caller, "resolve") as known:
            return self._rooms.resolving.execute(known, plan)

    def preview_hand_over(self, caller: Caller, hand_over: HandOver) -> HandOverPlan:
        with self._answering(caller, "preview hand over") as known:
            return self._rooms.handing_over.preview(known, hand_over)

    def execute_hand_over(self, caller: Caller, plan: HandOverPlan) -> tuple[RefundOutcome, ...]:
        with self._answering(caller, "hand over") as known:
            return self._rooms.handing_over.execute(known, plan)

    def preview_void(self, caller: Caller, refund_number: str, reason: str) -> VoidPlan:
        with self._answering(caller, "preview void") as known:
            return self._rooms.voiding.preview(known, refund_number, reason)

    def execute_void(self, caller: Caller, plan: VoidPlan) -> RefundOutcome:
        with self._answering(caller, "void") as known:
            return self._rooms.voiding.execute(known, plan)

    def open_refunds(
        self,
        caller: Caller,
        *,
        states: frozenset[LegState] = frozenset(),
        after: int | None = None,
        limit: int = 200,
    ) -> OpenPage:
        from backend_client.local import open_refunds

        with self._answering(caller, "open refunds") as known:
            may(known, Action.BROWSE)
            with self._store.read() as connection:
                return open_refunds.page(connection, states, after, limit, self._context.serves)

    def credit(self, caller: Caller, contact_key: str) -> CreditStatement:
        with self._answering(caller, "credit") as known:
            may(known, Action.BROWSE)
            return self._rooms.credit.statement(contact_key)

    def spend_credit(self, caller: Caller, spend: CreditSpend) -> CreditStatement:
        with self._answering(caller, "spend credit") as known:
            return self._rooms.credit.spend(known, spend)

    def doctor(self, caller: Caller) -> DoctorReport:
        from backend_client.local.doctor import examine

        with self._answering(caller, "doctor") as known:
            may(known, Action.DOCTOR)
            return examine(self._store, self._context.serves)

    def audit_verify(self, caller: Caller) -> AuditReport:
        with self._answering(caller, "verify audit") as known:
            may(known, Action.READ_AUDIT)
            return self._store.audit.verify(self._store)

    def audit_export(self, caller: Caller) -> Iterator[str]:
        """Asked for once, read as it goes; who may not is refused before the first record, and who
        may not read all of them is given their own."""
        with self._answering(caller, "export audit") as known:
            if allowed(known, Action.READ_AUDIT):
                return self._store.audit.export(self._store)
            may(known, Action.READ_OWN_AUDIT)
            return self._store.audit.export(self._store, known.operator)

    def import_bookings(
        self, caller: Caller, source: ImportSource, progress: Callable[[int], None]
    ) -> ImportReport:
        """Nothing of a file is kept unless every line of it can be: `read_source` checks them all
        before it hands out the first booking."""
        from backend_client.local import intake
        from backend_client.local.intake_rows import prepared

        with self._answering(caller, "import") as known:
            may(known, Action.IMPORT)
            return intake.import_file(
                self._store,
                source,
                self._read_source(source, prepared),
                caller=known,
                clock=self._context.clock,
                progress=progress,
                tokens=self._context.tokens,
            )

    def outbox(self, caller: Caller, *, limit: int = 200) -> OutboxPage:
        from backend_client.local import outbox_store

        with self._answering(caller, "outbox") as known:
            may(known, Action.BROWSE)
            with self._store.read() as connection:
                return outbox_store.page(connection, self._context.mail, _size(limit))

    def close(self) -> None:
        self._driver.stop()
        with suppress(Refused):
            self._driver.let_go()
        self._doors.close()
        self._store.close()
        self._let_go()

    @property
    def _runs(self) -> RunRoom:
        return self._rooms.running

    @property
    def _house_limits(self) -> LocalLimits:
        return LocalLimits(self._store, self._said, self._context.clock)

    @property
    def doors(self) -> Doors:
        return self._doors

    @property
    def in_force(self) -> SettingsInForce:
        return self._in_force

    @contextmanager
    def _answering(self, caller: Caller, asked: str, *, anybody: bool = False) -> Iterator[Caller]:
        """Every answer is a value or a row of the catalogue, whatever the store throws."""
        try:
            with super()._answering(caller, asked, anybody=anybody) as known:
                yield known
        except IntegrityError as error:
            raise Refused("store-refused", detail=str(error.orig)) from error
        except (DBAPIError, sqlite3.Error) as error:
            raise Refused("internal", detail=type(error).__name__) from error


def _size(limit: int) -> int:
    return max(1, min(limit, MOST_HITS))
