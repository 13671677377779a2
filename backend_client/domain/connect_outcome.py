"""What became of one refund call to Connect: its answer, and the booking before and after it.

Connect keeps no idempotency key and names no refund in its answer, so nothing but the booking read
again decides. Pure: the same intent, snapshots and signal always give the same verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Signal(StrEnum):
    """What the answer to the call says by itself, most careful first."""

    UNSURE = "unsure"
    """No whole answer, one nobody can read, or a code that may stand before or after the money."""
    AFTER_PAYMENT = "after_payment"
    WAITS_THERE = "waits_there"
    """Our own face: it is written down there, and a supervisor there lets it go or refuses it."""
    ALREADY = "already"
    """“Already refunded”: the booking shows whether by us."""
    DECLINED = "declined"
    INVALID = "invalid"
    WRONG_BOOKING = "wrong_booking"
    FORBIDDEN = "forbidden"
    NOT_SENT = "not_sent"
    CLEAN = "clean"


_CAREFUL = {signal: place for place, signal in enumerate(Signal)}
EXPLICIT = frozenset(
    {Signal.DECLINED, Signal.INVALID, Signal.WRONG_BOOKING, Signal.FORBIDDEN, Signal.NOT_SENT}
)
"""Answers that say no: where the booking shows nothing either, nothing was done."""
_SAID_YES = frozenset({Signal.CLEAN, Signal.AFTER_PAYMENT, Signal.WAITS_THERE})
"""Answers that say it was ours that paid, or took the lines to pay for them later."""
MAY_STILL_RUN = frozenset({Signal.UNSURE, Signal.CLEAN})
"""Answers after which half of a refund may be a picture taken in the middle of it."""

_CODES: Mapping[Signal, tuple[int, ...]] = MappingProxyType(
    {
        Signal.CLEAN: (0,),
        Signal.INVALID: (4, 69, 80, 81),
        Signal.DECLINED: (12, 13, 57),
        Signal.AFTER_PAYMENT: (14, 24, 56),
        Signal.ALREADY: (49, 63),
        Signal.WRONG_BOOKING: (47, 61, 62, 73, 78),
        Signal.FORBIDDEN: (45, 66, 71, 72, 79),
    }
)
_SIGNAL_OF = {code: signal for signal, codes in _CODES.items() for code in codes}
_NOT_EXECUTED, _AUTH, _NOT_THERE = 429, (401, 403), (404, 410)
_UNCERTAIN_4XX = (408, 409, 425, 499)


def signal_of_code(code: int) -> Signal:
    """A result code of Connect; what is not listed may stand before or after the payment."""
    return _SIGNAL_OF.get(code, Signal.UNSURE)


def signal_of_status(status: int) -> Signal:
    """An HTTP status; redirects, server errors and what nobody lists are unsure."""
    if 200 <= status < 300:
        return Signal.CLEAN
    if status == _NOT_EXECUTED:
        return Signal.NOT_SENT
    if status in _AUTH:
        return Signal.FORBIDDEN
    if status in _NOT_THERE:
        return Signal.WRONG_BOOKING
    if 400 <= status < 500 and status not in _UNCERTAIN_4XX:
        return Signal.INVALID
    return Signal.UNSURE


def most_careful(signals: Iterable[Signal]) -> Signal:
    """Where an answer says several things, the one that promises least."""
    return min(signals, key=_CAREFUL.__getitem__)


@dataclass(frozen=True, slots=True)
class SeenRefund:
    """One entry of `PaymentsRefunded`, in minor units; what it does not say is empty.

    `payment_key` is the payment of the booking it reverses. `called` is the correlation id of the
    call that made it, which our own face tells and the document does not know.
    """

    amount_minor: int
    payment_key: str = ""
    last_four: str = ""
    card_type: str = ""
    called: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A booking as one reading saw it: what a refund changes and nothing else.

    `gone` says for each sequence whether it was given back; None where the answer does not say
    (concessions have no status of their own). `version` is the number of the whole booking as it
    was read: what waited for approval goes only while that is still the same.
    """

    gone: Mapping[int, bool | None]
    refunds: tuple[SeenRefund, ...] = ()
    version: int = 0

    @property
    def refunded_minor(self) -> int:
        return sum(refund.amount_minor for refund in self.refunds)


@dataclass(frozen=True, slots=True)
class IntendedPayment:
    """One payment of the call; a matched one names the payment it reverses."""

    amount_minor: int
    payment_key: str = ""
    last_four: str = ""


@dataclass(frozen=True, slots=True)
class Intended:
    """What one call was to do, whole; `called` is the correlation id it was made with."""

    sequences: frozenset[int]
    payments: tuple[IntendedPayment, ...]
    called: str = ""

    @property
    def amount_minor(self) -> int:
        return sum(payment.amount_minor for payment in self.payments)


class Became(StrEnum):
    """The rows of the table of what can have happened."""

    SUCCEEDED = "succeeded"
    NOT_DONE = "not_done"
    UNKNOWN = "unknown"
    SECOND_FAILED = "second_failed"
    AFTER_PAYMENT = "after_payment"
    UNDERPAID = "underpaid"
    INCONSISTENT = "inconsistent"
    UNREAD = "unread"

    @property
    def needs_person(self) -> bool:
        """Manual resolution: reading again tells nothing new, and trying again might pay twice."""
        return self in MANUAL


MANUAL = frozenset(
    {Became.SECOND_FAILED, Became.AFTER_PAYMENT, Became.UNDERPAID, Became.INCONSISTENT}
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`paid` says of each intended payment, in order, whether the booking shows it; `lines_gone`
    whether it shows any of the lines as given back (None where it does not say)."""

    became: Became
    paid: tuple[bool, ...] = ()
    lines_gone: bool | None = None


def classify(
    intended: Intended, before: Snapshot, after: Snapshot | None, signal: Signal
) -> Verdict:
    """The verdict on one call; `after` is None where the booking could not be read again.

    What surely was not sent is not done, whatever somebody else did to the booking meanwhile. Where
    the answer was no and the booking shows all of it, it is ours only if each payment is surely
    there: the same lines may have gone back at another window at the same time. What was paid
    outside is never sure then, unless it says by which call: both windows may have paid it. Where
    nobody said anything all of it is ours, unless something in it says that it is another's: two
    windows that give back the same lines in the same way at once are not told apart. What waited
    there and was paid by another call was refused there, and given back once more since.
    """
    nothing = (False,) * len(intended.payments)
    if signal is Signal.NOT_SENT:
        return Verdict(Became.NOT_DONE, nothing)
    if after is None:
        return Verdict(Became.UNREAD, nothing)
    seen = _new_refunds(before.refunds, after.refunds)
    new = [one for one in seen if one.called in ("", intended.called) or not intended.called]
    paid = _paid(intended.payments, new, _LIKELY)
    lines = _lines(intended.sequences, after)
    became = _became(intended, before, after, signal, lines)
    if became is Became.SUCCEEDED and (signal is Signal.ALREADY or signal in EXPLICIT):
        by_name = (_of_call(intended.called, one) for one in _LIKELY)
        paid = _paid(intended.payments, new, (*by_name, *_SURELY))
    unsaid = signal not in _SAID_YES and not all(paid)
    refused_there = signal is Signal.WAITS_THERE and len(new) < len(seen)
    if became is Became.SUCCEEDED and (unsaid or refused_there):
        became = Became.INCONSISTENT
    if became is Became.SUCCEEDED:
        paid = (True,) * len(paid)
    gone = None if lines is _Lines.UNSAID else lines is not _Lines.NONE
    return Verdict(became, paid, gone)


class _Lines(StrEnum):
    ALL = "all"
    NONE = "none"
    SOME = "some"
    UNSAID = "unsaid"


def _lines(sequences: frozenset[int], after: Snapshot) -> _Lines:
    """What the reading says of the lines of the call; lines it says nothing of count with the
    others, and where it says nothing of any, the money alone tells."""
    said = {after.gone.get(sequence) for sequence in sequences} - {None}
    if not said:
        return _Lines.UNSAID
    if len(said) > 1:
        return _Lines.SOME
    return _Lines.ALL if True in said else _Lines.NONE


def _became(
    intended: Intended, before: Snapshot, after: Snapshot, signal: Signal, lines: _Lines
) -> Became:
    wanted = intended.amount_minor
    grown = after.refunded_minor - before.refunded_minor
    if lines is _Lines.UNSAID:
        lines = _Lines.ALL if grown == wanted and wanted else _Lines.NONE
    if _strangers(intended.sequences, before, after):
        # Somebody else gave lines of this booking back meanwhile: sums no longer say whose.
        return Became.INCONSISTENT
    if lines is _Lines.SOME or not 0 <= grown <= wanted:
        return Became.INCONSISTENT
    if lines is _Lines.ALL:
        return Became.SUCCEEDED if grown == wanted else Became.UNDERPAID
    if grown:
        return Became.AFTER_PAYMENT if grown == wanted else Became.SECOND_FAILED
    # What waits there took its lines with the answer: sold again, it was refused.
    sure = signal in EXPLICIT or signal is Signal.WAITS_THERE
    return Became.NOT_DONE if sure else Became.UNKNOWN


def _strangers(sequences: frozenset[int], before: Snapshot, after: Snapshot) -> bool:
    """Were other lines given back between the two readings?"""
    return any(
        gone and before.gone.get(sequence) is False
        for sequence, gone in after.gone.items()
        if sequence not in sequences
    )


def _new_refunds(before: Sequence[SeenRefund], after: Sequence[SeenRefund]) -> list[SeenRefund]:
    """The entries that are there now and were not."""
    new = list(after)
    for refund in before:
        if refund in new:
            new.remove(refund)
    return new


Likeness = Callable[[IntendedPayment, SeenRefund], bool]


def _paid(
    payments: Sequence[IntendedPayment], new: Sequence[SeenRefund], likenesses: Sequence[Likeness]
) -> tuple[bool, ...]:
    """Which intended payments have an entry of their own, each entry standing for one."""
    found = dict.fromkeys(range(len(payments)), False)
    left = list(new)
    for looks_like in likenesses:
        for index, payment in enumerate(payments):
            match = next((one for one in left if looks_like(payment, one)), None)
            if match is not None and not found[index]:
                left.remove(match)
                found[index] = True
    return tuple(found.values())


def _same_payment(payment: IntendedPayment, seen: SeenRefund) -> bool:
    same = payment.payment_key == seen.payment_key != ""
    return same and payment.amount_minor == seen.amount_minor


def _same_card(payment: IntendedPayment, seen: SeenRefund) -> bool:
    same = payment.last_four == seen.last_four != ""
    return same and payment.amount_minor == seen.amount_minor and not _contradicts(payment, seen)


def _same_amount(payment: IntendedPayment, seen: SeenRefund) -> bool:
    """An entry that names neither payment nor card stands for the amount alone."""
    nameless = not (seen.payment_key or seen.last_four)
    return payment.amount_minor == seen.amount_minor and (
        nameless or not (_contradicts(payment, seen) or (payment.last_four and seen.last_four))
    )


def _contradicts(payment: IntendedPayment, seen: SeenRefund) -> bool:
    """An entry that reverses a payment is of no other one, and never of what was paid outside."""
    return seen.payment_key not in ("", payment.payment_key)


def _reversed_card(payment: IntendedPayment, seen: SeenRefund) -> bool:
    return payment.payment_key != "" and _same_card(payment, seen)


def _of_call(called: str, looks_like: Likeness) -> Likeness:
    """The same, but only where the entry says that it is of this call."""
    return lambda payment, seen: seen.called == called != "" and looks_like(payment, seen)


_LIKELY: tuple[Likeness, ...] = (_same_payment, _same_card, _same_amount)
_SURELY: tuple[Likeness, ...] = (_same_payment, _reversed_card)
