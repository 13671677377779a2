"""What was typed as what Connect can be asked for, and what its search answers.

Connect finds by booking, name, e-mail, phone or card, never by a part of a word; the form of what
was typed decides which is meant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_pascal

from backend_client.domain.booking import BookingKey
from backend_client.importing.connect_wire import Code
from backend_client.importing.refusal import wrong_from

_FULL_KEY = re.compile(r"([A-Za-z0-9_-]{1,20}):([A-Za-z0-9_-]{1,40}):([A-Za-z0-9_-]{1,40})")
_REFUND = re.compile(r"R-\d{1,18}", re.IGNORECASE | re.ASCII)
_INTERNAL = re.compile(r"#(\d{1,9})", re.ASCII)
_DIGITS = re.compile(r"\d{1,9}", re.ASCII)
_LAST_FOUR = re.compile(r"\d{4}", re.ASCII)
_BOOKING_ID = re.compile(r"[A-Z0-9_-]{3,40}", re.ASCII)
_PHONE = re.compile(r"\+?[\d ()./-]{6,20}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Typed:
    """What a text may mean; several may be said at once, the most exact is tried first."""

    key: BookingKey | None = None
    internal: int | None = None
    refund: str = ""
    booking_id: str = ""
    number: str = ""
    criteria: tuple[Mapping[str, object], ...] = field(default=())

    @property
    def name(self) -> dict[str, str]:
        """How Connect is asked for a booking called exactly this; empty where none can be."""
        if self.booking_id:
            return {"BookingId": self.booking_id}
        return {"BookingNumber": self.number} if self.number else {}


def typed(text: str) -> Typed:
    """Case never matters in a booking's id, and blanks around it are nobody's."""
    plain = " ".join(text.split())
    if found := _FULL_KEY.fullmatch(plain):
        return Typed(key=BookingKey(found[1], found[2].upper(), found[3]))
    if found := _INTERNAL.fullmatch(plain):
        return Typed(internal=int(found[1]))
    if _REFUND.fullmatch(plain):
        return Typed(refund=plain.upper())
    upper = plain.upper()
    return Typed(
        booking_id=upper if _BOOKING_ID.fullmatch(upper) and not _DIGITS.fullmatch(plain) else "",
        number=plain if _DIGITS.fullmatch(plain) else "",
        criteria=tuple(_criteria(plain)),
    )


def _criteria(plain: str) -> list[Mapping[str, object]]:
    if "@" in plain:
        return [{"Email": plain}]
    if _LAST_FOUR.fullmatch(plain):
        return [{"CardInfo": {"CardLast4Digits": plain}}]
    if _DIGITS.fullmatch(plain) and len(plain) < 6:
        return []
    if _PHONE.fullmatch(plain):
        return [{"Phone": re.sub(r"[ ()./-]", "", plain)}]
    first, _, last = plain.rpartition(" ")
    return [{"FirstName": first, "LastName": last}] if first else [{"LastName": last}]


class _Wire(BaseModel):
    model_config = ConfigDict(
        extra="ignore", frozen=True, hide_input_in_errors=True, alias_generator=to_pascal
    )


class WireFound(_Wire):
    """A row of a search: only what names the booking is looked at, it is read anew."""

    booking_id: Code = ""
    vista_booking_id: Code = ""
    booking_number: Code = ""
    vista_booking_number: Code = ""

    @property
    def name(self) -> dict[str, str]:
        """How this booking is asked for; empty where the row names none."""
        booking_id = self.booking_id or self.vista_booking_id
        if booking_id:
            return {"BookingId": booking_id.upper()}
        number = self.booking_number or self.vista_booking_number
        return {"BookingNumber": number} if number else {}


def _rows(value: object) -> object:
    return [] if value is None else value


def _maybe(value: object) -> object:
    """Some systems only say that there is one."""
    return value if isinstance(value, dict) else None


class WireSearch(_Wire):
    single_booking_match: Annotated[WireFound | None, BeforeValidator(_maybe)] = None
    booking_search_results: Annotated[
        list[WireFound], BeforeValidator(_rows), Field(max_length=10_000)
    ] = Field(default_factory=list)


def found_by(document: bytes) -> list[dict[str, Any]]:
    """How each booking of a search is asked for, each once; raises `WrongBooking`."""
    try:
        answer = WireSearch.model_validate_json(document)
    except ValidationError as error:
        raise wrong_from(error) from None
    single = [answer.single_booking_match] if answer.single_booking_match else []
    names: list[dict[str, Any]] = []
    for row in [*single, *answer.booking_search_results]:
        if row.name and row.name not in names:
            names.append(row.name)
    return names
