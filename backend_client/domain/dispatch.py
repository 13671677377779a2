"""Step 2: which cards and accounts an open payment goes to, and what became of it.

Pure, on small values with whole amounts. Of a hundred thousand open payments most look alike, so
the rule is told nothing that has no weight with it, and asked once for all of those.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.policy import AllocationOrder
from backend_client.domain.refund import LegState
from backend_client.domain.run_parameters import CreditMode
from backend_client.domain.runs import ItemOutcome, ItemPlan, PartRole
from backend_client.domain.settlement import Outcome
from backend_client.domain.shares import allocate

REFUSED = frozenset({LegState.DECLINED, LegState.FAILED_LATE})
"""States that say a payment gave nothing back."""

TAKEN_BACK = frozenset({LegState.REPLACED, LegState.VOIDED})
"""States that close a payment; a run goes on counting one that was refused as refused."""

NO_REFUSALS = frozenset({Outcome.ALREADY_REFUNDED, Outcome.PAYLOAD_CHANGED})
"""Outcomes of a declined payment that are no refusal by the card: its money may be with the
customer, or nothing was ever asked. Neither is credited."""

BLOCKED = "payment-blocked"


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for all items of a run."""

    credit: CreditMode
    order: AllocationOrder = AllocationOrder.STORED_VALUE_FIRST
    cards_allowed: bool = True
    credit_allowed: bool = True


class Source(NamedTuple):
    """A payment of the booking as the rule sees it, to which it is the same whose and which it is.

    `left_minor` is what may still go back to it, in `refunds_left` more refunds (None: any number);
    `provider` is empty where none can reverse it; `obstacle` is a code of the catalogue.
    `is_payers`: the payer of the claim paid it. `is_refused`: it refused this refund.
    """

    method: PaymentMethod
    left_minor: int
    provider: str = ""
    obstacle: str = ""
    refunds_left: int | None = None
    is_payers: bool = True
    is_refused: bool = False

    @property
    def is_asked_too_often(self) -> bool:
        return self.refunds_left is not None and self.refunds_left <= 0


class Claim(NamedTuple):
    """An open payment; `has_payer` says that it is known who is to get it, `is_elsewhere` that its
    provider calls it refunded already."""

    amount_minor: int
    has_payer: bool = True
    is_elsewhere: bool = False


class Share(NamedTuple):
    """A part of an amount; `place` is that of the payment it goes to among those looked at."""

    role: PartRole
    amount_minor: int
    place: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """The shares of an amount, which they make exactly. Nothing in it names a customer or a
    payment, so it is the same one for all items that look alike."""

    plan: ItemPlan
    shares: tuple[Share, ...]
    reason: str = ""


@dataclass(slots=True)
class Used:
    """What earlier items of a run take from the payments of their bookings, by id: later items of
    the same booking see it. Kept only for bookings with several items, so that it stays small."""

    minor: dict[int, int] = field(default_factory=dict)
    refunds: dict[int, int] = field(default_factory=dict)

    def left_of(self, payment_id: int, source: Source) -> Source:
        """The payment as it is for the next item."""
        left_minor = source.left_minor - self.minor.get(payment_id, 0)
        most = source.refunds_left
        if most is not None:
            most -= self.refunds.get(payment_id, 0)
        return source._replace(left_minor=left_minor, refunds_left=most)

    def take(self, payment_id: int, amount_minor: int) -> None:
        self.minor[payment_id] = self.minor.get(payment_id, 0) + amount_minor
        self.refunds[payment_id] = self.refunds.get(payment_id, 0) + 1


def decide(claim: Claim, payments: Sequence[Source], rules: Rules) -> Decision:
    """Cards first as far as the credit mode tries them, the rest credited or left.

    Only payments of the same payer count, and "no contact" is one payer. Expired cards are tried
    like all others. `never` tries refused cards again; the other modes make no second call. Of
    payments that are alike the earlier one is taken first.
    """
    own = {place: one for place, one in enumerate(payments) if one.is_payers}
    if claim.is_elsewhere:
        return _left(claim, ItemPlan.PERSON, "declined-as-refunded")
    cards = _cards(claim, own, rules)
    rest = claim.amount_minor - sum(share.amount_minor for share in cards)
    if not rest:
        return Decision(ItemPlan.CARDS, cards)
    if rules.credit is CreditMode.NEVER:
        code = _why_no_card(own.values(), rules)
        if not cards:
            return _left(claim, ItemPlan.STAYS, code)
        return Decision(ItemPlan.CARDS_AND_STAYS, (*cards, Share(PartRole.STAYS, rest)), code)
    code = _why_no_credit(claim, own.values(), rules)
    if not code:
        plan = ItemPlan.CARDS_AND_CREDIT if cards else ItemPlan.CREDIT
        return Decision(plan, (*cards, Share(PartRole.CREDIT, rest)))
    if cards:
        return Decision(ItemPlan.CARDS_AND_STAYS, (*cards, Share(PartRole.STAYS, rest)), code)
    return _left(claim, ItemPlan.STAYS if code == "method-not-allowed" else ItemPlan.PERSON, code)


def _cards(claim: Claim, own: Mapping[int, Source], rules: Rules) -> tuple[Share, ...]:
    """What cards take, never more than each has left."""
    if rules.credit is CreditMode.ALWAYS or not rules.cards_allowed:
        return ()
    again = rules.credit is CreditMode.NEVER
    left = {
        place: one.left_minor
        for place, one in own.items()
        if one.provider and not one.obstacle and not one.is_asked_too_often
        if one.left_minor > 0 and (again or not one.is_refused)
    }
    if sum(left.values()) > claim.amount_minor:
        able = [_Able(place, own[place].method) for place in left]
        split = allocate(claim.amount_minor, able, left, rules.order)
        left = {place: split[place] for place in left if split.get(place)}
    return tuple(Share(PartRole.CARD, minor, place) for place, minor in left.items())


class _Able(NamedTuple):
    """A card as an allocation looks at it, by its place."""

    id: int
    method: PaymentMethod


def _why_no_card(own: Iterable[Source], rules: Rules) -> str:
    """The code that explains an amount no card takes: first what somebody can do about."""
    if not rules.cards_allowed:
        return "method-not-allowed"
    reversible = [one for one in own if one.provider]
    obstacle = next((one.obstacle for one in reversible if one.obstacle), "")
    if not obstacle and any(one.is_asked_too_often for one in reversible):
        obstacle = "payment-refunds-used"
    return obstacle or "no-card"


def _why_no_credit(claim: Claim, own: Iterable[Source], rules: Rules) -> str:
    """What was found at a provider and not explained may be this very money: no credit for it."""
    if not rules.credit_allowed:
        return "method-not-allowed"
    if any(one.obstacle == BLOCKED for one in own):
        return BLOCKED
    return "" if claim.has_payer else "credit-needs-person"


def _left(claim: Claim, plan: ItemPlan, code: str) -> Decision:
    return Decision(plan, (Share(PartRole.STAYS, claim.amount_minor),), code)


_ON_ITS_WAY = frozenset({LegState.SENDING, LegState.ACCEPTED})
_BEING_CHECKED = frozenset({LegState.UNKNOWN, LegState.REVIEW})

WORST_FIRST: tuple[tuple[ItemOutcome, tuple[tuple[PartRole, frozenset[LegState] | None], ...]], ...]
WORST_FIRST = (
    (ItemOutcome.BEING_CHECKED, ((PartRole.CARD, _BEING_CHECKED),)),
    (ItemOutcome.DECLINED, ((PartRole.CARD, REFUSED),)),
    (ItemOutcome.TO_SEND, ((PartRole.CARD, frozenset({LegState.PENDING})),)),
    (ItemOutcome.ON_ITS_WAY, ((PartRole.CARD, _ON_ITS_WAY),)),
    (ItemOutcome.STAYS, ((PartRole.STAYS, None), (PartRole.CARD, TAKEN_BACK))),
    (
        ItemOutcome.CREDITED,
        ((PartRole.CREDIT, None), (PartRole.CREDIT_AFTER_REFUSAL, None)),
    ),
    (ItemOutcome.REFUNDED, ((PartRole.CARD, frozenset({LegState.SUCCEEDED})),)),
)
"""What became of an item, worst first: one of its payments in such a state decides. None stands for
every state: what stays is another run's matter from then on.

A card payment counts as it was when it was closed: declined, or taken back before it was sent. One
that was credited after its refusal no longer decides.
"""


def outcome_of(parts: Iterable[tuple[PartRole, LegState]]) -> ItemOutcome:
    """The outcome of an item by the payments a run made for it, at least one."""
    ranks = [_rank(role, state) for role, state in parts]
    worst = WORST_FIRST[min(ranks)][0]
    if worst is ItemOutcome.STAYS and max(ranks) > min(ranks):
        return ItemOutcome.PARTLY
    return worst


def _rank(role: PartRole, state: LegState) -> int:
    for rank, (_, rows) in enumerate(WORST_FIRST):
        if any(role is one and (states is None or state in states) for one, states in rows):
            return rank
    raise ValueError(f"a run makes no {role} that is {state}")
