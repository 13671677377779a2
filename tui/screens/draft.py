"""What was chosen for a booking and not committed yet: it survives leaving the booking."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from backend_client.domain.booking import Booking
from backend_client.domain.parts import owed_first
from backend_client.domain.selection import closure, group_of, stranded_fees
from tui.screens.placing import Typed


@dataclass(frozen=True, slots=True)
class Draft:
    """The basket of one booking; `kept` are fees somebody decided to leave behind.

    `along` are fees that are chosen only because their tickets are: they leave with them. `typed`
    is None as long as the house's own proposal is good enough. A basket that was left is
    named once, `is_named`, not with every booking opened after it.
    """

    booking_id: int
    reference: str
    chosen: frozenset[int] = frozenset()
    kept: frozenset[int] = frozenset()
    along: frozenset[int] = frozenset()
    acknowledged: frozenset[str] = frozenset()
    reason: str = ""
    retained_minor: int = 0
    typed: tuple[Typed, ...] | None = field(default=None)
    is_named: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.chosen

    def with_chosen(self, chosen: frozenset[int]) -> Draft:
        """Other lines make other amounts, so what was placed by hand starts again."""
        along = self.along & chosen
        return replace(self, chosen=chosen, along=along, typed=None, acknowledged=frozenset())

    def with_along(self, booking: Booking, chosen: Iterable[int]) -> Draft:
        """More lines chosen at once: the fees among them go because their tickets do."""
        fees = {line.sequence for line in booking.lines if line.is_fee}
        new = frozenset(chosen) - self.chosen
        return replace(self.with_chosen(self.chosen | new), along=self.along | (new & fees))

    def added(self, booking: Booking, sequence: int) -> Draft:
        return self.with_chosen(self.chosen | group_of(booking, sequence))

    def removed(self, booking: Booking, sequence: int) -> Draft:
        return self._left_with(booking, self.chosen - group_of(booking, sequence) - {sequence})

    def _left_with(self, booking: Booking, chosen: frozenset[int]) -> Draft:
        """Without the fees that went along with tickets which are not chosen any more.

        A fee of the whole booking, or of a ticket gone earlier, goes along with any other line.
        """
        lines = booking.lines
        tickets = {line.sequence for line in lines if line.is_sold and not line.is_fee}
        parents = {line.sequence: line.parent_sequence for line in lines}
        alone = {
            fee for fee in self.along & chosen if not chosen & ({parents[fee]} & tickets or tickets)
        }
        return self.with_chosen(chosen - alone)

    def stranded(self, booking: Booking) -> tuple[int, ...]:
        """Fees that would stay and could never go back, and nobody has decided to keep."""
        if not self.chosen:
            return ()
        return tuple(
            sequence
            for sequence in stranded_fees(booking, self.chosen)
            if sequence not in self.kept
        )

    def codes(self, booking: Booking) -> frozenset[str]:
        """The warnings acknowledged by what was decided."""
        kept = self.kept & frozenset(stranded_fees(booking, self.chosen))
        return self.acknowledged | ({"fee-stranded"} if kept else frozenset())

    def still_true(self, booking: Booking) -> Draft:
        """The draft with only lines that are still sold."""
        chosen = closure(booking, self.chosen)
        return self if chosen == self.chosen else self._left_with(booking, chosen)

    def owed_minor(self, booking: Booking) -> int:
        """What of the total reduces a debt, and goes out to nobody."""
        return owed_first(booking, self.total_minor(booking))

    def total_minor(self, booking: Booking) -> int:
        return sum(line.value_minor or 0 for line in booking.lines if line.sequence in self.chosen)
