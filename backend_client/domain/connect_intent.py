"""What was meant with one refund call to Connect, written down before it is made, and its life.

The journal of intents is what a window has instead of a transaction: a crash at any moment leaves a
row that says what may have been sent, and the booking read again says what became of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from backend_client.domain.booking import BookingKey
from backend_client.domain.connect_outcome import (
    MAY_STILL_RUN,
    Became,
    Intended,
    IntendedPayment,
    Signal,
    Snapshot,
    Verdict,
)
from backend_client.domain.findings import Finding, Proposal
from backend_client.domain.legs import Attempt, Leg, Refund, RefundedLine
from backend_client.domain.problems import Refused
from backend_client.domain.refund import SENT_TO_PROVIDERS, LegState, Method, Origin
from backend_client.domain.settlement import Outcome

PROVIDER = "connect"
"""What a payment's provider is called here: Connect itself reverses it."""
GRACE = timedelta(minutes=5)
"""How long a refund nobody knows about may still be running at the cinema."""
GRACE_THERE = timedelta(days=7)
"""How long one may wait for somebody's approval there before a person decides here."""
READS = 3
"""So many readings without news, and the grace over: then a person decides."""
APPROVED, VOIDED = "approved", "voided"
"""What a person may decide about a refund that waits, as its history has it."""
READ_AGAIN_AFTER = (
    timedelta(seconds=10),
    timedelta(seconds=60),
    timedelta(seconds=150),
    GRACE,
)
"""When the booking is read again, counted from the call."""


class IntentState(StrEnum):
    AWAITING_APPROVAL = "awaiting_approval"
    PLANNED = "planned"
    SENDING = "sending"
    UNKNOWN = "unknown"
    REVIEW = "review"
    SUCCEEDED = "succeeded"
    NOT_DONE = "not_done"


_S = IntentState
INTENT_TRANSITIONS: Mapping[IntentState, frozenset[IntentState]] = MappingProxyType(
    {
        _S.AWAITING_APPROVAL: frozenset({_S.SENDING, _S.NOT_DONE}),
        _S.PLANNED: frozenset({_S.SENDING, _S.NOT_DONE}),
        _S.SENDING: frozenset({_S.SUCCEEDED, _S.NOT_DONE, _S.UNKNOWN, _S.REVIEW}),
        _S.UNKNOWN: frozenset({_S.SUCCEEDED, _S.NOT_DONE, _S.REVIEW}),
        _S.REVIEW: frozenset({_S.SUCCEEDED, _S.NOT_DONE}),
        _S.SUCCEEDED: frozenset(),
        _S.NOT_DONE: frozenset(),
    }
)
BORN = frozenset({_S.AWAITING_APPROVAL, _S.PLANNED})
UNFINISHED = frozenset({*BORN, _S.SENDING, _S.UNKNOWN, _S.REVIEW})
"""While one of these is open, nothing else of its booking is given back."""
_LEG_STATES: Mapping[IntentState, LegState] = MappingProxyType(
    {
        _S.AWAITING_APPROVAL: LegState.AWAITING_APPROVAL,
        _S.PLANNED: LegState.PENDING,
        _S.SENDING: LegState.SENDING,
        _S.UNKNOWN: LegState.UNKNOWN,
        _S.REVIEW: LegState.REVIEW,
        _S.NOT_DONE: LegState.VOIDED,
    }
)


@dataclass(frozen=True, slots=True)
class IntentLeg:
    """One payment of the call. `paid` is what the booking showed of it, None before it was read;
    `finding` and `proof` are what a person found out."""

    id: int
    ordinal: int
    method: Method
    amount_minor: int
    payment_key: str = ""
    label: str = ""
    reference: str = ""
    masked_number: str = ""
    card_type: str = ""
    card_expiry: str = ""
    paid: bool | None = None
    finding: Finding | None = None
    proof: str = ""
    proposal: Proposal | None = None
    """What a supervisor said of it, while that waits for another one."""

    @property
    def last_four(self) -> str:
        tail = self.masked_number[-4:]
        return tail if tail.isdecimal() else ""


@dataclass(frozen=True, slots=True)
class Wish:
    """One call as it is meant: `before` is the booking as it was read right before it,
    `correlation_id` what the call is named."""

    key: BookingKey
    booking_number: str
    customer: str
    currency: str
    lines: tuple[RefundedLine, ...]
    legs: tuple[IntentLeg, ...]
    reason: str
    commit_key: str
    fingerprint: str
    environment: str
    before: Snapshot
    correlation_id: str = ""

    @property
    def amount_minor(self) -> int:
        return sum(leg.amount_minor for leg in self.legs)

    @property
    def intended(self) -> Intended:
        return Intended(
            frozenset(line.sequence for line in self.lines),
            tuple(
                IntendedPayment(leg.amount_minor, leg.payment_key, leg.last_four)
                for leg in self.legs
            ),
            self.correlation_id,
        )


@dataclass(frozen=True, slots=True)
class IntentNote:
    """One thing that happened to it, or to one of its legs by its ordinal; `operator` is empty for
    what the program found by itself. The `code` of a decision is its fingerprint."""

    at: datetime
    what: str
    code: str = ""
    text: str = ""
    operator: str = ""
    desk: str = ""
    leg: int = 0


@dataclass(frozen=True, slots=True)
class Intent:
    """A wish with what became of it. `holder` is the program that makes the call; `lines_gone` is
    what the last reading said of the lines."""

    id: int
    number: str
    wish: Wish
    state: IntentState
    operator: str
    desk: str
    holder: str
    created_at: datetime
    changed_at: datetime
    sent_at: datetime | None = None
    read_at: datetime | None = None
    reads: int = 0
    signal: Signal | None = None
    became: Became | None = None
    lines_gone: bool | None = None
    notes: tuple[IntentNote, ...] = ()

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED

    @property
    def waits(self) -> bool:
        """Is nothing of it sent before another supervisor says yes?"""
        return self.state is IntentState.AWAITING_APPROVAL

    @property
    def awaits_there(self) -> bool:
        """Does it wait for a supervisor of the system it was sent to?"""
        return self.state is IntentState.UNKNOWN and self.signal is Signal.WAITS_THERE

    @property
    def decision(self) -> IntentNote | None:
        """What was decided about it while it waited for approval, and by whom."""
        return next((note for note in self.notes if note.what in (APPROVED, VOIDED)), None)

    @property
    def was_decided(self) -> bool:
        """Did a person ever look at it, be it one of the system it was sent to?"""
        found = any(leg.finding is not None for leg in self.wish.legs)
        return found or self.decision is not None or self.signal is Signal.WAITS_THERE

    def is_due(self, now: datetime) -> bool:
        """May another reading tell more by now? People there take their time."""
        start = self.sent_at or self.created_at
        if self.awaits_there:
            return abs(now - (self.read_at or start)) >= GRACE
        wait = READ_AGAIN_AFTER[min(self.reads, len(READ_AGAIN_AFTER) - 1)]
        return now >= start + wait or self.is_grace_over(now)

    def is_grace_over(self, now: datetime, grace: timedelta = GRACE) -> bool:
        """A clock that was put back counts as well: else nobody could decide until it is there."""
        return abs(now - (self.sent_at or now)) >= grace


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What one look at an intent found: its next state and why.

    `read` says that the booking could be read; `counts` that there was an answer about it, be it
    that it is not there any more.
    """

    state: IntentState
    verdict: Verdict
    signal: Signal
    code: str
    text: str
    read: bool
    counts: bool


def concluded(
    intent: Intent,
    verdict: Verdict,
    signal: Signal,
    now: datetime,
    code: str,
    text: str,
    *,
    is_gone: bool = False,
) -> Conclusion:
    """The next state by the verdict; `is_gone` says that the cinema answered, but not with this
    booking as it can be understood.

    What is still open waits until the grace is over and the booking was read often enough; then a
    person decides, except where no money was to move: nothing is owed for a free line. What is half
    done waits as well while the call may still be running: who decides too early pays the rest
    twice. What waits for approval there, of which nothing is paid, waits longer. What a person has
    to decide already stays theirs, unless a reading makes it clear.
    """
    read = verdict.became is not Became.UNREAD
    counts = read or is_gone
    lines_alone = verdict.became is Became.UNDERPAID and not any(verdict.paid)
    waits_there = signal is Signal.WAITS_THERE and lines_alone
    grace = GRACE_THERE if waits_there else GRACE
    waited = intent.is_grace_over(now, grace) and intent.reads + 1 >= READS
    may_still_run = not verdict.became.needs_person or signal in MAY_STILL_RUN or waits_there
    state = _S.REVIEW if intent.state is _S.REVIEW else _S.UNKNOWN
    if verdict.became is Became.SUCCEEDED:
        state = _S.SUCCEEDED
        if signal is Signal.CLEAN:  # went as asked: no words of the answer are needed
            code = text = ""
    elif verdict.became is Became.NOT_DONE:
        state = _S.NOT_DONE
        if signal is Signal.WAITS_THERE:
            code, text = "", "refused or taken back there"
    elif counts and (waited or not may_still_run):
        state = _S.REVIEW if intent.wish.legs else _S.NOT_DONE
    return Conclusion(state, verdict, signal, code, text, read, counts)


def decided(intent: Intent, legs: Iterable[IntentLeg]) -> IntentState:
    """Where an intent in review stands once its legs were decided so.

    All found is done; none found is not done, unless the lines are gone all the same; as long as
    some were paid and others not, somebody still has to see to those.
    """
    findings = {leg.finding for leg in legs}
    if findings == {Finding.FOUND}:
        return _S.SUCCEEDED
    if findings == {Finding.NOT_FOUND} and not intent.lines_gone:
        return _S.NOT_DONE
    return _S.REVIEW


def already_decided(intent: Intent) -> Refused:
    """Why nobody can say yes or no to it any more."""
    decision = intent.decision
    if decision is None:
        status = refund_of(intent, 0).status.value.replace("_", " ")
        return Refused("not-awaiting-approval", refund=intent.number, status=status)
    word = "approved" if decision.what == APPROVED else "taken back"
    return Refused(
        "already-decided", refund=intent.number, operator=decision.operator, decision=word
    )


def in_the_way(intent: Intent) -> Refused:
    """Why nothing else of its booking goes back while it is not finished."""
    if intent.waits:
        return Refused("refund-waits", refund=intent.number, operator=intent.operator)
    return Refused("refund-in-progress", refund=intent.number)


def leg_state(intent: Intent, leg: IntentLeg) -> LegState:
    """The state people see of one payment."""
    done = LegState.SUCCEEDED if leg.method in SENT_TO_PROVIDERS else LegState.RECORDED
    if intent.state is _S.SUCCEEDED:
        return done
    if intent.state is _S.REVIEW and leg.finding is Finding.FOUND:
        return done
    return _LEG_STATES[intent.state]


_OUTCOME_OF: Mapping[Signal, Outcome] = MappingProxyType(
    {
        Signal.DECLINED: Outcome.DECLINED,
        Signal.FORBIDDEN: Outcome.ABOUT_US,
        Signal.NOT_SENT: Outcome.NOT_EXECUTED,
        Signal.ALREADY: Outcome.ALREADY_REFUNDED,
    }
)


def outcome_of(conclusion: Conclusion) -> Outcome:
    """The word for one look at an intent in its history."""
    if conclusion.state is _S.SUCCEEDED:
        return Outcome.FINAL
    if conclusion.state is _S.NOT_DONE:
        return _OUTCOME_OF.get(conclusion.signal, Outcome.DECLINED)
    return Outcome.UNKNOWN


def refund_of(intent: Intent, booking_id: int) -> Refund:
    """The intent as every other refund is shown."""
    wish = intent.wish
    assert sum(line.value_minor for line in wish.lines) == wish.amount_minor
    return Refund(
        id=intent.id,
        number=intent.number,
        booking_id=booking_id,
        origin=Origin.WINDOW,
        lines=wish.lines,
        legs=tuple(_leg(intent, one) for one in wish.legs),
        value_minor=wish.amount_minor,
        retained_minor=0,
        breach_fee_minor=0,
        amount_minor=wish.amount_minor,
        currency=wish.currency,
        reason=wish.reason,
        operator=intent.operator,
        desk=intent.desk,
        created_at=intent.created_at,
        commit_key=wish.commit_key,
        voided_at=intent.changed_at if intent.state is _S.NOT_DONE else None,
    )


def leg_number(intent: Intent, leg: IntentLeg) -> str:
    return f"{intent.number}.{leg.ordinal}"


def _leg(intent: Intent, one: IntentLeg) -> Leg:
    return Leg(
        id=one.id,
        refund_id=intent.id,
        number=leg_number(intent, one),
        ordinal=one.ordinal,
        method=one.method,
        amount_minor=one.amount_minor,
        state=leg_state(intent, one),
        requested_at=intent.created_at,
        provider_refund_id=one.proof,
        reference=one.reference,
        label=one.label,
        attempts=tuple(_attempts(intent, one)),
        proposal=one.proposal,
    )


def _attempts(intent: Intent, leg: IntentLeg) -> Iterator[Attempt]:
    """What was found out about it; of one that needs a person also whether the booking shows it."""
    for note in intent.notes:
        if note.what in _OUTCOMES and note.leg in (0, leg.ordinal):
            yield Attempt(note.at, note.what, note.code, note.text)
    if intent.state is _S.REVIEW and leg.paid is not None and intent.read_at is not None:
        yield Attempt(intent.read_at, Outcome.SEEN if leg.paid else Outcome.NOT_SEEN)


_OUTCOMES = frozenset(outcome.value for outcome in Outcome)
