"""Trouble on demand: which requests go wrong, and how, decided by a seed alone."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Fault(StrEnum):
    """What can go wrong; of several the one listed first happens."""

    STORM = "storm"
    """Twenty requests in a row, of every kind, are answered 429."""
    TOO_MANY = "too-many"
    CUT_BEFORE = "cut-before"
    """The connection is cut and nothing has moved."""
    ERROR_BEFORE = "error-before"
    """500 and nothing has moved."""
    CONFLICT = "conflict"
    """409: the key is said to be in use; nothing has moved."""
    EMPTY_BALANCE = "empty-balance"
    """Refused because the merchant's balance is too low."""
    SLOW = "slow"
    """The answer takes too long, and the money moves only then."""
    LATE_ANSWER = "late-answer"
    """The money moves at once, the answer takes too long."""
    LOST = "lost"
    """The money moves and the connection is cut."""
    ERROR_AFTER = "error-after"
    """The money moves and the answer is 500."""
    HTML = "html"
    """The money moves and the answer is a web page."""
    BAD_JSON = "bad-json"
    EMPTY = "empty"
    WRONG_AMOUNT = "wrong-amount"
    """The money moves and the answer speaks of another amount."""
    WRONG_CURRENCY = "wrong-currency"
    WRONG_REFERENCE = "wrong-reference"
    UNKNOWN_WORD = "unknown-word"
    """The money moves and the answer uses a status nobody knows."""
    ACCEPTED = "accepted"
    """Only accepted; final when it is listed."""
    UNCERTAIN = "uncertain"
    """The provider does not know itself yet; final when it is listed."""
    LATE_FAILURE = "late-failure"
    """Final, and failed when it is listed."""
    DEAD = "dead"
    """The card is dead: every refund of this payment is declined."""
    BACK_OFFICE = "back-office"
    """Somebody gave this payment back at the provider already."""
    LIST_ERROR = "list-error"
    """A look-up is answered 500."""


OF_A_PAYMENT = frozenset({Fault.DEAD, Fault.BACK_OFFICE})
OF_A_LIST = frozenset({Fault.LIST_ERROR})
_STORM_LENGTH = 20
_SCALE = 2**64
_ALIKE = frozenset({Fault.STORM}) | OF_A_PAYMENT | OF_A_LIST
_OF_A_REFUND = tuple(fault for fault in Fault if fault not in _ALIKE)


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """Shares from 0 to 1 for each fault; the same seed and requests bring the same faults,
    whatever order the requests arrive in (storms alone go by order)."""

    seed: int = 0
    shares: Mapping[Fault, float] = field(default_factory=dict)

    def of_request(self, ordinal: int) -> Fault | None:
        """A storm over this request, counted from the first the program ever got."""
        return self._happens(Fault.STORM, str(ordinal // _STORM_LENGTH))

    def of_refund(self, our_reference: str, nth: int) -> Fault | None:
        """What goes wrong with the nth request for this refund."""
        return self._first(_OF_A_REFUND, f"{our_reference}|{nth}")

    def of_payment(self, payment_reference: str) -> Fault | None:
        return self._first(tuple(sorted(OF_A_PAYMENT)), payment_reference)

    def of_list(self, payment_reference: str, nth: int) -> Fault | None:
        """What goes wrong with the nth look-up of this payment."""
        return self._first(
            (Fault.TOO_MANY, Fault.CUT_BEFORE, Fault.LIST_ERROR), f"list|{payment_reference}|{nth}"
        )

    def between(self, low: float, high: float, *identity: object) -> float:
        """A number from `low` to `high`, the same for the same identity."""
        return low + (high - low) * self._share("between", *identity)

    def _first(self, faults: tuple[Fault, ...], identity: str) -> Fault | None:
        return next((fault for fault in faults if self._happens(fault, identity)), None)

    def _happens(self, fault: Fault, identity: str) -> Fault | None:
        share = self.shares.get(fault, 0.0)
        return fault if share and self._share(fault.value, identity) < share else None

    def _share(self, *identity: object) -> float:
        text = "|".join((str(self.seed), *map(str, identity)))
        digest = hashlib.sha256(text.encode()).digest()
        return int.from_bytes(digest[:8]) / _SCALE


def parse_faults(text: str, seed: int = 0) -> FaultPlan:
    """A plan from `lost=0.02,error-after=0.01`; raises ValueError with words."""
    shares: dict[Fault, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, equals, share = part.partition("=")
        if name not in set(Fault):
            raise ValueError(f"there is no fault {name!r}; there are {', '.join(Fault)}")
        shares[Fault(name)] = _share_of(name, share if equals else "1")
    return FaultPlan(seed, shares)


def _share_of(name: str, text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0.0 <= share <= 1.0:
        raise ValueError(f"{name} must be a share from 0 to 1")
    return share
