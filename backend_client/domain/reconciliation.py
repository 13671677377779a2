"""Our legs beside a provider's list, matched by our reference and never by amount."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from backend_client.domain.refund import LegState


class TheirState(StrEnum):
    """What a provider says of a refund it lists."""

    FINAL = "final"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class OurRefund:
    leg_number: str
    provider: str
    our_reference: str
    payment_reference: str
    amount_minor: int
    currency: str
    state: LegState
    provider_refund_id: str = ""


@dataclass(frozen=True, slots=True)
class TheirRefund:
    provider: str
    provider_refund_id: str
    our_reference: str
    payment_reference: str
    amount_minor: int
    currency: str
    state: TheirState


@dataclass(frozen=True, slots=True)
class Pair:
    ours: OurRefund
    theirs: TheirRefund
    differs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sum:
    currency: str
    count: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Four lists, of which only the first may have anything in it, and what was accepted."""

    matched: tuple[Pair, ...] = ()
    ours_only: tuple[OurRefund, ...] = ()
    provider_only: tuple[TheirRefund, ...] = ()
    differing: tuple[Pair, ...] = ()
    unanswered: tuple[str, ...] = ()
    """Providers that would not answer: nothing is proved about their refunds."""
    accepted: tuple[TheirRefund, ...] = ()
    """Refunds made at the provider itself that a supervisor took into our books."""

    @property
    def ok(self) -> bool:
        lists = (self.ours_only, self.provider_only, self.differing, self.unanswered)
        return not any(lists)


MOVED = frozenset({LegState.SUCCEEDED, LegState.ACCEPTED})
"""States in which a provider must know a refund."""
MAY_HAVE_MOVED = MOVED | {LegState.SENDING, LegState.UNKNOWN, LegState.REVIEW}
"""States in which it may know one, and not knowing one is news too."""

_FITS = {
    LegState.SUCCEEDED: frozenset({TheirState.FINAL, TheirState.ACCEPTED}),
    LegState.ACCEPTED: frozenset({TheirState.FINAL, TheirState.ACCEPTED, TheirState.UNCERTAIN}),
}
_NO_MONEY = frozenset({TheirState.DECLINED})


def reconcile(
    ours: Iterable[OurRefund], theirs: Iterable[TheirRefund], unanswered: Iterable[str] = ()
) -> Reconciliation:
    """Sort both sides into four lists.

    A refund of theirs under a reference of ours that appears twice is a double: the second one
    belongs to nobody here. What moved no money on either side is in no list.
    """
    silent = tuple(sorted(set(unanswered)))
    listed: dict[tuple[str, str], list[TheirRefund]] = defaultdict(list)
    strangers: list[TheirRefund] = []
    for one in theirs:
        if one.our_reference:
            listed[one.provider, one.our_reference].append(one)
        else:
            strangers.append(one)
    matched: list[Pair] = []
    differing: list[Pair] = []
    ours_only: list[OurRefund] = []
    for leg in ours:
        found = sorted(listed.pop((leg.provider, leg.our_reference), ()), key=_declined_last)
        if not found:
            if leg.state in MAY_HAVE_MOVED and leg.provider not in silent:
                ours_only.append(leg)
            continue
        differs = differences(leg, found[0])
        if differs:
            differing.append(Pair(leg, found[0], differs))
        elif leg.state in MOVED or found[0].state not in _NO_MONEY:
            matched.append(Pair(leg, found[0]))
        strangers += found[1:]
    for rest in listed.values():
        strangers += rest
    unknown = tuple(one for one in strangers if one.state not in _NO_MONEY)
    return Reconciliation(tuple(matched), tuple(ours_only), unknown, tuple(differing), silent)


def differences(leg: OurRefund, theirs: TheirRefund) -> tuple[str, ...]:
    """In what the two sides disagree about one refund."""
    state_fits = theirs.state in _FITS.get(leg.state, _NO_MONEY)
    checks = {
        "amount": leg.amount_minor == theirs.amount_minor,
        "currency": leg.currency == theirs.currency,
        "state": state_fits,
        "refund id": leg.state is not LegState.SUCCEEDED
        or leg.provider_refund_id == theirs.provider_refund_id,
    }
    if theirs.state in _NO_MONEY and leg.state not in MOVED:
        return ()
    return tuple(name for name, same in checks.items() if not same)


def sums(amounts: Iterable[tuple[str, int]]) -> Sequence[Sum]:
    """Count and amount for each currency."""
    counts: dict[str, list[int]] = defaultdict(list)
    for currency, amount_minor in amounts:
        counts[currency].append(amount_minor)
    return tuple(
        Sum(currency, len(found), sum(found)) for currency, found in sorted(counts.items())
    )


def _declined_last(one: TheirRefund) -> bool:
    return one.state in _NO_MONEY
