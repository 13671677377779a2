"""What became of asking several cinemas, or for several bookings: some may be down, one may be
unreadable, and the others still answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from backend_client.connect_settings import Cinema
from backend_client.domain.caller import Caller
from backend_client.domain.card_numbers import mask_card_numbers
from backend_client.domain.problems import Refused
from backend_client.remote.reading import Reading

Name = Mapping[str, str]
"""How one booking is asked for: by its `BookingId` or its `BookingNumber`."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One question: what was read, or why nothing could be; neither where there is no such."""

    cinema: Cinema
    name: Name
    reading: Reading | None = None
    refused: Refused | None = None

    @property
    def is_unreadable(self) -> bool:
        """Is the booking there, but not as it can be understood?"""
        return self.refused is not None and "field" in self.refused.details

    @property
    def was_not_asked(self) -> bool:
        """Did the cinema say nothing about it, so that nobody may say it has none?"""
        return self.refused is not None and not self.is_unreadable


@dataclass(frozen=True, slots=True)
class Found:
    """What a text stands for; `read_as` is the other spelling it was found by."""

    tried: tuple[Tried, ...] = ()
    read_as: str = ""
    more: bool = False

    def within_reach(self, caller: Caller) -> Found:
        """What is there for a token: not the bookings it does not reach, and none of which that
        cannot be told."""
        scope = caller.scope
        if scope is None:
            return self
        reached = (
            one
            for one in self.tried
            if one.was_not_asked
            or (one.reading is not None and scope.covers(one.reading.booking, caller.operator))
        )
        return replace(self, tried=tuple(reached))

    @property
    def readings(self) -> list[Reading]:
        return [one.reading for one in self.tried if one.reading is not None]

    @property
    def rows(self) -> list[Tried]:
        """What there is to show: bookings, and those that cannot be read."""
        return [one for one in self.tried if one.reading is not None or one.is_unreadable]

    @property
    def unasked(self) -> tuple[str, ...]:
        """The cinemas that could not be asked, as people call them, each once."""
        names = (_called(one.cinema) for one in self.tried if one.was_not_asked)
        return tuple(dict.fromkeys(names))


def _called(cinema: Cinema) -> str:
    return f"{cinema.name} ({cinema.id})" if cinema.name else cinema.id


def refuse_if_all_failed(tried: Sequence[Tried]) -> None:
    """Where nobody could be asked there is nothing to show: say why."""
    if tried and all(one.was_not_asked for one in tried):
        refused = tried[0].refused
        assert refused is not None
        raise refused


TWINS = str.maketrans("O0I1", "0O1I")
"""Letters and digits that are taken for one another on paper."""
_LIKE_AN_ID = 7


def twin(booking_id: str) -> str:
    """The other spelling of what looks like a booking's id; empty where there is none to try."""
    other = booking_id.translate(TWINS)
    looks_like_one = len(booking_id) == _LIKE_AN_ID or any(map(str.isdigit, booking_id))
    return other if other != booking_id and looks_like_one else ""


def the_one(found: Found, text: str) -> Reading:
    """The one reading of exactly this name: never one that was guessed, nor one by a number that a
    cinema which could not be asked may have too. Raises Refused."""
    called, unasked = mask_card_numbers(text), ", ".join(found.unasked)
    readings = [] if found.read_as else found.readings
    keys = [reading.booking.key for reading in readings]
    names = [f"{key.site}:{key.booking_id}:{key.transaction_id}" for key in keys]
    if len(readings) > 1:
        raise Refused("booking-not-unique", text=called, bookings=names)
    for one in found.tried:
        if one.is_unreadable and one.refused is not None and not found.read_as:
            raise one.refused
    if unasked and readings and any("BookingNumber" in one.name for one in found.tried):
        raise Refused("booking-maybe-not-unique", text=called, bookings=names, cinemas=unasked)
    if unasked and not readings:
        raise Refused("cinema-unasked", text=called, cinemas=unasked)
    if not readings:
        raise Refused("booking-not-found", text=called)
    return readings[0]
