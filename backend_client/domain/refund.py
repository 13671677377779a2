"""How money goes back and in what states: the one table every other table must agree with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType


class Method(StrEnum):
    """How one leg of a refund reaches the customer."""

    MATCHED = "matched"
    REQUESTED = "requested"
    CREDIT = "credit"
    CASH = "cash"
    EXTERNAL = "external"
    GIFT_CARD = "gift_card"
    TRANSFER = "transfer"
    WAITING = "waiting"
    UNMATCHED = "unmatched"


class LegState(StrEnum):
    AWAITING_APPROVAL = "awaiting_approval"
    REQUESTED = "requested"
    PENDING = "pending"
    SENDING = "sending"
    ACCEPTED = "accepted"
    UNKNOWN = "unknown"
    REVIEW = "review"
    SUCCEEDED = "succeeded"
    FAILED_LATE = "failed_late"
    DECLINED = "declined"
    CREDITED = "credited"
    DUE = "due"
    RECORDED = "recorded"
    REPLACED = "replaced"
    VOIDED = "voided"


def _table(rows: Mapping[LegState, Iterable[LegState]]) -> Mapping[LegState, frozenset[LegState]]:
    return MappingProxyType({state: frozenset(rows.get(state, ())) for state in LegState})


S = LegState
BORN_AS: Mapping[Method, LegState] = MappingProxyType(
    {
        Method.MATCHED: S.PENDING,
        Method.REQUESTED: S.REQUESTED,
        Method.CREDIT: S.CREDITED,
        Method.CASH: S.RECORDED,
        Method.EXTERNAL: S.RECORDED,
        Method.GIFT_CARD: S.RECORDED,
        Method.TRANSFER: S.DUE,
        Method.WAITING: S.RECORDED,
        Method.UNMATCHED: S.PENDING,
    }
)
"""The state a leg of each method starts in at the window. Cash is handed over with the commit."""
APPROVED_AS: Mapping[Method, LegState] = MappingProxyType({**BORN_AS, Method.CASH: S.DUE})
"""The state a leg gets with the approval it waited for. Who approves may sit elsewhere, so cash is
due until somebody at a desk says that it is handed over."""

TRANSITIONS: Mapping[LegState, frozenset[LegState]] = _table(
    {
        S.AWAITING_APPROVAL: (*APPROVED_AS.values(), S.VOIDED),
        S.REQUESTED: (S.REPLACED, S.VOIDED),
        S.PENDING: (S.SENDING, S.REPLACED, S.VOIDED),
        S.SENDING: (S.SUCCEEDED, S.ACCEPTED, S.DECLINED, S.UNKNOWN, S.PENDING),
        S.ACCEPTED: (S.SUCCEEDED, S.DECLINED),
        S.UNKNOWN: (S.SUCCEEDED, S.ACCEPTED, S.DECLINED, S.SENDING, S.REVIEW),
        S.REVIEW: (S.SUCCEEDED, S.DECLINED, S.PENDING),
        S.SUCCEEDED: (S.FAILED_LATE,),
        S.FAILED_LATE: (S.REPLACED,),
        S.DECLINED: (S.REPLACED, S.VOIDED),
        S.DUE: (S.RECORDED, S.REPLACED, S.VOIDED),
    }
)
"""Every legal change of a leg's state. The database refuses all others with a trigger."""

CLOSED = frozenset({S.REPLACED, S.VOIDED})
FINAL = frozenset({S.SUCCEEDED, S.CREDITED, S.RECORDED})
"""States in which the customer has what this payment promised, as far as anybody knows."""
IN_FLIGHT = frozenset({S.SENDING, S.ACCEPTED, S.UNKNOWN, S.REVIEW})
HOLDS_PAYMENT = frozenset(
    {S.AWAITING_APPROVAL, S.PENDING, S.SENDING, S.ACCEPTED, S.UNKNOWN, S.REVIEW, S.SUCCEEDED}
)
"""States in which a leg matched to a payment counts against what that payment has left."""
OPEN = frozenset(
    {
        S.AWAITING_APPROVAL,
        S.REQUESTED,
        S.PENDING,
        S.SENDING,
        S.ACCEPTED,
        S.UNKNOWN,
        S.REVIEW,
        S.DECLINED,
        S.FAILED_LATE,
        S.DUE,
    }
)
"""States in which the customer is still owed something or the outcome is not final."""
COMPARED = frozenset({S.SUCCEEDED, S.DECLINED}) | CLOSED
"""States in which a leg that was sent is compared with what its provider lists: what is closed must
have moved no money."""
SENT_TO_PROVIDERS = frozenset({Method.MATCHED, Method.UNMATCHED})
WAITS_FOR_PROVIDER = frozenset({S.PENDING, S.ACCEPTED, S.UNKNOWN})
"""States a provider is asked about again and again."""
VOIDABLE = frozenset({S.AWAITING_APPROVAL, S.REQUESTED, S.PENDING, S.DECLINED, S.DUE})
"""States in which surely no money moved, so that the refund may be taken back."""
METHOD_CHANGEABLE = frozenset({S.REQUESTED, S.DECLINED, S.FAILED_LATE, S.DUE})
del S


class Origin(StrEnum):
    WINDOW = "window"
    CANCELLATION_RUN = "cancellation_run"
    RESALE = "resale"


class RefundStatus(StrEnum):
    """What the legs of a refund say together, worst news first."""

    REVIEW = "review"
    BEING_CHECKED = "being_checked"
    DECLINED = "declined"
    AWAITING_APPROVAL = "awaiting_approval"
    NEEDS_NUMBER = "needs_number"
    TO_BE_SENT = "to_be_sent"
    ON_ITS_WAY = "on_its_way"
    REQUESTED = "requested"
    DUE = "due"
    DONE = "done"
    VOIDED = "voided"


_STATUS_ORDER: tuple[tuple[RefundStatus, frozenset[LegState]], ...] = (
    (RefundStatus.REVIEW, frozenset({LegState.REVIEW})),
    (RefundStatus.BEING_CHECKED, frozenset({LegState.UNKNOWN})),
    (RefundStatus.DECLINED, frozenset({LegState.DECLINED, LegState.FAILED_LATE})),
    (RefundStatus.AWAITING_APPROVAL, frozenset({LegState.AWAITING_APPROVAL})),
    (RefundStatus.TO_BE_SENT, frozenset({LegState.PENDING})),
    (RefundStatus.ON_ITS_WAY, frozenset({LegState.SENDING, LegState.ACCEPTED})),
    (RefundStatus.REQUESTED, frozenset({LegState.REQUESTED})),
    (RefundStatus.DUE, frozenset({LegState.DUE})),
)


def needs_number(method: Method, state: LegState) -> bool:
    """Surely not sent, and nobody has the number of its gift card any more."""
    return method is Method.UNMATCHED and state is LegState.PENDING


def waits_for_provider(method: Method, state: LegState) -> bool:
    """Is it up to its provider what becomes of it? Where none of that name is configured nothing
    does, until a person sees to it."""
    return (
        method in SENT_TO_PROVIDERS
        and state in WAITS_FOR_PROVIDER
        and not needs_number(method, state)
    )


def refund_status(
    states: Iterable[LegState], *, voided: bool = False, lacks_number: bool = False
) -> RefundStatus:
    """The one way from leg states to the word for the whole refund; `lacks_number` says that one
    of the pending legs waits for its gift card's number."""
    if voided:
        return RefundStatus.VOIDED
    seen = set(states) - CLOSED
    for status, states_of_status in _STATUS_ORDER:
        if seen & states_of_status:
            waits = status is RefundStatus.TO_BE_SENT
            return RefundStatus.NEEDS_NUMBER if waits and lacks_number else status
    return RefundStatus.DONE


def may_become(before: LegState, after: LegState) -> bool:
    return after in TRANSITIONS[before]
