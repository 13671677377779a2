"""Where the money of a refund is placed by hand: one editable amount a destination."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from backend_client.domain.card_numbers import holds_card
from backend_client.domain.money import described, format_amount, parse_amount
from backend_client.domain.parts import NEEDS_REFERENCE, RECORDS
from backend_client.domain.plan import Destination, MethodPlan, Part, PlannedLeg, RefundPlan
from backend_client.domain.problems import Refused
from backend_client.domain.refund import Method
from tui.text.cards import card_line, typed_card


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands at one destination, amount or not: it outlives the screen and its plan."""

    method: Method
    payment_key: str
    text: str
    reference: str = ""
    card: str = ""


@dataclass(slots=True)
class Placed:
    """One destination with what was typed for it; `mistake` is why that is no amount, `card` the
    line that says which card an external payment went to."""

    destination: Destination
    text: str
    amount_minor: int = 0
    reference: str = ""
    card: str = ""
    mistake: Refused | None = None

    @property
    def typed(self) -> Typed:
        destination = self.destination
        known = (self.text, self.reference, self.card)
        return Typed(destination.method, destination.payment_key, *known)

    @property
    def takes_reference(self) -> bool:
        return self.destination.method in RECORDS and self.amount_minor > 0

    @property
    def takes_card(self) -> bool:
        return self.destination.method is Method.EXTERNAL and self.amount_minor > 0

    @property
    def needs_reference(self) -> bool:
        return self.destination.method in NEEDS_REFERENCE and self.amount_minor > 0


class Placement:
    """All destinations of a plan with their amounts, first as the house proposes.

    `by_hand` turns True with the first change; until then the proposal is asked for again
    whenever the amount changes.
    """

    def __init__(
        self, plan: RefundPlan | MethodPlan, references: dict[Method, str] | None = None
    ) -> None:
        self.currency = plan.currency
        self.amount_minor = plan.amount_minor
        self.by_hand = False
        self.waiting_minor = sum(
            leg.amount_minor for leg in plan.legs if leg.method is Method.WAITING
        )
        kept = references or {}
        rest = plan.amount_minor - self.waiting_minor
        self.places = [
            self._placed(destination, plan.legs, kept.get(destination.method, ""))
            for destination in plan.destinations
            if rest and not destination.code and destination.method is not Method.WAITING
        ]
        self.blocked = tuple(
            destination
            for destination in plan.destinations
            if destination.code and destination.method is not Method.WAITING
        )

    def _placed(
        self, destination: Destination, legs: Iterable[PlannedLeg], reference: str
    ) -> Placed:
        mine = [
            leg
            for leg in legs
            if leg.method is destination.method and leg.payment_id == destination.payment_id
        ]
        amount = sum(leg.amount_minor for leg in mine)
        known = next((leg.reference for leg in mine if leg.reference), reference)
        cards = (card_line(leg.masked_number, leg.card_type, leg.card_expiry) for leg in mine)
        card = next(filter(None, cards), "")
        return Placed(destination, format_amount(amount, self.currency), amount, known, card)

    def type(self, index: int, text: str) -> None:
        """What was typed at a destination; an empty field is nothing placed there."""
        place = self.places[index]
        self.by_hand = True
        place.text = text
        try:
            place.amount_minor = parse_amount(text, self.currency) if text.strip() else 0
            place.mistake = None
        except Refused as mistake:
            place.amount_minor, place.mistake = 0, mistake

    def clear(self) -> None:
        """Nothing placed anywhere: what is left stays as it is."""
        self.by_hand = True
        for place in self.places:
            place.text, place.amount_minor = format_amount(0, self.currency), 0

    def restore(self, typed: Iterable[Typed]) -> None:
        """What was typed before stands here again; what was not named then holds nothing."""
        known = {(one.method, one.payment_key): one for one in typed}
        for index, place in enumerate(self.places):
            destination = place.destination
            one = known.get((destination.method, destination.payment_key))
            self.type(index, one.text if one else format_amount(0, self.currency))
            place.reference = one.reference if one else ""
            place.card = one.card if one and one.card else place.card
        self.by_hand = True

    def forget_cards(self) -> None:
        """A full card number was refused as a reference: it must not stay in sight either."""
        for place in self.places:
            if holds_card(place.reference):
                place.reference = ""
            if holds_card(place.card):
                place.card = ""

    @property
    def is_own(self) -> bool:
        """Is it the operator's word, not the house's? A typed reference makes it so too."""
        return self.by_hand or any(place.reference for place in self.places)

    @property
    def nothing_placed(self) -> Refused | None:
        """Why zeros everywhere are no wish: the backend would take no parts for its proposal."""
        if not self.is_own or self.parts() or not self.left_minor:
            return None
        amounts = described(self.currency, placed=self.waiting_minor, amount=self.amount_minor)
        return Refused("amount-mismatch", **amounts)

    def put_rest(self, index: int) -> bool:
        """Place here what is left, within what fits; too much placed elsewhere is taken off.

        False when nothing is left, or no more fits.
        """
        place = self.places[index]
        wanted = place.amount_minor + self.left_minor
        amount = min(max(wanted, 0), place.destination.limit_minor)
        if amount == place.amount_minor and place.mistake is None:
            return False
        self.type(index, format_amount(amount, self.currency))
        return True

    @property
    def left_minor(self) -> int:
        placed = sum(place.amount_minor for place in self.places)
        return self.amount_minor - self.waiting_minor - placed

    @property
    def mistakes(self) -> list[Placed]:
        return [place for place in self.places if place.mistake is not None]

    def over_limit(self, place: Placed) -> bool:
        return place.amount_minor > place.destination.limit_minor

    def parts(self) -> tuple[Part, ...]:
        """The wish for the backend; empty as long as the proposal was not touched.

        References are part of a wish, so typing one makes the amounts the operator's own.
        """
        if not self.is_own:
            return ()
        return tuple(
            Part(
                place.destination.method,
                place.amount_minor,
                place.destination.payment_key,
                place.reference if place.takes_reference else "",
                *(typed_card(place.card) if place.takes_card else ()),
            )
            for place in self.places
            if place.amount_minor
        )

    def references(self) -> dict[Method, str]:
        return {
            place.destination.method: place.reference for place in self.places if place.reference
        }
