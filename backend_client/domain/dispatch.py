"""Step 2: which cards and accounts an open payment goes to, and what became of it.

Pure, on small values with whole amounts: a simulation decides a hundred thousand of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.policy import AllocationOrder
from backend_client.domain.refund import LegState
from backend_client.domain.run_parameters import CreditMode
from backend_client.domain.runs import ItemOutcome, ItemPart, ItemPlan, PartRole
from backend_client.domain.settlement import Outcome
from backend_client.domain.shares import allocate

CANDIDATES = frozenset({LegState.REQUESTED, LegState.DECLINED, LegState.FAILED_LATE})
"""What a dispatch takes, unless it was changed by hand: that left the automation for good."""

REFUSED = frozenset({LegState.DECLINED, LegState.FAILED_LATE})
"""States that say a payment gave nothing back."""

TAKEN_BACK = frozenset({LegState.REPLACED, LegState.VOIDED})

NO_REFUSALS = frozenset({Outcome.ALREADY_REFUNDED, Outcome.PAYLOAD_CHANGED})
"""Outcomes of a declined payment that are no refusal by the card: its money may be with the
customer, or nothing was ever asked. Neither is credited."""

BLOCKED = "payment-blocked"

_NEVER, _ALWAYS = CreditMode.NEVER, CreditMode.ALWAYS
_CARD, _STAYS = PartRole.CARD, PartRole.STAYS
_ALL_CARDS = ItemPlan.CARDS
"""What is decided for every item, by names of its own: asking an enum for one of its members takes
as long as making a part."""
_NOTHING: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for all items of a run."""

    credit: CreditMode
    order: AllocationOrder = AllocationOrder.STORED_VALUE_FIRST
    cards_allowed: bool = True
    credit_allowed: bool = True


class Source(NamedTuple):
    """A payment of the booking; a tuple, because a simulation makes hundreds of thousands.

    `provider` is empty where none can reverse it; `left_minor` is what may still go back to it, in
    `refunds_left` more refunds (None: any number); `obstacle` is a code of the catalogue.
    """

    id: int
    payer_id: int | None
    method: PaymentMethod
    left_minor: int
    provider: str = ""
    label: str = ""
    obstacle: str = ""
    refunds_left: int | None = None


class Claim(NamedTuple):
    """An open payment and who is to get it. `refused` are the payments its refund was refused by;
    `is_elsewhere` says that its provider calls it refunded already."""

    amount_minor: int
    payer_id: int | None
    payer: str = ""
    refused: frozenset[int] = frozenset()
    is_elsewhere: bool = False


class Decision(NamedTuple):
    """The parts of an amount, which they make exactly."""

    plan: ItemPlan
    parts: tuple[ItemPart, ...]
    reason: str = ""


@dataclass(slots=True)
class Used:
    """What earlier items of a run take from the payments of their bookings: later items of the same
    booking see it. Kept only for bookings with several items, so that it stays small."""

    minor: dict[int, int] = field(default_factory=dict)
    refunds: dict[int, int] = field(default_factory=dict)

    def left(self, source: Source) -> int:
        if source.refunds_left is not None and self.is_asked_too_often(source):
            return 0
        left_minor = source.left_minor
        if self.minor:
            left_minor -= self.minor.get(source.id, 0)
        return left_minor if left_minor > 0 else 0

    def is_asked_too_often(self, source: Source) -> bool:
        most = source.refunds_left
        return most is not None and self.refunds.get(source.id, 0) >= most

    def take(self, parts: Iterable[ItemPart]) -> None:
        for part in parts:
            if part.role is _CARD and part.payment_id is not None:
                taken = self.minor.get(part.payment_id, 0)
                self.minor[part.payment_id] = taken + part.amount_minor
                self.refunds[part.payment_id] = self.refunds.get(part.payment_id, 0) + 1


UNUSED = Used()
"""For items that are alone in their booking; nothing is ever taken from it."""


def decide(claim: Claim, payments: Sequence[Source], rules: Rules, used: Used = UNUSED) -> Decision:
    """Cards first as far as the credit mode tries them, the rest credited or left.

    Only payments of the same payer count, and "no contact" is one payer. Expired cards are tried
    like all others. `never` tries refused cards again; the other modes make no second call.
    """
    amount_minor, payer_id, payer, _, is_elsewhere = claim
    sources = [one for one in payments if one.payer_id == payer_id]
    if is_elsewhere:
        return _left(claim, ItemPlan.PERSON, "declined-as-refunded")
    cards, placed = _cards(claim, sources, rules, used)
    if placed == amount_minor:
        return Decision(_ALL_CARDS, cards)
    rest = amount_minor - placed
    if rules.credit is _NEVER:
        code = _why_no_card(sources, rules, used)
        if not cards:
            return _left(claim, ItemPlan.STAYS, code)
        return Decision(ItemPlan.CARDS_AND_STAYS, (*cards, _stays(rest)), code)
    code = _why_no_credit(claim, sources, rules)
    if not code:
        credit = ItemPart(PartRole.CREDIT, rest, payer_id=payer_id, label=payer)
        plan = ItemPlan.CARDS_AND_CREDIT if cards else ItemPlan.CREDIT
        return Decision(plan, (*cards, credit))
    if cards:
        return Decision(ItemPlan.CARDS_AND_STAYS, (*cards, _stays(rest)), code)
    return _left(claim, ItemPlan.STAYS if code == "method-not-allowed" else ItemPlan.PERSON, code)


def _cards(
    claim: Claim, sources: Sequence[Source], rules: Rules, used: Used
) -> tuple[tuple[ItemPart, ...], int]:
    """What cards take, and how much that is."""
    amount_minor, payer_id, _, refused, _ = claim
    if rules.credit is _ALWAYS or not rules.cards_allowed:
        return (), 0
    if rules.credit is _NEVER:
        refused = _NOTHING
    able: list[Source] = []
    parts: list[ItemPart] = []
    whole = 0
    for one in sources:
        payment_id, _, _, minor, provider, label, obstacle, refunds_left = one
        if not provider or obstacle or payment_id in refused:
            continue
        if refunds_left is not None or used.minor:
            minor = used.left(one)
        if minor > 0:
            able.append(one)
            parts.append(ItemPart(_CARD, minor, payment_id, payer_id, provider, label))
            whole += minor
    if whole > amount_minor:
        parts = _split(amount_minor, able, parts, rules.order)
        whole = amount_minor
    return tuple(parts), whole


def _split(
    amount_minor: int, able: Sequence[Source], room: Sequence[ItemPart], order: AllocationOrder
) -> list[ItemPart]:
    """An amount for which there is more than enough room, over the cards in their order."""
    if len(able) == 1:
        return [room[0]._replace(amount_minor=amount_minor)]
    left = {one.id: part.amount_minor for one, part in zip(able, room, strict=True)}
    split = allocate(amount_minor, able, left, order)
    return [
        part._replace(amount_minor=split[one.id])
        for one, part in zip(able, room, strict=True)
        if split.get(one.id)
    ]


def _why_no_card(sources: Sequence[Source], rules: Rules, used: Used) -> str:
    """The code that explains an amount no card takes: first what somebody can do about."""
    if not rules.cards_allowed:
        return "method-not-allowed"
    reversible = [one for one in sources if one.provider]
    obstacle = next((one.obstacle for one in reversible if one.obstacle), "")
    if not obstacle and any(used.is_asked_too_often(one) for one in reversible):
        obstacle = "payment-refunds-used"
    return obstacle or "no-card"


def _why_no_credit(claim: Claim, sources: Sequence[Source], rules: Rules) -> str:
    """What was found at a provider and not explained may be this very money: no credit for it."""
    if not rules.credit_allowed:
        return "method-not-allowed"
    if any(one.obstacle == BLOCKED for one in sources):
        return BLOCKED
    return "credit-needs-person" if claim.payer_id is None else ""


def _left(claim: Claim, plan: ItemPlan, code: str) -> Decision:
    return Decision(plan, (_stays(claim.amount_minor),), code)


def _stays(amount_minor: int) -> ItemPart:
    return ItemPart(_STAYS, amount_minor)


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


def counted_as(before: LegState, after: LegState) -> LegState:
    """The state a payment of a run is counted in: closing what was refused leaves it refused."""
    return before if before in REFUSED and after in TAKEN_BACK else after
