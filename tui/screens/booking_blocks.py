"""Which lines of a booking are shown together, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from backend_client.domain.booking import Booking, Line
from backend_client.domain.selection import components


class Together(Enum):
    NOT = auto()
    AS_ONE = auto()
    """An atomic group: goes back whole."""
    PRODUCT = auto()
    """Sold as one, but each part goes back by itself."""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines shown one under the other; `product` names what they were sold as.

    `members` are what is held together: a fee beside its ticket goes its own way.
    """

    lines: tuple[Line, ...]
    together: Together = Together.NOT
    product: str = ""
    members: frozenset[int] = frozenset()


def blocks_of(booking: Booking) -> list[Block]:
    """Groups and products together, fees under their line, otherwise in the order of sale."""
    groups = components(booking)
    sequences = {line.sequence for line in booking.lines}
    fees: dict[int, list[Line]] = {}
    members: dict[object, list[Line]] = {}
    for line in booking.lines:
        parent = line.parent_sequence
        if line.is_fee and len(groups[line.sequence]) == 1 and parent in sequences:
            assert parent is not None
            fees.setdefault(parent, []).append(line)
        else:
            members.setdefault(_home(line, groups[line.sequence]), []).append(line)
    return [_block(lines, fees, len(groups[lines[0].sequence])) for lines in members.values()]


def _home(line: Line, group: frozenset[int]) -> object:
    """What decides where a line is shown: its atomic group, its product, or itself alone."""
    if len(group) > 1:
        return group
    return line.product or line.sequence


def _block(lines: list[Line], fees: dict[int, list[Line]], group_size: int) -> Block:
    shown = tuple(one for line in lines for one in (line, *fees.get(line.sequence, ())))
    members = frozenset(line.sequence for line in lines)
    if group_size > 1:
        return Block(shown, Together.AS_ONE, members=members)
    if lines[0].product:
        return Block(shown, Together.PRODUCT, lines[0].product, members)
    return Block(shown, members=members)
