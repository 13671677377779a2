"""Which lines go back together: atomic groups, and fees that would be left behind."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from backend_client.domain.booking import Booking, Line
from backend_client.domain.kinds import FeeKind, LineState

GONE = frozenset({LineState.CANCELLED, LineState.EXCHANGED, LineState.RESOLD})
"""States in which a line has left its group."""


def components(booking: Booking) -> Mapping[int, frozenset[int]]:
    """Every line's atomic group: lines linked through any chain of common groups.

    Gone lines still link: what was sold as one does not fall apart because a piece is missing.
    Composed products (`Line.product`) do not link, they are divisible.
    """
    parent = {line.sequence: line.sequence for line in booking.lines}

    def root(sequence: int) -> int:
        while parent[sequence] != sequence:
            parent[sequence] = parent[parent[sequence]]
            sequence = parent[sequence]
        return sequence

    first_in: dict[str, int] = {}
    for line in booking.lines:
        for group in line.groups:
            other = first_in.setdefault(group, line.sequence)
            parent[root(line.sequence)] = root(other)
    members: dict[int, set[int]] = {}
    for sequence in parent:
        members.setdefault(root(sequence), set()).add(sequence)
    frozen = {top: frozenset(sequences) for top, sequences in members.items()}
    return {sequence: frozen[root(sequence)] for sequence in parent}


def closure(booking: Booking, sequences: Iterable[int]) -> frozenset[int]:
    """All sold lines that go back when these do; free lines belong, lines not sold do not."""
    sold = _sold(booking)
    groups = components(booking)
    chosen = sold.intersection(sequences)
    return frozenset(member for sequence in chosen for member in groups[sequence] & sold)


def group_of(booking: Booking, sequence: int) -> frozenset[int]:
    """The sold lines that go back with this one, itself included if it is sold."""
    return closure(booking, (sequence,))


def gone_members(booking: Booking, chosen: Iterable[int]) -> tuple[int, ...]:
    """Lines of the chosen groups that already left them: these groups are broken."""
    gone = {line.sequence for line in booking.lines if line.state in GONE}
    if not gone:
        return ()
    groups = components(booking)
    return tuple(
        sorted({member for sequence in chosen for member in groups[sequence] if member in gone})
    )


def staying(booking: Booking, chosen: Collection[int]) -> tuple[Line, ...]:
    """The sold lines that are not chosen."""
    return tuple(line for line in booking.lines if line.is_sold and line.sequence not in chosen)


def stranded_fees(booking: Booking, chosen: Collection[int]) -> tuple[int, ...]:
    """Fees that could never go back later, because nothing but fees would stay sold."""
    left = staying(booking, chosen)
    if all(line.is_fee for line in left):
        return tuple(line.sequence for line in left)
    return ()


def kept_fees(booking: Booking, chosen: Collection[int]) -> tuple[Line, ...]:
    """Fee lines that stay sold although their ticket goes, or although only fees stay."""
    stranded = frozenset(stranded_fees(booking, chosen))
    return tuple(
        line
        for line in staying(booking, chosen)
        if line.is_fee and (line.sequence in stranded or line.parent_sequence in chosen)
    )


def kept_shipment(booking: Booking, chosen: Collection[int]) -> tuple[int, ...]:
    """Chosen shipment lines that must stay, because a ticket or concession stays sold."""
    if all(line.is_fee for line in staying(booking, chosen)):
        return ()
    return tuple(
        line.sequence
        for line in booking.lines
        if line.sequence in chosen and line.fee_kind is FeeKind.SHIPMENT
    )


def only_fees_left(booking: Booking) -> bool:
    """Is the booking cancelled but for its fees? They can then never be given back."""
    sold = [line for line in booking.lines if line.is_sold]
    return bool(sold) and all(line.is_fee for line in sold)


def _sold(booking: Booking) -> frozenset[int]:
    return frozenset(line.sequence for line in booking.lines if line.is_sold)
